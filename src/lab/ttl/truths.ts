/** What the zones say about the names that clients ask for, over time. */

import type { Question } from '../../wire/record.ts';
import type { Zone } from '../../zone/zone.ts';
import { valueOf } from './answers.ts';
import { Truth } from './truth.ts';

export class Truths {
  readonly #questions = new Map<string, Question>();
  readonly #truths = new Map<string, Truth>();

  readonly #onNews: (question: Question, value: string, atMs: number) => void;

  /** `onNews` is called when something else is true of a question than before. */
  constructor(
    questions: readonly Question[],
    onNews: (question: Question, value: string, atMs: number) => void = () => undefined,
  ) {
    this.#onNews = onNews;
    for (const question of questions) this.#questions.set(keyOf(question), question);
  }

  /** From now on the zone says this. Names below a cut, or behind an alias, are not followed. */
  learn(zone: Zone, nowMs: number): void {
    for (const [key, question] of this.#questions) {
      const { name, type } = question;
      if (!name.isSubdomainOf(zone.origin)) continue;
      const found = zone.find(name, type);
      if (found.kind === 'referral' || found.kind === 'cname' || found.kind === 'dname') continue;
      const rrset = zone.rrset(name, type);
      const value = rrset && valueOf(type, rrset.rdatas);
      const said = value ?? (found.kind === 'nxdomain' ? 'NXDOMAIN' : 'NODATA');
      if (this.#truthOf(key).set(said, nowMs)) this.#onNews(question, said, nowMs);
    }
  }

  /** For how long the answer has been untrue; 0 when it is true, or nobody knows. */
  staleMs(question: Question, value: string, nowMs: number): number {
    return Math.max(0, this.#truths.get(keyOf(question))?.staleMs(value, nowMs) ?? 0);
  }

  /** Undefined where no zone knows. */
  current(question: Question): string | undefined {
    return this.#truths.get(keyOf(question))?.current;
  }

  #truthOf(key: string): Truth {
    const truth = this.#truths.get(key) ?? new Truth();
    this.#truths.set(key, truth);
    return truth;
  }
}

function keyOf({ name, type }: Question): string {
  return `${type} ${name.key}`;
}

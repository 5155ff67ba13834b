/**
 * Which scripted reply a query gets at a step of a scenario. The dialects differ:
 *
 * testbound  the current step is the one to come; ranges count from the last in the file to the
 *            first, and when none of a range's entries matches, the next range is tried;
 * Deckard    the current step is the one just done; the first range in the file that is eligible
 *            decides alone; where none is, `REPLY` steps to come answer, each once.
 */

import type { Message } from '../../wire/message.ts';
import { findDifference, type CompareContext } from './compare.ts';
import type { Entry, Range, Scenario, Step } from './scenario.ts';
import type { Transport } from './stage.ts';

export interface Asked {
  readonly message: Message;
  /** Of the server. */
  readonly address: string;
  readonly transport: Transport;
}

export class Script {
  readonly #scenario: Scenario;
  readonly #usedReplies = new Set<Step>();
  /** The step to come. */
  #at = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  get step(): Step | undefined {
    return this.#scenario.steps[this.#at];
  }

  advance(): void {
    this.#at++;
  }

  /**
   * How often a question is tried is the resolver's own affair: when failures come one upon another
   * and it has gone on to what stands behind them, those that are left mean nothing.
   */
  skipFurtherFailures(isNext: (step: Step) => boolean): void {
    const { steps } = this.#scenario;
    const kind = this.step?.kind;
    const isFailure = kind === 'timeout' || kind === 'error';
    if (!isFailure || steps[this.#at - 1]?.kind !== kind) return;
    const next = steps.findIndex((step, at) => at > this.#at && step.kind !== kind);
    if (next >= 0 && isNext(steps[next]!)) this.#at = next;
  }

  /** The steps to come before the client is asked for what it got, that one not included. */
  get stepsUntilCheck(): readonly Step[] {
    const ahead = this.#scenario.steps.slice(this.#at);
    const end = ahead.findIndex(({ kind }) => kind === 'check answer');
    return end < 0 ? ahead : ahead.slice(0, end);
  }

  /** The entry that answers, if one does. */
  find(asked: Asked): Entry | undefined {
    const { ranges, dialect } = this.#scenario;
    const eligible = ranges.filter((range) => this.#isEligible(range, asked.address));
    if (dialect === 'testbound') {
      for (const { entries } of eligible.toReversed()) {
        const entry = this.#firstMatch(entries, asked);
        if (entry) return entry;
      }
      return undefined;
    }
    const [range] = eligible;
    return range ? this.#firstMatch(range.entries, asked) : this.#takeReply(asked);
  }

  matches(entry: Entry, asked: Asked): boolean {
    const context: CompareContext = {
      dialect: this.#scenario.dialect,
      transport: asked.transport,
      isStrict: false,
      ttlToleranceSeconds: 0,
    };
    return findDifference(asked.message, entry, context) === undefined;
  }

  #firstMatch(entries: readonly Entry[], asked: Asked): Entry | undefined {
    return entries.find((entry) => this.matches(entry, asked));
  }

  #isEligible({ first, last, addresses }: Range, address: string): boolean {
    const id = this.#stepId;
    const isInTime = id >= first && id <= last;
    return isInTime && (addresses.length === 0 || addresses.includes(address));
  }

  get #stepId(): number {
    const { steps, dialect } = this.#scenario;
    const current = dialect === 'testbound' ? this.#at : Math.max(0, this.#at - 1);
    return (steps[current] ?? steps.at(-1))?.id ?? 0;
  }

  #takeReply(asked: Asked): Entry | undefined {
    for (const step of this.#scenario.steps.slice(Math.max(0, this.#at - 1))) {
      if (step.kind !== 'reply' || this.#usedReplies.has(step)) continue;
      if (!this.matches(step.entry, asked)) continue;
      this.#usedReplies.add(step);
      return step.entry;
    }
    return undefined;
  }
}

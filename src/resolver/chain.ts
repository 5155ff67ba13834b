/**
 * The answer to a client's question, put together from lookups: the aliases in order, each followed
 * by what its target has (RFC 1034 §3.6.2). Every target is a lookup of its own, so nothing that a
 * zone says about another zone's names is believed.
 */

import { Rcode } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { Question, RRset } from '../wire/record.ts';
import { exhausted, unanswered, type Failure, type LookupResult, type Remarks } from './result.ts';

/** A finished resolution. */
export type Resolution =
  | {
      readonly kind: 'resolved';
      readonly rcode: number;
      readonly answers: readonly RRset[];
      /** The SOA of a negative answer. */
      readonly authorities: readonly RRset[];
      /** Of all parts; `isLocal` of the first one (RFC 1035 §4.1.1). */
      readonly remarks: Remarks;
      /** When a client is to get through to us, so that what it wants is refreshed. */
      readonly dueAtMs?: number;
    }
  | Failure;

export class AnswerChain {
  readonly #aliasLimit: number;
  /** Of the aliases so far. */
  readonly #answers: RRset[] = [];
  /** Names on the way, once there is an alias: most chains have none. */
  #visited: Set<string> | undefined;
  #question: Question;
  #aliases = 0;
  #remarks: Remarks | undefined;

  constructor(question: Question, aliasLimit: number) {
    this.#question = question;
    this.#aliasLimit = aliasLimit;
  }

  /** What to look up next. */
  get question(): Question {
    return this.#question;
  }

  /** Takes what the lookup of `question` came to. Undefined: look up the new `question`. */
  add(result: LookupResult): Resolution | undefined {
    if (result.kind === 'failure') return result;
    this.#remarks = combine(this.#remarks, result.remarks);
    for (const alias of result.aliases) {
      // All that its owner says of the name: there is nothing else to look up.
      if (alias.target.equals(alias.name)) return this.#finish(Rcode.NOERROR, alias.rrsets);
      const problem = this.#follow(alias.target);
      if (problem) return problem;
      this.#answers.push(...alias.rrsets);
    }
    const { end } = result;
    switch (end.kind) {
      case 'data':
        return this.#finish(Rcode.NOERROR, end.rrsets);
      case 'overflow':
        return this.#finish(Rcode.YXDOMAIN, end.rrsets);
      case 'negative':
        return { ...this.#finish(end.rcode, []), authorities: end.soa ? [end.soa] : [] };
      case 'open':
        return result.aliases.length > 0 ? undefined : unanswered('the answer was empty');
    }
  }

  #follow(target: DnsName): Failure | undefined {
    this.#visited ??= new Set([this.#question.name.key]);
    if (this.#visited.has(target.key)) return unanswered('the aliases lead back to themselves');
    this.#aliases++;
    if (this.#aliases > this.#aliasLimit) {
      return exhausted(`gave up after ${this.#aliasLimit} aliases`);
    }
    this.#visited.add(target.key);
    this.#question = { ...this.#question, name: target };
    return undefined;
  }

  #finish(rcode: number, last: readonly RRset[]): Resolution & { readonly kind: 'resolved' } {
    const answers = this.#answers.length === 0 ? last : [...this.#answers, ...last];
    return { kind: 'resolved', rcode, answers, authorities: [], remarks: this.#remarks! };
  }
}

const NO_REMARKS: Remarks = {};

function combine(first: Remarks | undefined, next: Remarks = NO_REMARKS): Remarks {
  if (!first || next === NO_REMARKS) return first ?? next;
  const { isLocal = false } = first;
  const extendedErrors = [...(first.extendedErrors ?? []), ...(next.extendedErrors ?? [])];
  return { isLocal, isDenied: next.isDenied === true, extendedErrors };
}

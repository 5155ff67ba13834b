/**
 * Who answers a query: our zones first, then the resolver for those who may use it, else nobody.
 *
 *     AXFR, IXFR ─────────────────────────────────────────────► a transfer, for who may
 *     in one of our zones ─── whole ──────────────────────────► that answer
 *           │                   └─ an alias leads outside ────► finished by the resolver
 *           │                   └─ below a zone cut of ours ──► the resolver, else the referral
 *     elsewhere ── recursion allowed ─────────────────────────► the resolver
 *           └──── not allowed ────────────────────────────────► REFUSED
 */

import { answerFromZones, type AnswerPolicy, type ZoneAnswer } from '../authority/answer.ts';
import { isTransfer } from '../authority/transfer-messages.ts';
import type { ZoneSet } from '../authority/zone-set.ts';
import { emptyAnswer, type Answer, type Answerer, type Query } from '../query/query.ts';
import type { Story } from '../query/story.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { ExtendedError, Rcode } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';

/** Which ANY queries get everything (RFC 8482): over UDP the source address may be forged. */
export type AnyPolicy = 'full' | 'minimal' | 'minimal-udp';

export interface Routes {
  readonly zones: ZoneSet;
  readonly any?: AnyPolicy;
  readonly isMinimal?: boolean;
  readonly recursion?: RecursionRoute;
  /** Answers AXFR and IXFR. Absent: nobody may. */
  readonly transfer?: (query: Query) => Answer | Promise<Answer>;
}

export interface RecursionRoute {
  readonly resolver: Resolver;
}

export function route(routes: Routes): Answerer {
  const { zones, recursion } = routes;
  return (query, signal) => {
    if (isTransfer(query.question.type)) return routes.transfer?.(query) ?? noTransfer;
    const local = answerFromZones(zones, query.question, policyFor(routes, query));
    // An open resolver is a weapon in strangers' hands.
    const isAllowed = recursion !== undefined && query.access === 'recurse';
    if (!isAllowed) return local?.answer ?? refuse(recursion !== undefined, query.story);
    if (!local) return recursion.resolver.answer(query, signal);
    const { continuation } = local;
    if (!continuation || !query.message.rd) return local.answer;
    const next = questionFor(query, continuation.target);
    const rest = recursion.resolver.answer(next, signal);
    return rest instanceof Promise ? rest.then((tail) => join(local, tail)) : join(local, rest);
  };
}

const noTransfer = emptyAnswer(Rcode.REFUSED, [
  { code: ExtendedError.NOT_SUPPORTED, text: 'zone transfers are not offered' },
]);

function policyFor(
  { any = 'minimal-udp', isMinimal = true }: Routes,
  { transport, message, story }: Query,
): AnswerPolicy {
  const isFull = any === 'full' || (any === 'minimal-udp' && transport === 'tcp');
  const dnssecOk = message.edns?.dnssecOk === true;
  return { any: isFull ? 'all' : 'one', isMinimal, dnssecOk, story };
}

function refuse(isRecursive: boolean, story: Story | undefined): Answer {
  const text = isRecursive
    ? 'recursion is not offered to this address'
    : 'no zone of this server encloses the name';
  story?.tell({ kind: 'refused', why: text });
  const code = isRecursive ? ExtendedError.PROHIBITED : ExtendedError.NOT_AUTHORITATIVE;
  return { ...emptyAnswer(Rcode.REFUSED, [{ code, text }]), repeatableUntilMs: Infinity };
}

/** The same query about the name where our zones end. */
function questionFor(query: Query, target: DnsName): Query {
  return { ...query, question: { ...query.question, name: target } };
}

/** Our part of a chain of aliases, then what the resolver found at its end. */
function join(local: ZoneAnswer, tail: Answer): Answer {
  return {
    ...tail,
    // RFC 1035 §4.1.1: AA speaks of the first owner name of the answer.
    authoritative: local.answer.answers.length > 0,
    answers: [...local.answer.answers, ...tail.answers],
  };
}

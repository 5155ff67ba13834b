/**
 * Answers out of the zones that we serve: RFC 1034 §4.3.2 around the one-step look-up of `zone`.
 * Here aliases are followed as far as our zones reach, additional addresses collected, and rcodes
 * and AA decided. Nothing here waits for anything.
 */

import { RRType, Rcode } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { Question, RRset } from '../wire/record.ts';
import type { Found, FoundReferral } from '../zone/lookup.ts';
import type { Zone } from '../zone/zone.ts';
import type { Answer } from '../query/query.ts';
import type { Story } from '../query/story.ts';
import { additionalFor } from './additional.ts';
import { withheldAnswer } from './withheld.ts';
import { zoneStep } from './zone-step.ts';
import type { ZoneSet } from './zone-set.ts';

const authorityLimits = {
  /** Aliases followed inside our zones; a longer chain is the client's to follow, or a loop. */
  aliases: 16,
} as const;

/** How much an answer says beyond what was asked. */
export interface AnswerPolicy {
  /** To ANY: one RRset of the name (RFC 8482 §4.1), or all of them. */
  readonly any: 'one' | 'all';
  /** Whether a positive answer comes without the zone's name servers and their addresses. */
  readonly isMinimal: boolean;
  /** DO was set: a signed zone refers with the DS of the cut (RFC 4035 §3.1). Default false. */
  readonly dnssecOk?: boolean;
  /** Who wants to know how the answer came about. */
  readonly story?: Story | undefined;
}

const defaultPolicy: AnswerPolicy = { any: 'all', isMinimal: true };

export interface ZoneAnswer {
  readonly answer: Answer;
  /**
   * Where our zones end: the alias target or delegated name that a resolver has to take up to
   * finish the answer. Undefined when the answer is whole.
   */
  readonly continuation?: Continuation;
}

export type Continuation =
  /** The answers so far lead to a name outside our zones. */
  | { readonly kind: 'alias'; readonly target: DnsName }
  /** The answers so far, if any, lead to a name that we delegated. */
  | { readonly kind: 'referral'; readonly target: DnsName };

/** The answer, or undefined when the name lies in none of our zones. */
export function answerFromZones(
  zones: ZoneSet,
  question: Question,
  policy: AnswerPolicy = defaultPolicy,
): ZoneAnswer | undefined {
  if (zones.isEmpty) return undefined;
  const chain = new Chain(zones, question, policy);
  let name = question.name;
  for (let aliases = 0; ; aliases++) {
    const missing = zones.withheldFor(name);
    // At the end of a chain of aliases as well: what there is would be half an answer.
    if (missing) return { answer: withheldAnswer(missing) };
    const zone = zoneFor(zones, name, question.type);
    if (!zone) return aliases === 0 ? undefined : chain.leave(name);
    const found = zone.find(name, question.type);
    policy.story?.tell(zoneStep(zone, { ...question, name }, found));
    const target = chain.take(found);
    if (target === undefined) return chain.finish(found, name, zone);
    if (aliases === authorityLimits.aliases || !chain.isNew(target)) return chain.stop();
    name = target;
  }
}

/**
 * A DS belongs to the parent's side of a cut (RFC 4035 §3.1.4.1): where we serve both sides, the
 * parent answers; at an apex whose parent we do not serve, the child says that it has none.
 */
function zoneFor(zones: ZoneSet, name: DnsName, type: number): Zone | undefined {
  const zone = zones.enclosing(name);
  const isApex = zone?.origin.equals(name) === true;
  if (type !== RRType.DS || !isApex || name.isRoot) return zone;
  return zones.enclosing(name.parent) ?? zone;
}

/** The answer being put together along a chain of aliases. */
class Chain {
  readonly #zones: ZoneSet;
  readonly #type: number;
  readonly #answers: RRset[] = [];
  readonly #visited: Set<string>;
  readonly #policy: AnswerPolicy;

  constructor(zones: ZoneSet, question: Question, policy: AnswerPolicy) {
    this.#zones = zones;
    this.#type = question.type;
    this.#visited = new Set([question.name.key]);
    this.#policy = policy;
  }

  isNew(target: DnsName): boolean {
    if (this.#visited.has(target.key)) return false;
    this.#visited.add(target.key);
    return true;
  }

  /** Collects what was found; returns the name to go on with, if it was an alias. */
  take(found: Found): DnsName | undefined {
    switch (found.kind) {
      case 'answer':
        this.#add(...this.#chosen(found.rrsets));
        return undefined;
      case 'cname':
        this.#answers.push(found.rrset);
        return found.target;
      case 'dname':
        this.#add(found.rrset, found.cname);
        // The synthesised CNAME is what was asked, as a CNAME of the zone would be.
        return this.#type === RRType.CNAME ? undefined : found.target;
      case 'dname too long':
        this.#add(found.rrset);
        return undefined;
      case 'referral':
      case 'nodata':
      case 'nxdomain':
        return undefined;
    }
  }

  finish(found: Found, name: DnsName, zone: Zone): ZoneAnswer {
    switch (found.kind) {
      case 'answer':
        return { answer: this.#positive(zone) };
      case 'referral':
        return this.#refer(found, name, zone);
      case 'nodata':
        return { answer: this.#answer({ authorities: [found.negativeSoa] }) };
      case 'nxdomain': {
        // RFC 6604 §3: the rcode is that of the last name of the chain.
        const authorities = [found.negativeSoa];
        return { answer: this.#answer({ rcode: Rcode.NXDOMAIN, authorities }) };
      }
      case 'dname too long':
        return { answer: this.#answer({ rcode: Rcode.YXDOMAIN }) };
      case 'cname':
      case 'dname':
        return this.stop();
    }
  }

  /** The chain leaves our zones. */
  leave(target: DnsName): ZoneAnswer {
    return { answer: this.#answer({}), continuation: { kind: 'alias', target } };
  }

  /** The chain is a loop or too long: what there is, is the answer. */
  stop(): ZoneAnswer {
    return { answer: this.#answer({}) };
  }

  /** RFC 2181 §5: no record twice, though a chain may pass the same DNAME again and again. */
  #add(...rrsets: readonly RRset[]): void {
    const isThere = ({ name, type }: RRset): boolean =>
      this.#answers.some((other) => other.type === type && other.name.equals(name));
    this.#answers.push(...rrsets.filter((rrset) => !isThere(rrset)));
  }

  /** All RRsets, unless one is enough for ANY: a small one, since size is what abusers want. */
  #chosen(rrsets: readonly RRset[]): readonly RRset[] {
    if (rrsets.length === 1 || this.#policy.any === 'all') return rrsets;
    const octets = ({ rdatas }: RRset): number =>
      rdatas.reduce((sum, { length }) => sum + length, 0);
    return [rrsets.reduce((best, rrset) => (octets(rrset) < octets(best) ? rrset : best))];
  }

  #positive(zone: Zone): Answer {
    const ns = this.#policy.isMinimal ? undefined : zone.rrset(zone.origin, RRType.NS);
    const isAnswered = this.#answers.some(
      ({ name, type }) => type === RRType.NS && name.equals(zone.origin),
    );
    const authorities = ns && !isAnswered ? [ns] : [];
    const additionals = additionalFor(this.#zones, [...this.#answers, ...authorities]);
    return this.#answer({ authorities, additionals });
  }

  #refer(found: FoundReferral, target: DnsName, zone: Zone): ZoneAnswer {
    const isSecure = this.#policy.dnssecOk === true && isSigned(zone);
    const ds = isSecure ? found.ds : undefined;
    const answer = this.#answer({
      // RFC 1034 §4.3.2 step 3b: not authoritative, unless an alias of ours led here.
      authoritative: this.#answers.length > 0,
      authorities: ds ? [found.ns, ds] : [found.ns],
      additionals: [...found.glue, ...found.siblingGlue],
      requiredAdditionals: found.glue.length,
    });
    return { answer, continuation: { kind: 'referral', target } };
  }

  #answer(parts: Partial<Answer>): Answer {
    return {
      rcode: Rcode.NOERROR,
      authoritative: true,
      answers: this.#answers,
      authorities: [],
      additionals: [],
      repeatableUntilMs: Infinity,
      ...parts,
    };
  }
}

/** In a zone without keys a DS proves nothing, so it goes to nobody who did not ask for it. */
function isSigned(zone: Zone): boolean {
  return zone.rrset(zone.origin, RRType.DNSKEY) !== undefined;
}

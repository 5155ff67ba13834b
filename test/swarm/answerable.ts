/**
 * Whether a question must be answered: there is a way through honest servers, and the time that the
 * useless ones beside them may cost is within what a client query has. An underestimate on purpose:
 * what is not due may still be answered, and then rightly.
 */
import type { Fault, Plan, ZonePlan } from './plan.ts';
import { zoneOf, type Truth } from './truth.ts';
import { RRType } from '../../src/wire/iana.ts';

/** Round trips that a server of this kind costs before its answer, or before the next is asked. */
const ROUND_TRIPS: Readonly<Record<Fault, number>> = {
  none: 1,
  slow: 1,
  truncating: 3,
  'no EDNS': 2,
  'case-changing': 4,
  twice: 1,
  noisy: 1,
  lying: 1,
  'wrong id first': 3,
  silent: 0,
  lame: 1,
  failing: 1,
  empty: 1,
};
const WAITS_MS: Partial<Readonly<Record<Fault, number>>> = { silent: 400, slow: 260 };
const USELESS: readonly Fault[] = ['silent', 'lame', 'failing', 'empty'];

/** Of the six seconds of a query, with room for what is not foreseen here. */
const TIME_MS = 4000;
/** A part of the name is asked for first, and then the whole. */
const QUESTIONS_PER_ZONE = 3;
/** Name servers in other zones whose name servers are in other zones … */
const GLUELESS_DEPTH = 2;

export function isAnswerable(plan: Plan, truth: Truth): boolean {
  if (truth.rcode === undefined || plan.loss > 0) return false;
  let costMs = 0;
  for (const zone of new Set(truth.zones.flatMap(withAncestors))) {
    const zoneMs = costOf(plan, zone, 0);
    if (zoneMs === undefined) return false;
    costMs += zoneMs * QUESTIONS_PER_ZONE;
  }
  return costMs <= TIME_MS;
}

function withAncestors(zone: ZonePlan): readonly ZonePlan[] {
  return zone.parent ? [...withAncestors(zone.parent), zone] : [zone];
}

/** Undefined when none of its servers is sure to help. */
function costOf(plan: Plan, zone: ZonePlan, depth: number): number | undefined {
  const { servers, apex } = zone;
  if (depth > GLUELESS_DEPTH) return undefined;
  let costMs = 0;
  let isServed = false;
  for (const { name, fault } of servers) {
    const roundTripMs = 2 * (plan.delayMs + plan.jitterMs);
    costMs += ROUND_TRIPS[fault] * roundTripMs + (WAITS_MS[fault] ?? 0);
    const isUseless = USELESS.includes(fault) || (plan.forgeries > 0 && fault === 'silent');
    if (name.isSubdomainOf(apex)) {
      if (!isUseless) isServed = true;
      continue;
    }
    // Its address has to be found out; a circle is no way.
    const home = withAncestors(zoneOf(plan, name, RRType.A));
    if (home.includes(zone)) return undefined;
    const homeMs = home.map((one) => costOf(plan, one, depth + 1));
    if (homeMs.includes(undefined)) continue;
    costMs += homeMs.reduce<number>((sum, ms) => sum + ms!, 0) * QUESTIONS_PER_ZONE;
    if (!isUseless) isServed = true;
  }
  return isServed ? costMs : undefined;
}

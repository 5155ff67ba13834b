/**
 * What the resolver tells of itself (`query/story.ts`): how its values read as steps. Called only
 * when somebody wants to know.
 */

import type { Delegation, NameServer } from '../cache/delegation-cache.ts';
import { secondsLeft } from '../cache/ttl.ts';
import { bytesToAddress } from '../net/address.ts';
import type { Clock } from '../net/ports.ts';
import { questionText, type Step } from '../query/step.ts';
import type { Story } from '../query/story.ts';
import { Rcode, rcodeText } from '../wire/iana.ts';
import type { Question, RRset } from '../wire/record.ts';
import type { Core } from './core.ts';
import type { Referral } from './referral.ts';
import type { Found, LookupResult } from './result.ts';

const stepLimits = {
  /** Of one reply, things discarded that are told one by one: the rest is a number. */
  discards: 8,
} as const;

/** What was known about a question without asking anybody. */
export function knownStep(asked: Question, known: LookupResult): Step {
  const question = questionText(asked);
  if (known.kind === 'failure') return { kind: 'cache hit', question, found: known.text };
  const found = foundText(known);
  const { localZone, isDenied } = known.remarks ?? {};
  if (localZone) {
    const { name, kind: rule, isBuiltIn: isSpecialUse } = localZone;
    const said = isDenied === true ? 'no reply' : found;
    const zone = name.toString();
    return { kind: 'local zone', zone, rule, isSpecialUse, question, found: said };
  }
  const ttls = rrsetsOf(known).map((rrset) => rrset.ttl);
  return { kind: 'cache hit', question, found, ...(ttls.length > 0 && { ttl: Math.min(...ttls) }) };
}

function foundText({ aliases: [alias], end }: Found): string {
  if (alias) return `alias of ${alias.target.toString()}`;
  return end.kind === 'negative' ? negativeText(end.rcode) : rcodeText(Rcode.NOERROR);
}

/** Those that the first part of an answer is made of. */
function rrsetsOf({ aliases: [alias], end }: Found): readonly RRset[] {
  if (alias) return alias.rrsets;
  if (end.kind === 'negative') return end.soa ? [end.soa] : [];
  return 'rrsets' in end ? end.rrsets : [];
}

export function negativeText(rcode: number): string {
  return rcode === Rcode.NOERROR ? 'NODATA' : rcodeText(rcode);
}

export function startStep({ zone, expiresAtMs }: Delegation, clock: Clock): Step {
  const ttl = expiresAtMs === Infinity ? {} : { ttl: secondsLeft(expiresAtMs, clock.monotonic()) };
  return { kind: 'start', zone: zone.toString(), ...ttl };
}

/** The aliases that a result leads along. */
export function aliasSteps(result: LookupResult): readonly Step[] {
  if (result.kind === 'failure') return [];
  return result.aliases.map(({ name, target }) => {
    return { kind: 'alias', name: name.toString(), target: target.toString() };
  });
}

/** What of a referral is not used: names beyond the limit, and addresses that must not be asked. */
export function tellDiscardedServers(
  story: Story,
  { limits, mayAsk }: Core,
  {
    referral,
    nameServers,
  }: {
    readonly referral: Referral;
    readonly nameServers: readonly NameServer[];
  },
): void {
  const discards: Step[] = [];
  const zone = referral.zone.toString();
  const left = referral.nameServers.length - nameServers.length;
  if (left > 0) {
    const rule = `no more than ${limits.nameServers} of a delegation are used`;
    discards.push(discard(`${left} name servers of ${zone}`, rule));
  }
  for (const { name, glue } of referral.nameServers) {
    for (const octets of glue) {
      if (mayAsk(octets) !== undefined) continue;
      const what = `address ${bytesToAddress(octets)} of ${name.toString()}`;
      discards.push(discard(what, 'it must not be asked'));
    }
    const more = glue.length - limits.addressesPerName;
    if (more > 0) {
      const rule = `no more than ${limits.addressesPerName} of a name are used`;
      discards.push(discard(`${more} addresses of ${name.toString()}`, rule));
    }
  }
  tellSome(story, discards);
}

/** The first few of what was discarded, and how many more. */
export function tellSome(story: Story, discards: readonly Step[]): void {
  for (const step of discards.slice(0, stepLimits.discards)) story.tell(step);
  const more = discards.length - stepLimits.discards;
  if (more > 0) story.tell(discard(`${more} more`, 'for such reasons'));
}

export function discard(what: string, rule: string): Step {
  return { kind: 'discarded', what, rule };
}

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
import type { Question } from '../wire/record.ts';
import type { Core } from './core.ts';
import type { Referral } from './referral.ts';
import type { LookupResult } from './result.ts';

const stepLimits = {
  /** Of one reply, things discarded that are told one by one: the rest is a number. */
  discards: 8,
} as const;

/** What the cache knew about a question. */
export function hitStep(asked: Question, known: LookupResult): Step {
  const question = questionText(asked);
  if (known.kind === 'failure') return { kind: 'cache hit', question, found: known.text };
  const { aliases, end } = known;
  const alias = aliases[0];
  if (alias) {
    const ttl = Math.min(...alias.rrsets.map((rrset) => rrset.ttl));
    return { kind: 'cache hit', question, found: `alias of ${alias.target.toString()}`, ttl };
  }
  const rrsets = 'rrsets' in end ? end.rrsets : [];
  const soa = end.kind === 'negative' ? end.soa : undefined;
  const ttls = [...rrsets, ...(soa ? [soa] : [])].map((rrset) => rrset.ttl);
  const found = end.kind === 'negative' ? negativeText(end.rcode) : rcodeText(Rcode.NOERROR);
  return { kind: 'cache hit', question, found, ...(ttls.length > 0 && { ttl: Math.min(...ttls) }) };
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

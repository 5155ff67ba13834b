/** What differs between two versions of a zone, record by record. */

import { equalBytes, recordsOf, type ResourceRecord, type RRset } from '../wire/record.ts';
import { RRType } from '../wire/iana.ts';
import { canonicalRdata } from './canonical-rdata.ts';
import type { ZoneDifference } from './difference.ts';
import type { Zone } from './zone.ts';

/** RRsets that are looked at between two turns of `pause`: a few milliseconds. */
const STRIDE = 2000;

/**
 * What leads from `before` to `after`. Undefined where there are more than `mostRecords` to take
 * away or to add. `pause` lets others have their turn.
 */
export async function compareZones(
  before: Zone,
  after: Zone,
  options: { readonly mostRecords: number; readonly pause: () => Promise<void> },
): Promise<ZoneDifference | undefined> {
  const deleted: ResourceRecord[] = [];
  const added: ResourceRecord[] = [];
  let seen = 0;
  for (const [zone, other, gone, come] of [
    [before, after, deleted, added],
    [after, before, added, undefined],
  ] as const) {
    for (const rrset of zone.rrsets()) {
      if (++seen % STRIDE === 0) await options.pause();
      if (rrset.type === RRType.SOA) continue;
      const match = other.rrset(rrset.name, rrset.type);
      if (!match) gone.push(...recordsOf(rrset));
      else if (come) compareSets(rrset, match, { gone, come });
      if (deleted.length + added.length > options.mostRecords) return undefined;
    }
  }
  return { from: soaOf(before), to: soaOf(after), deleted, added };
}

export function soaOf(zone: Zone): ResourceRecord {
  return recordsOf(zone.soa)[0]!;
}

/** Adds what leads from one RRset to another; records of another TTL are others altogether. */
export function compareSets(
  before: RRset,
  after: RRset,
  { gone, come }: { readonly gone: ResourceRecord[]; readonly come: ResourceRecord[] },
): void {
  if (before.ttl !== after.ttl) {
    gone.push(...recordsOf(before));
    come.push(...recordsOf(after));
    return;
  }
  if (isSameOctets(before, after)) return;
  const [left, right] = [keysOf(before), keysOf(after)];
  gone.push(...recordsOf(before).filter((_, i) => !right.set.has(left.keys[i]!)));
  come.push(...recordsOf(after).filter((_, i) => !left.set.has(right.keys[i]!)));
}

function isSameOctets({ rdatas }: RRset, { rdatas: others }: RRset): boolean {
  return rdatas.length === others.length && rdatas.every((one, i) => equalBytes(one, others[i]!));
}

function keysOf({ type, rdatas }: RRset): {
  readonly keys: readonly string[];
  readonly set: ReadonlySet<string>;
} {
  const keys = rdatas.map((rdata) => Buffer.from(canonicalRdata(type, rdata)).toString('latin1'));
  return { keys, set: new Set(keys) };
}

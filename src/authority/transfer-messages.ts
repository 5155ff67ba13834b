/**
 * The records of a transfer, message by message. Of a zone (RFC 5936 §2.2): its SOA, all else, its
 * SOA again. Of differences (RFC 1995 §4): the newest SOA; of each, the SOA before, what went, the
 * SOA after, what came; the newest SOA again.
 */

import type { ResourceRecord, RRset } from '../wire/record.ts';
import { RRType } from '../wire/iana.ts';
import type { ZoneDifference } from '../zone/difference.ts';
import type { Zone } from '../zone/zone.ts';

const transferMessageLimits = {
  /**
   * Octets of the records of one message, uncompressed: a pointer reaches no further than 16 KiB
   * (RFC 1035 §4.1.4), so names in larger messages are not compressed any more.
   */
  octets: 16_000,
} as const;

export function* zoneRecords(zone: Zone): Generator<RRset> {
  yield* zone.rrsets();
  yield zone.soa;
}

/** At least one difference, from the oldest to the newest, each where the one before ends. */
export function* differenceRecords(differences: readonly ZoneDifference[]): Generator<RRset> {
  const newest = differences.at(-1)!.to;
  yield setOf([newest]);
  for (const { from, to, deleted, added } of differences) {
    yield setOf([from]);
    yield* runs(deleted);
    yield setOf([to]);
    yield* runs(added);
  }
  yield setOf([newest]);
}

/** In messages that are neither empty nor too large, but for a single record that is. */
export function* inMessages(rrsets: Iterable<RRset>): Generator<readonly RRset[]> {
  let part: RRset[] = [];
  let octets = 0;
  for (const rrset of rrsets) {
    const fixed = rrset.name.wire.length + 10;
    let rdatas: Uint8Array[] = [];
    for (const rdata of rrset.rdatas) {
      const size = fixed + rdata.length;
      if (octets + size > transferMessageLimits.octets && octets > 0) {
        if (rdatas.length > 0) part.push({ ...rrset, rdatas });
        yield part;
        [part, rdatas, octets] = [[], [], 0];
      }
      rdatas.push(rdata);
      octets += size;
    }
    if (rdatas.length > 0) part.push({ ...rrset, rdatas });
  }
  if (part.length > 0) yield part;
}

/** Octets of records that are not compressed: the most that they take. */
export function octetsOf(rrsets: Iterable<RRset>): number {
  let octets = 0;
  for (const { name, rdatas } of rrsets) {
    for (const rdata of rdatas) octets += name.wire.length + 10 + rdata.length;
  }
  return octets;
}

/** Neighbours of one owner, type and TTL together, in their order. */
function* runs(records: readonly ResourceRecord[]): Generator<RRset> {
  let run: ResourceRecord[] = [];
  for (const record of records) {
    const first = run[0];
    const continues =
      first?.type === record.type && first.ttl === record.ttl && first.name.equals(record.name);
    if (!continues && run.length > 0) {
      yield setOf(run);
      run = [];
    }
    run.push(record);
  }
  if (run.length > 0) yield setOf(run);
}

function setOf(records: readonly ResourceRecord[]): RRset {
  const { name, type, class: dnsClass, ttl } = records[0]!;
  return { name, type, class: dnsClass, ttl, rdatas: records.map(({ rdata }) => rdata) };
}

export function isTransfer(type: number): boolean {
  return type === RRType.AXFR || type === RRType.IXFR;
}

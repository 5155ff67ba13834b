/** The next version of a zone: some RRsets replaced, the serial one higher. */

import { RRType } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import { recordsOf, type ResourceRecord, type RRset } from '../../wire/record.ts';
import { printRecords } from '../../zone/print.ts';
import { loadZone, type Zone } from '../../zone/zone.ts';

/** `replacements`: each RRset instead of the one of its name and type, which may be absent. */
export function replaceRRsets(zone: Zone, replacements: readonly RRset[]): Zone {
  const replaced = new Set(replacements.map(keyOf));
  const kept = [...zone.rrsets()].filter((rrset) => !replaced.has(keyOf(rrset)));
  return zoneOfRecords(zone, [...kept, ...replacements].flatMap(recordsOf));
}

/** Every record of one RRset with another TTL; the zone as it is when there is none. */
export function withTtl(
  zone: Zone,
  { name, type }: { readonly name: DnsName; readonly type: number },
  ttl: number,
): Zone {
  const rrset = zone.rrset(name, type);
  return rrset ? replaceRRsets(zone, [{ ...rrset, ttl }]) : zone;
}

function keyOf({ name, type }: RRset): string {
  return `${type} ${name.key}`;
}

function zoneOfRecords(before: Zone, records: readonly ResourceRecord[]): Zone {
  const next = records.map((record) =>
    record.type === RRType.SOA ? { ...record, rdata: withNextSerial(record.rdata) } : record,
  );
  const text = `$ORIGIN ${before.origin.toString()}\n${printRecords(next, before.origin)}`;
  // Text made of a zone's own records is a zone, so a fault here is one of the replacement.
  const loaded = loadZone(new TextEncoder().encode(text), { file: 'the edited zone' });
  if (!loaded.ok) throw new ZoneEditError(loaded.error.map(({ message }) => message).join('; '));
  return loaded.value;
}

/** What would stand in the zone is no zone any more. */
export class ZoneEditError extends Error {
  override readonly name = 'ZoneEditError';
}

/** Serial, refresh, retry, expire, minimum: the last five 32-bit fields (RFC 1035 §3.3.13). */
function withNextSerial(soa: Uint8Array): Uint8Array {
  const next = new Uint8Array(soa);
  const view = new DataView(next.buffer);
  const at = next.length - 20;
  view.setUint32(at, (view.getUint32(at) + 1) >>> 0);
  return next;
}

/**
 * Dynamic updates (RFC 2136): what a message asks of a zone, judged and carried out on a draft, all
 * of it or nothing. Pure; who may ask is decided elsewhere.
 *
 *     prerequisites (§3.2) ─► form of the updates (§3.4.1) ─► updates (§3.4.2) ─► serial
 */

import { DnsClass, isMetaType, Rcode, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { isWellFormed } from '../wire/rdata/rdata.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { canonicalRdata } from './canonical-rdata.ts';
import { isNewer, nextSerial, serialOf, type ZoneDifference } from './difference.ts';
import { isConflict, isSingle } from './tree-builder.ts';
import { ZoneDraft } from './zone-draft.ts';
import type { Zone } from './zone.ts';

export const updateLimits = {
  /** Of one RRset: more would fit in no reply, and one that grows for ever is no data. */
  recordsPerRRset: 1000,
  /** Of one name. */
  typesPerName: 100,
} as const;

export interface ZoneUpdate {
  readonly prerequisites: readonly ResourceRecord[];
  readonly updates: readonly ResourceRecord[];
}

export type UpdateResult =
  /** Undefined: all was as it was asked for before. */
  | { readonly kind: 'done'; readonly difference: ZoneDifference | undefined }
  | { readonly kind: 'refused'; readonly rcode: number };

export function updateZone(zone: Zone, { prerequisites, updates }: ZoneUpdate): UpdateResult {
  const draft = new ZoneDraft(zone);
  const rcode = judgePrerequisites(draft, prerequisites) ?? judgeForm(zone, updates);
  if (rcode !== undefined) return { kind: 'refused', rcode };
  for (const record of updates) {
    if (!carryOut(draft, record)) return { kind: 'refused', rcode: Rcode.REFUSED };
  }
  const difference = draft.difference();
  if (!difference || isNewer(serialOf(difference.to), zone.serial)) {
    return { kind: 'done', difference };
  }
  return { kind: 'done', difference: { ...difference, to: withNextSerial(difference.to) } };
}

/** RFC 2136 §3.2. */
function judgePrerequisites(
  draft: ZoneDraft,
  prerequisites: readonly ResourceRecord[],
): number | undefined {
  const wanted = new Map<string, ResourceRecord[]>();
  for (const record of prerequisites) {
    const { name, type, class: dnsClass, ttl } = record;
    if (ttl !== 0) return Rcode.FORMERR;
    if (!name.isSubdomainOf(draft.zone.origin)) return Rcode.NOTZONE;
    if (dnsClass === DnsClass.IN) {
      if (isMetaType(type)) return Rcode.FORMERR;
      const key = `${type}/${name.key}`;
      wanted.set(key, [...(wanted.get(key) ?? []), record]);
    } else {
      const rcode = judgePresence(draft, record);
      if (rcode !== undefined) return rcode;
    }
  }
  for (const records of wanted.values()) {
    const { name, type } = records[0]!;
    const rrset = draft.rrset(name, type);
    if (!rrset || !isSameSet(rrset, records)) return Rcode.NXRRSET;
  }
  return undefined;
}

/** Class ANY: it must be there; NONE: it must not. */
function judgePresence(
  draft: ZoneDraft,
  { name, type, class: dnsClass, rdata }: ResourceRecord,
): number | undefined {
  const isOfForm = dnsClass === DnsClass.ANY || dnsClass === DnsClass.NONE;
  if (!isOfForm || rdata.length > 0) return Rcode.FORMERR;
  if (type !== RRType.ANY && isMetaType(type)) return Rcode.FORMERR;
  const isWanted = dnsClass === DnsClass.ANY;
  if (type === RRType.ANY) {
    const isInUse = draft.rrsetsOf(name).length > 0;
    if (isInUse === isWanted) return undefined;
    return isWanted ? Rcode.NXDOMAIN : Rcode.YXDOMAIN;
  }
  const isThere = draft.rrset(name, type) !== undefined;
  if (isThere === isWanted) return undefined;
  return isWanted ? Rcode.NXRRSET : Rcode.YXRRSET;
}

function isSameSet({ type, rdatas }: RRset, records: readonly ResourceRecord[]): boolean {
  const keyOf = (rdata: Uint8Array): string => canonicalRdata(type, rdata).join();
  const wanted = new Set(records.map(({ rdata }) => keyOf(rdata)));
  return wanted.size === rdatas.length && rdatas.every((rdata) => wanted.has(keyOf(rdata)));
}

/** RFC 2136 §3.4.1: before anything is done. */
function judgeForm(zone: Zone, updates: readonly ResourceRecord[]): number | undefined {
  for (const { name, type, class: dnsClass, ttl, rdata } of updates) {
    if (!name.isSubdomainOf(zone.origin)) return Rcode.NOTZONE;
    const isData = !isMetaType(type);
    let isOfForm = false;
    if (dnsClass === DnsClass.IN) isOfForm = isData && isWellFormed(type, rdata);
    else if (dnsClass === DnsClass.NONE) isOfForm = isData && ttl === 0;
    else if (dnsClass === DnsClass.ANY) {
      isOfForm = (isData || type === RRType.ANY) && ttl === 0 && rdata.length === 0;
    }
    if (!isOfForm) return Rcode.FORMERR;
  }
  return undefined;
}

/** RFC 2136 §3.4.2; what must not be is passed over. False when a limit is reached. */
function carryOut(draft: ZoneDraft, record: ResourceRecord): boolean {
  switch (record.class) {
    case DnsClass.IN:
      return add(draft, record);
    case DnsClass.ANY:
      deleteSets(draft, record);
      return true;
    default:
      deleteRecord(draft, record);
      return true;
  }
}

function add(draft: ZoneDraft, record: ResourceRecord): boolean {
  const { name, type, ttl, rdata } = record;
  const own = draft.rrset(name, type);
  if (type === RRType.SOA) {
    // There is one, at the apex, and it only goes forward.
    if (!own || !isNewer(serialOf(record), serialOf({ rdata: own.rdatas[0]! }))) return true;
  }
  const others = draft.rrsetsOf(name).filter((other) => other.type !== type);
  if (others.some((other) => isConflict(type, other.type))) return true;
  if (!own && others.length >= updateLimits.typesPerName) return false;
  const key = canonicalRdata(type, rdata).join();
  const kept =
    own && !isSingle(type)
      ? own.rdatas.filter((one) => canonicalRdata(type, one).join() !== key)
      : [];
  // RFC 2181 §5.2: one TTL for all of an RRset, and the newest is meant.
  draft.put({ name: own?.name ?? name, type, class: DnsClass.IN, ttl, rdatas: [...kept, rdata] });
  return kept.length < updateLimits.recordsPerRRset;
}

function deleteSets(draft: ZoneDraft, { name, type }: ResourceRecord): void {
  const isApex = name.equals(draft.zone.origin);
  for (const rrset of draft.rrsetsOf(name)) {
    if (type !== RRType.ANY && rrset.type !== type) continue;
    // A zone without SOA or NS is none.
    if (isApex && (rrset.type === RRType.SOA || rrset.type === RRType.NS)) continue;
    draft.delete(name, rrset.type);
  }
}

function deleteRecord(draft: ZoneDraft, { name, type, rdata }: ResourceRecord): void {
  const own = draft.rrset(name, type);
  if (!own || type === RRType.SOA) return;
  const key = canonicalRdata(type, rdata).join();
  const rdatas = own.rdatas.filter((one) => canonicalRdata(type, one).join() !== key);
  if (rdatas.length === own.rdatas.length) return;
  if (rdatas.length > 0) draft.put({ ...own, rdatas });
  else if (!(type === RRType.NS && isApexOf(draft, name))) draft.delete(name, type);
}

function isApexOf({ zone }: ZoneDraft, name: DnsName): boolean {
  return name.equals(zone.origin);
}

function withNextSerial(soa: ResourceRecord): ResourceRecord {
  const rdata = soa.rdata.slice();
  const view = new DataView(rdata.buffer, rdata.byteOffset, rdata.byteLength);
  view.setUint32(rdata.length - 20, nextSerial(serialOf(soa)));
  return { ...soa, rdata };
}

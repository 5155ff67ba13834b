/**
 * Zones and records as master files (RFC 1035 §5). Aligned, for people: columns, an owner written
 * once, names below the origin relative to it; reading it again gives the same records. Canonical,
 * for comparing two zones: the canonical form and order of RFC 4034 §6, one record a line with all
 * its fields, so that equal zones are equal texts whatever their letter case and order were.
 */

import { foldOctet } from '../wire/case-fold.ts';
import { classText, typeText } from '../wire/iana.ts';
import { printLabel } from '../wire/name-print.ts';
import { DnsName } from '../wire/name.ts';
import { descriptionOf } from '../wire/rdata/descriptions.ts';
import { fieldEnds, printRdata } from '../wire/rdata/rdata.ts';
import { recordsOf, type ResourceRecord, type RRset } from '../wire/record.ts';
import { canonicalRdata, foldedName } from './canonical-rdata.ts';
import type { Zone } from './zone.ts';

export type ZoneStyle = 'aligned' | 'canonical';

export function printZone(zone: Zone, style: ZoneStyle = 'aligned'): string {
  return [...zoneText(zone, style)].join('');
}

/** The text in parts: that of a large zone fits in no string. */
export function* zoneText(zone: Zone, style: ZoneStyle): Generator<string> {
  if (style === 'canonical') {
    yield* canonicalText(zone);
    return;
  }
  const { origin } = zone;
  yield `$ORIGIN ${origin.toString()}\n`;
  yield* alignedText(() => recordsIn(zone.rrsets()), origin);
}

/** One line a record. With `origin`, the text is meant for below `$ORIGIN`. */
export function printRecords(records: Iterable<ResourceRecord>, origin?: DnsName): string {
  const list = [...records];
  return [...alignedText(() => list, origin)].join('');
}

/** Owners longer than this do not push everyone else's columns to the right. */
const WIDEST_COLUMN = 40;

/** Goes through the records twice: for the widths of the columns, and to print. */
function* alignedText(
  records: () => Iterable<ResourceRecord>,
  origin: DnsName | undefined,
): Generator<string> {
  const widths = [0, 0, 0, 0];
  for (const cells of leadingCells(records(), origin)) {
    for (const [i, { length }] of cells.texts.entries()) {
      if (length <= WIDEST_COLUMN) widths[i] = Math.max(widths[i]!, length);
    }
  }
  for (const { texts, record } of leadingCells(records(), origin)) {
    const padded = texts.map((text, i) => text.padEnd(widths[i]!));
    yield `${padded.join(' ')} ${relativeRdata(record, origin)}\n`;
  }
}

interface Row {
  readonly record: ResourceRecord;
  /** Owner, TTL, class, type. */
  readonly texts: readonly string[];
}

function* leadingCells(
  records: Iterable<ResourceRecord>,
  origin: DnsName | undefined,
): Generator<Row> {
  let last: DnsName | undefined;
  for (const record of records) {
    const isSame = last !== undefined && isSpelledSame(last, record.name);
    last = record.name;
    const owner = isSame ? '' : relativeName(record.name, origin);
    const { ttl, type } = record;
    yield { record, texts: [owner, String(ttl), classText(record.class), typeText(type)] };
  }
}

function relativeRdata({ type, rdata }: ResourceRecord, origin: DnsName | undefined): string {
  const description = descriptionOf(type);
  const ends = description && fieldEnds(description, rdata);
  if (!origin || !ends) return printRdata(type, rdata);
  const texts = description.fields.map((field, i) => {
    const start = ends[i - 1] ?? 0;
    const end = ends[i]!;
    if (field.kind !== 'name') return field.print(rdata, start, end);
    return relativeName(DnsName.fromWire(rdata.subarray(start, end)), origin);
  });
  return texts.filter((text) => text !== '').join(' ');
}

function relativeName(name: DnsName, origin: DnsName | undefined): string {
  const suffix =
    origin && name.isSubdomainOf(origin) ? name.ancestor(origin.labelCount) : undefined;
  if (!origin || !suffix || !isSpelledSame(suffix, origin)) return name.toString();
  if (name.labelCount === origin.labelCount) return '@';
  const own = name.labels.slice(0, name.labelCount - origin.labelCount);
  return own.map(printLabel).join('.');
}

/** Letter case is kept through printing and reading (RFC 4343 §4.1). */
function isSpelledSame(a: DnsName, b: DnsName): boolean {
  if (a === b) return true;
  return a.wire.length === b.wire.length && Buffer.compare(a.wire, b.wire) === 0;
}

function* recordsIn(rrsets: Iterable<RRset>): Generator<ResourceRecord> {
  for (const rrset of rrsets) yield* recordsOf(rrset);
}

/** RFC 4034 §6.1 and §6.3; within a name by type. */
function* canonicalText(zone: Zone): Generator<string> {
  const keyed = [...zone.rrsets()].map((rrset) => ({ rrset, key: orderKey(rrset.name) }));
  keyed.sort((a, b) => {
    if (a.key !== b.key) return a.key < b.key ? -1 : 1;
    return a.rrset.type - b.rrset.type;
  });
  for (const { rrset } of keyed) {
    const { name, ttl, class: dnsClass, type, rdatas } = rrset;
    const owner = foldedName(name).toString();
    const header = `${owner} ${ttl} ${classText(dnsClass)} ${typeText(type)}`;
    const canonical = rdatas.map((rdata) => canonicalRdata(type, rdata));
    // `Buffer.compare` orders octets as RFC 4034 §6.3 does: what is absent comes first.
    for (const rdata of canonical.toSorted((a, b) => Buffer.compare(a, b))) {
      yield `${header} ${printRdata(type, rdata)}\n`;
    }
  }
}

/**
 * Strings in the order of names (RFC 4034 §6.1): the labels from the right, each octet one up, so
 * that the end of a label comes before all of them. Comparing labels instead is ten times slower.
 */
function orderKey(name: DnsName): string {
  let key = '';
  for (const label of name.labels.toReversed()) {
    for (const octet of label) key += String.fromCharCode(foldOctet(octet) + 1);
    key += '\0';
  }
  return key;
}

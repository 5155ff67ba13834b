/**
 * Records as a master file (RFC 1035 §5) that people like to read: columns aligned, an owner
 * written once, names below the origin relative to it. Reading it again gives the same records.
 */

import { classText, typeText } from '../wire/iana.ts';
import { printLabel } from '../wire/name-text.ts';
import type { DnsName } from '../wire/name.ts';
import { printRdata } from '../wire/rdata/rdata.ts';
import { recordsOf, type ResourceRecord } from '../wire/record.ts';
import type { Zone } from './zone.ts';

export function printZone(zone: Zone): string {
  const records = [...zone.rrsets()].flatMap(recordsOf);
  return `$ORIGIN ${zone.origin.toString()}\n${printRecords(records, zone.origin)}`;
}

/** One line a record. With `origin`, the text is meant for below `$ORIGIN`. */
export function printRecords(records: Iterable<ResourceRecord>, origin?: DnsName): string {
  const rows: (readonly string[])[] = [];
  let last: DnsName | undefined;
  for (const record of records) {
    const isSame = last !== undefined && isSpelledSame(last, record.name);
    last = record.name;
    rows.push([
      isSame ? '' : printOwner(record.name, origin),
      String(record.ttl),
      classText(record.class),
      typeText(record.type),
      printRdata(record.type, record.rdata),
    ]);
  }
  return align(rows);
}

/** Owners longer than this do not push everyone else's columns to the right. */
const WIDEST_COLUMN = 40;

function align(rows: readonly (readonly string[])[]): string {
  const widths = [0, 0, 0, 0];
  for (const row of rows) {
    for (const [i, width] of widths.entries()) {
      const length = row[i]!.length;
      if (length <= WIDEST_COLUMN) widths[i] = Math.max(width, length);
    }
  }
  const lines = rows.map((row) => {
    const cells = widths.map((width, i) => row[i]!.padEnd(width));
    return `${cells.join(' ')} ${row[4]!}\n`;
  });
  return lines.join('');
}

function printOwner(name: DnsName, origin: DnsName | undefined): string {
  const suffix =
    origin && name.isSubdomainOf(origin) ? name.ancestor(origin.labelCount) : undefined;
  if (!origin || !suffix || !isSpelledSame(suffix, origin)) return name.toString();
  if (name.labelCount === origin.labelCount) return '@';
  const own = name.labels.slice(0, name.labelCount - origin.labelCount);
  return own.map(printLabel).join('.');
}

/** Letter case is kept through printing and reading (RFC 4343 §4.1). */
function isSpelledSame(a: DnsName, b: DnsName): boolean {
  return a === b || (a.equals(b) && a.toString() === b.toString());
}

/**
 * Records and questions as lines in dig's columns: owner, TTL at 24, class at 32, type at 40, data
 * at 48, reached by tabs, or by one space when the column has been passed. The columns move to the
 * left where the TTL or the class is not shown, and with `+multiline`.
 */

import { classText, DnsClass, RRType, typeText } from '../wire/iana.ts';
import { printOpaque, printRdata } from '../wire/rdata/rdata.ts';
import type { Question, ResourceRecord } from '../wire/record.ts';
import { breakLines } from './print-multiline.ts';
import type { Settings } from './settings.ts';

const TTL_COLUMN = 24;
const TAB = 8;

export type Layout = Pick<Settings, 'showsTtl' | 'showsClass' | 'multiline'>;

interface Columns {
  readonly class: number;
  readonly type: number;
  readonly data: number;
}

function columnsOf({ showsTtl, showsClass, multiline }: Layout): Columns {
  if (multiline || (!showsTtl && !showsClass)) return { class: 24, type: 24, data: 32 };
  if (!showsTtl || !showsClass) return { class: 24, type: 32, data: 40 };
  return { class: 32, type: 40, data: 48 };
}

/** Without the line's end. */
export function printRecord(record: ResourceRecord, layout: Layout): string {
  const columns = columnsOf(layout);
  const line = new Line(record.name.toString());
  if (layout.showsTtl) line.column(TTL_COLUMN, String(record.ttl));
  if (layout.showsClass) line.column(columns.class, classText(record.class));
  line.column(columns.type, typeText(record.type));
  const lines = layout.multiline ? breakLines(record, unbrokenData(record)) : undefined;
  line.column(columns.data, lines ?? printData(record));
  return line.text;
}

/** Without the line's end, and without the semicolon that dig puts before it. */
export function printQuestion(question: Question, layout: Layout): string {
  const columns = columnsOf(layout);
  const line = new Line(question.name.toString());
  line.column(columns.class, classText(question.class));
  line.column(columns.type, typeText(question.type));
  return line.text;
}

/** The data alone, as `+short` shows them. */
export function printData(record: ResourceRecord): string {
  const text = unbrokenData(record);
  return text.startsWith('\\# ') || LONG_TAILED.has(record.type) ? splitTail(text) : text;
}

function unbrokenData({ type, class: dnsClass, rdata }: ResourceRecord): string {
  const isOpaque = dnsClass !== DnsClass.IN && CLASS_BOUND.has(type);
  // Updates (RFC 2136 §2.4) use the classes NONE and ANY with data of any form or none.
  // Signatures are of class ANY, too, and have the form of their type (RFC 8945 §4.2).
  const isUpdate =
    type !== RRType.TSIG && (dnsClass === DnsClass.NONE || dnsClass === DnsClass.ANY);
  return isOpaque || isUpdate ? printOpaque(rdata) : printRdata(type, rdata);
}

/** Types whose data have their form in class IN only. */
const CLASS_BOUND: ReadonlySet<number> = new Set([
  RRType.A,
  RRType.AAAA,
  RRType.SRV,
  RRType.NAPTR,
  RRType.KX,
  RRType.PX,
  RRType.SVCB,
  RRType.HTTPS,
]);

/** Types that end in hexadecimal or base64, where blanks mean nothing: those that dig splits. */
const LONG_TAILED: ReadonlySet<number> = new Set([
  RRType.SIG,
  RRType.KEY,
  RRType.EID,
  RRType.NIMLOC,
  RRType.CERT,
  RRType.SINK,
  RRType.DS,
  RRType.SSHFP,
  RRType.IPSECKEY,
  RRType.RRSIG,
  RRType.DNSKEY,
  RRType.DHCID,
  RRType.TLSA,
  RRType.SMIMEA,
  RRType.RKEY,
  RRType.CDS,
  RRType.CDNSKEY,
  RRType.OPENPGPKEY,
  RRType.ZONEMD,
  RRType.HHIT,
  RRType.BRID,
  RRType.TA,
  RRType.DLV,
]);

const CHUNK = 56;

/** dig breaks long hexadecimal and base64 every 56 digits. */
function splitTail(text: string): string {
  // The gateway of an IPSECKEY without a key.
  if (text.endsWith('.')) return text;
  const start = text.lastIndexOf(' ') + 1;
  const chunks = text.slice(start).match(new RegExp(`.{1,${CHUNK}}`, 'g')) ?? [];
  return text.slice(0, start) + chunks.join(' ');
}

class Line {
  text: string;
  #column: number;

  constructor(text: string) {
    this.text = text;
    this.#column = text.length;
  }

  column(column: number, text: string): void {
    const target = Math.max(column, this.#column + 1);
    const tabs = Math.floor(target / TAB) - Math.floor(this.#column / TAB);
    const reached = tabs > 0 ? Math.floor(target / TAB) * TAB : this.#column;
    this.text += '\t'.repeat(tabs) + ' '.repeat(target - reached) + text;
    this.#column = target + text.length;
  }
}

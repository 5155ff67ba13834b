/**
 * Records and questions as lines in dig's columns, reached by tabs, or by one space when the column
 * has been passed.
 */

import { classText, typeText } from '../wire/iana.ts';
import type { Question, ResourceRecord } from '../wire/record.ts';
import { periodLetters } from './periods.ts';
import { printData } from './print-data.ts';
import type { Style } from './print-style.ts';

const TAB = 8;

/** Without the line's end. */
export function printRecord(record: ResourceRecord, style: Style): string {
  const { columns, data } = style;
  const line = new Line(style.nameText(record.name));
  const { ttl } = record;
  if (style.showsTtl) line.column(columns.ttl, style.ttlUnits ? periodLetters(ttl) : String(ttl));
  if (style.showsClass) line.column(columns.class, classWord(record.class, data.unknownFormat));
  line.column(columns.type, typeWord(record.type, data.unknownFormat));
  line.column(columns.data, printData(record, data));
  return line.text;
}

/** Without the line's end, and without the semicolon that dig puts before it. */
export function printQuestion(question: Question, style: Style): string {
  const { columns, data } = style;
  const line = new Line(style.nameText(question.name));
  line.column(columns.class, classWord(question.class, data.unknownFormat));
  line.column(columns.type, typeWord(question.type, data.unknownFormat));
  return line.text;
}

function classWord(dnsClass: number, isUnknown: boolean): string {
  if (isUnknown) return `CLASS${dnsClass}`;
  // dig's own name of it.
  return dnsClass === 0 ? 'RESERVED0' : classText(dnsClass);
}

function typeWord(type: number, isUnknown: boolean): string {
  return isUnknown ? `TYPE${type}` : typeText(type);
}

class Line {
  text: string;
  /** In octets, as dig counts. */
  #column: number;

  constructor(text: string) {
    this.text = text;
    this.#column = octetCount(text);
  }

  column(column: number, text: string): void {
    const target = Math.max(column, this.#column + 1);
    const tabs = Math.floor(target / TAB) - Math.floor(this.#column / TAB);
    const reached = tabs > 0 ? Math.floor(target / TAB) * TAB : this.#column;
    this.text += '\t'.repeat(tabs) + ' '.repeat(target - reached) + text;
    this.#column = target + octetCount(text);
  }
}

const encoder = new TextEncoder();

function octetCount(text: string): number {
  // eslint-disable-next-line no-control-regex -- ASCII is the common case and needs no conversion.
  return /^[\x00-\x7f]*$/.test(text) ? text.length : encoder.encode(text).length;
}

/**
 * Rdata between its three forms: octets in a message (names possibly compressed), octets on their
 * own (names expanded; the form that everything else keeps), and text (RFC 1035 §5.1, and for what
 * no description fits, `\# length hex`, RFC 3597 §5).
 */

import { copyBytes } from '../bytes.ts';
import { DnsName, nameLimits } from '../name.ts';
import { copyName, skipName } from '../name-wire.ts';
import { failure, success, type Result } from '../result.ts';
import { parseHex, printHex } from './binary-fields.ts';
import { descriptionOf, type Description } from './descriptions.ts';
import { parseInteger, type Field } from './field.ts';
import { Octets } from './octets.ts';
import { PresentationError, RdataTokens, type Token } from './tokens.ts';

export interface RdataError {
  readonly message: string;
  /** Undefined: the record ended too early. */
  readonly token: Token | undefined;
}

/** Whether `rdata` (expanded) has the form of its type. Types without description always do. */
export function isWellFormed(type: number, rdata: Uint8Array): boolean {
  const description = descriptionOf(type);
  if (description === undefined) return true;
  let at = 0;
  for (const field of description.fields) {
    at = field.end(rdata, at, rdata.length);
    if (at < 0) return false;
  }
  return at === rdata.length;
}

/** Presentation form; `\#` where the type is unknown or the octets do not have its form. */
export function printRdata(type: number, rdata: Uint8Array): string {
  const description = descriptionOf(type);
  const ends = description && fieldEnds(description, rdata);
  if (!description || !ends) return printOpaque(rdata);
  const texts = description.fields.map((field, i) =>
    field.print(rdata, ends[i - 1] ?? 0, ends[i]!),
  );
  return texts.filter((text) => text !== '').join(' ');
}

export function printOpaque(rdata: Uint8Array): string {
  return rdata.length === 0 ? '\\# 0' : `\\# ${rdata.length} ${printHex(rdata)}`;
}

/** The octets of rdata text; relative names are completed with `origin`. */
export function parseRdata(
  type: number,
  tokens: readonly Token[],
  origin?: DnsName,
): Result<Uint8Array, RdataError> {
  const source = new RdataTokens(tokens, origin);
  try {
    const rdata = parseFields(type, source);
    if (rdata.length > 0xffff)
      return failure({ message: 'the record data exceed 65535 octets', token: tokens[0] });
    return success(rdata);
  } catch (error) {
    if (!(error instanceof PresentationError)) throw error;
    return failure({ message: error.message, token: error.token });
  }
}

/**
 * Names in `rdata` (expanded, well-formed) with their offsets, for following and compressing.
 * Empty for types without names and for malformed rdata.
 */
export function namesIn(type: number, rdata: Uint8Array): readonly DnsName[] {
  const description = descriptionOf(type);
  if (description?.fields.some((field) => field.kind === 'name') !== true) return [];
  const ends = fieldEnds(description, rdata) ?? [];
  return ends.flatMap((end, i) =>
    description.fields[i]!.kind === 'name'
      ? [DnsName.fromWire(rdata.subarray(ends[i - 1] ?? 0, end))]
      : [],
  );
}

/**
 * Whether the rdata `message`[start, end) can be expanded: for types whose names may arrive
 * compressed, every field has its form. Other types are left alone, whatever their octets: a
 * record that nobody interprets must not void the message that it stands in.
 */
export function isExpandable(type: number, message: Uint8Array, range: Range): boolean {
  const description = descriptionOf(type);
  if (description === undefined || description.names === 'plain') return true;
  let at = range.start;
  for (const field of description.fields) {
    at =
      field.kind === 'name' ? skipName(message, at, range.end) : field.end(message, at, range.end);
    if (at < 0) return false;
  }
  return at === range.end;
}

/** The expanded rdata of `message`[start, end), which must be expandable; a copy, never a view. */
export function expandRdata(type: number, message: Uint8Array, range: Range): Uint8Array {
  const description = descriptionOf(type);
  if (description === undefined || description.names === 'plain') {
    return copyBytes(message, range.start, range.end);
  }
  // RFC 2136 §2.5: in an update, rdata of no octets stand for the whole RRset.
  if (range.start === range.end) return new Uint8Array(0);
  let length = 0;
  let at = range.start;
  for (const field of description.fields) {
    const isName = field.kind === 'name';
    const end = isName ? skipName(message, at, range.end) : field.end(message, at, range.end);
    if (isName) length = copyName(message, at, { out: expanded, at: length });
    else while (at < end) expanded[length++] = message[at++]!;
    at = end;
  }
  return expanded.slice(0, length);
}

/** Scratch: the longest rdata, with both of their names expanded. */
const expanded = new Uint8Array(0xffff + 2 * nameLimits.octets);

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** End offsets of all fields, or undefined when `rdata` is malformed. */
export function fieldEnds(description: Description, rdata: Uint8Array): number[] | undefined {
  const ends: number[] = [];
  let at = 0;
  for (const field of description.fields) {
    at = field.end(rdata, at, rdata.length);
    if (at < 0) return undefined;
    ends.push(at);
  }
  return at === rdata.length ? ends : undefined;
}

function parseFields(type: number, tokens: RdataTokens): Uint8Array {
  const first = tokens.peek();
  const description = descriptionOf(type);
  if (first?.text === '\\#' && !first.quoted) {
    tokens.next('\\#');
    const rdata = parseOpaque(tokens);
    // RFC 3597 §5: the generic form of a known type is read as that type, so its octets must fit.
    if (description && !fieldEnds(description, rdata))
      tokens.fail(first, 'octets that have the form of the type');
    return rdata;
  }
  if (!description)
    tokens.fail(first, "'\\# length hex', the form of record types without a form of their own");
  return parseDescribed(description.fields, tokens);
}

function parseDescribed(fields: readonly Field[], tokens: RdataTokens): Uint8Array {
  const out = new Octets();
  for (const field of fields) field.parse(tokens, out);
  const extra = tokens.peek();
  if (extra)
    throw new PresentationError(`expected the end of the record, found '${extra.text}'`, extra);
  return out.finish();
}

function parseOpaque(tokens: RdataTokens): Uint8Array {
  const token = tokens.next('a length in octets');
  const length = parseInteger(token.text, 0xffff) ?? tokens.fail(token, 'a length from 0 to 65535');
  const first = tokens.peek();
  const text = tokens.rest().map((hex) => hex.text);
  const rdata = parseHex(text.join('')) ?? tokens.fail(first, 'hexadecimal octets');
  if (rdata.length !== length)
    tokens.fail(first ?? token, `${length} octets in hexadecimal, not ${rdata.length}`);
  return rdata;
}

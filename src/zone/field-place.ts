/**
 * Where a field of a record stands in the master file, for what is found wrong with it later, when
 * only the record's line is known: the entry is read once more.
 */

import { parseType } from '../wire/iana.ts';
import { EntryLexer } from './lexer.ts';
import { isDigit } from './plain-fields.ts';
import type { Place } from './problem.ts';

/** The TTL, the type, or so many fields of record data behind it: 0 is the first. */
export type RecordField = 'ttl' | 'type' | number;

/** `entry` is the place of the entry's first field; returned when there is no such field. */
export function placeOfField(octets: Uint8Array, entry: Place, field: RecordField): Place {
  const lexer = new EntryLexer(octets, entry.lineStart, () => undefined);
  lexer.goTo(entry.lineStart, entry.line);
  const isSound = lexer.next() && !lexer.failed && lexer.line === entry.line;
  // A record that `$GENERATE` made has no fields in the file.
  if (!isSound || octets[lexer.start(0)] === DOLLAR) return entry;
  const index = indexOfField(lexer, octets, field);
  return index !== undefined && index < lexer.count ? lexer.place(index) : entry;
}

function indexOfField(
  lexer: EntryLexer,
  octets: Uint8Array,
  field: RecordField,
): number | undefined {
  let ttl: number | undefined;
  let at = lexer.startsBlank ? 0 : 1;
  for (; at < lexer.count && parseType(lexer.source(at)) === undefined; at++) {
    if (isDigit(octets[lexer.start(at)]!)) ttl = at;
  }
  if (field === 'ttl') return ttl;
  if (field === 'type') return at;
  const isGeneric = at + 1 < lexer.count && lexer.source(at + 1) === GENERIC;
  return at + 1 + (isGeneric ? 0 : field);
}

const DOLLAR = 0x24;
/** RFC 3597 §5: the data are not in their fields then. */
const GENERIC = String.raw`\#`;

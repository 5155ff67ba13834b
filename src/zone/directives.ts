/**
 * The fields of `$INCLUDE` (RFC 1035 §5.1) and `$GENERATE`: what a line says, before anything is
 * done about it (`include.ts`, `generate.ts`). Undefined when a problem was reported.
 */

import type { DnsName } from '../wire/name.ts';
import type { EntryFields } from './entry-fields.ts';
import { parseRange, parseTemplate, type GenerateDirective, type Template } from './generate.ts';

export interface IncludeFields {
  /** As it stands in the file, escapes included. */
  readonly path: string;
  readonly origin: DnsName | undefined;
}

/** `$INCLUDE path [origin]`; without an origin the file has the one around. */
export function readIncludeFields(
  fields: EntryFields,
  origin: DnsName | undefined,
): IncludeFields | undefined {
  const { lexer } = fields;
  if (lexer.count < 2) return fields.endsBefore('a file name');
  if (!fields.endsAt(3)) return undefined;
  const path = lexer.token(1).text;
  if (lexer.count < 3) return { path, origin };
  const own = fields.domainName(2, origin);
  return own && { path, origin: own };
}

/** `$GENERATE range owner [ttl] [class] type rdata`; `readHeader` finds where the rdata begin. */
export function readGenerateFields(
  fields: EntryFields,
  readHeader: (first: number) => { readonly next: number } | undefined,
): GenerateDirective | undefined {
  const { lexer } = fields;
  if (lexer.count < 2) return fields.endsBefore("a range such as '1-254'");
  if (lexer.count < 3) return fields.endsBefore('an owner name');
  const range = parseRange(lexer.source(1));
  if (!range.ok) return fields.unexpected(1, range.error, { code: 'generate-range' });
  const owner = readTemplate(fields, 2, 3);
  const next = readHeader(3)?.next;
  if (owner === undefined || next === undefined) return undefined;
  if (next >= lexer.count) return fields.endsBefore('record data');
  const rdata = readTemplate(fields, next, lexer.count);
  return rdata && { range: range.value, owner, header: fields.sources(3, next), rdata };
}

/** BIND takes rdata as one field, in quotes when they hold blanks: those quotes are not theirs. */
function readTemplate(fields: EntryFields, from: number, to: number): Template | undefined {
  const isOne = to - from === 1;
  const text = isOne ? fields.lexer.token(from).text : fields.sources(from, to);
  const template = parseTemplate(text);
  if (template.ok) return template.value;
  return fields.unexpected(from, template.error, { code: 'generate-template' });
}

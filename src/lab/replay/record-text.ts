/**
 * Questions and records as scenarios write them: master-file syntax (RFC 1035 §5.1) on one line,
 * with TTL (3600) and class (IN) optional in either order, and the owner optional on a line that
 * begins with a blank. As lenient as the runners that the files were written for: words too many
 * are ignored, and a key or signature may be cut short on purpose.
 */

import { DnsClass, parseClass, parseType, RRType } from '../../wire/iana.ts';
import { octetsOf, parseName } from '../../wire/name-text.ts';
import { DnsName } from '../../wire/name.ts';
import { parseHex } from '../../wire/rdata/binary-fields.ts';
import { parseRdata } from '../../wire/rdata/rdata.ts';
import { splitTokens, type Token } from '../../wire/rdata/tokens.ts';
import type { Question, ResourceRecord } from '../../wire/record.ts';
import { failure, success, type Result } from '../../wire/result.ts';

const DEFAULT_TTL = 3600;
/** What the wire holds; more than RFC 2181 §8 allows, which a script may be about. */
const MAX_TTL = 0xffffffff;

export interface RecordContext {
  readonly origin: DnsName;
  /** Of the record before. */
  readonly owner: DnsName | undefined;
  readonly isIndented: boolean;
}

/** `owner [class] type`. */
export function parseQuestion(text: string, origin: DnsName): Result<Question, string> {
  const [first, ...more] = splitTokens(octetsOf(text)).map((token) => token.text);
  // A TTL is no part of a question, but is written by people who copy records.
  const words = [first, ...more.filter((word) => !/^[0-9]+$/.test(word))];
  const name = parseName(words[0] ?? '', origin);
  if (!name.ok) return name;
  const dnsClass = words.length > 2 ? parseClass(words[1]!) : DnsClass.IN;
  if (dnsClass === undefined) return failure(`'${words[1]}' is no class`);
  const type = parseType(words[words.length > 2 ? 2 : 1] ?? '');
  if (type === undefined || words.length > 3) return failure("expected 'name class type'");
  return success({ name: name.value, type, class: dnsClass });
}

export function parseRecord(text: string, context: RecordContext): Result<ResourceRecord, string> {
  const tokens = splitTokens(withoutParentheses(octetsOf(text)));
  const owner = readOwner(tokens, context);
  if (!owner.ok) return owner;
  const { name, rest } = owner.value;
  const { ttl, dnsClass, fields } = readPrefix(rest);
  const [typeWord, ...rdataWords] = fields;
  const type = parseType(typeWord?.text ?? '');
  if (type === undefined) {
    return failure(`expected a record type, found '${typeWord?.text ?? ''}'`);
  }
  const rdata = readRdata(type, rdataWords, context.origin);
  return rdata.ok ? success({ name, type, class: dnsClass, ttl, rdata: rdata.value }) : rdata;
}

function readOwner(
  tokens: readonly Token[],
  { origin, owner, isIndented }: RecordContext,
): Result<{ readonly name: DnsName; readonly rest: readonly Token[] }, string> {
  const first = tokens[0]?.text ?? '';
  if (owner && isIndented && isNoOwner(first)) return success({ name: owner, rest: tokens });
  const name = parseName(first, origin);
  return name.ok ? success({ name: name.value, rest: tokens.slice(1) }) : name;
}

/** TTL and class, in either order. */
function readPrefix(tokens: readonly Token[]): {
  readonly ttl: number;
  readonly dnsClass: number;
  readonly fields: readonly Token[];
} {
  let ttl = DEFAULT_TTL;
  let dnsClass: number = DnsClass.IN;
  for (const [at, { text }] of tokens.entries()) {
    // ANY is a type and a class: a class where a type follows.
    const isType = parseType(text) !== undefined;
    const isClass = !isType || parseType(tokens[at + 1]?.text ?? '') !== undefined;
    const asClass = isClass ? parseClass(text) : undefined;
    if (/^[0-9]+$/.test(text)) ttl = Math.min(Number(text), MAX_TTL);
    else if (asClass !== undefined) dnsClass = asClass;
    else return { ttl, dnsClass, fields: tokens.slice(at) };
  }
  return { ttl, dnsClass, fields: [] };
}

function readRdata(
  type: number,
  tokens: readonly Token[],
  origin: DnsName,
): Result<Uint8Array, string> {
  const exact = parseRdata(type, tokens, origin);
  if (exact.ok) return exact;
  const octets = unknownFormat(tokens) ?? digestOfAnyLength(type, tokens);
  if (octets) return success(octets);
  for (const repaired of repairs(tokens)) {
    const rdata = parseRdata(type, repaired, origin);
    if (rdata.ok) return rdata;
  }
  return failure(exact.error.message);
}

/** RFC 3597 §5, also where the octets have not the form of the type: scripts are about that. */
function unknownFormat([mark, length, ...words]: readonly Token[]): Uint8Array | undefined {
  if (mark?.text !== '\\#' || mark.quoted) return undefined;
  const octets = parseHex(words.map(({ text }) => text).join(''));
  return octets?.length === Number(length?.text) ? octets : undefined;
}

/** DS and its like with a digest that its type would have longer: read as of a type unknown. */
function digestOfAnyLength(type: number, tokens: readonly Token[]): Uint8Array | undefined {
  const digestType = tokens[DIGEST_TYPE_AT];
  if (!DIGEST_TYPES.has(type) || !/^[0-9]{1,3}$/.test(digestType?.text ?? '')) return undefined;
  const unknown = { ...digestType!, text: '255' };
  const rdata = parseRdata(type, tokens.with(DIGEST_TYPE_AT, unknown), DnsName.root);
  return rdata.ok ? rdata.value.with(DIGEST_TYPE_OCTET, Number(digestType!.text)) : undefined;
}

const DIGEST_TYPES: ReadonlySet<number> = new Set([RRType.DS, RRType.CDS, RRType.DLV]);
const DIGEST_TYPE_AT = 2;
const DIGEST_TYPE_OCTET = 3;

function* repairs(tokens: readonly Token[]): Generator<readonly Token[]> {
  const [last] = tokens.slice(-1);
  if (!last) return;
  const before = tokens.slice(0, -1);
  yield [...before, { ...last, text: last.text.replace(/=+$/, '') }];
  for (const padding of ['=', '==']) yield [...before, { ...last, text: last.text + padding }];
  yield before;
  yield tokens.slice(0, -2);
  yield [...tokens, { ...last, text: 'AA==', quoted: false }];
}

/** One record is one line here, so parentheses say nothing. */
function withoutParentheses(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|\\.|[()]/g, (part) =>
    /^[()]$/.test(part) ? ' ' : part,
  );
}

/** A TTL or a class where an owner would stand. */
function isNoOwner(word: string): boolean {
  return /^[0-9]+$/.test(word) || /^(IN|CH|HS)$/.test(word);
}

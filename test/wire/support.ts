/** What the tests of the codec share: octets in hexadecimal, hand-made messages, comparable values. */
import { expect } from 'vitest';
import { decodeMessage, type MalformedReason } from '../../src/wire/decode.ts';
import type { Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { parseHex, printHex } from '../../src/wire/rdata/binary-fields.ts';
import { parseRdata } from '../../src/wire/rdata/rdata.ts';
import { splitTokens } from '../../src/wire/rdata/tokens.ts';
import { parseType } from '../../src/wire/iana.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';

/** Octets of hexadecimal digits; blanks are for the reader. */
export function hex(text: string): Uint8Array {
  const octets = parseHex(text.replaceAll(/\s+/g, ''));
  if (!octets) throw new Error(`no hexadecimal: ${text}`);
  return octets;
}

/** 'MX', '10 mail.example.' as rdata. */
export function rdataOf(type: string, text: string): Uint8Array {
  const result = parseRdata(parseType(type)!, splitTokens(text), nameOf('.'));
  if (!result.ok) throw new Error(`${type} ${text}: ${result.error.message}`);
  return result.value;
}

export function recordOf(owner: string, type: string, text: string, ttl = 300): ResourceRecord {
  return { name: nameOf(owner), type: parseType(type)!, class: 1, ttl, rdata: rdataOf(type, text) };
}

/** A message with these counts (questions, answers, authorities, additionals) and this body. */
export function rawMessage(counts: readonly number[], ...parts: readonly Uint8Array[]): Uint8Array {
  const header = Uint8Array.of(0x12, 0x34, 0x80, 0, ...counts.flatMap((n) => [n >> 8, n & 0xff]));
  return join(header, ...parts);
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A record: owner as octets, type, rdata; class IN, TTL 60. */
export function rawRecord(owner: Uint8Array, type: number, rdata: Uint8Array): Uint8Array {
  const fixed = [type >> 8, type & 0xff, 0, 1, 0, 0, 0, 60, rdata.length >> 8, rdata.length & 0xff];
  return join(owner, Uint8Array.from(fixed), rdata);
}

export function decoded(bytes: Uint8Array): Message {
  const result = decodeMessage(bytes);
  if (!result.ok) throw new Error(`${result.error.reason} at ${result.error.offset}`);
  return result.value;
}

export function reasonOf(bytes: Uint8Array): MalformedReason | 'well-formed' {
  const result = decodeMessage(bytes);
  return result.ok ? 'well-formed' : result.error.reason;
}

/** A message as plain data in which equal messages are equal; names by key unless `exact`. */
export function plain(message: Message, exact = false): unknown {
  const nameText = (name: Message['questions'][number]['name']): string =>
    exact ? name.toString() : name.key;
  const records = (list: readonly ResourceRecord[]): unknown[] =>
    list.map((record) => [
      nameText(record.name),
      record.type,
      record.class,
      record.ttl,
      exact ? printHex(record.rdata) : printHex(record.rdata).length,
    ]);
  const { questions, answers, authorities, additionals, edns, ...header } = message;
  return {
    header,
    questions: questions.map((q) => [nameText(q.name), q.type, q.class]),
    answers: records(answers),
    authorities: records(authorities),
    additionals: records(additionals),
    edns: edns && {
      ...edns,
      options: edns.options.map(({ code, data }) => [code, printHex(data)]),
    },
  };
}

export function expectSame(a: Message, b: Message, exact = false): void {
  expect(plain(a, exact)).toEqual(plain(b, exact));
}

/** How many cases the largest property tests try. */
export const FUZZ_RUNS: number = Number(process.env['FUZZ_RUNS'] ?? 20_000);

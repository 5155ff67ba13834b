/**
 * What the query log says of a query: one line of eleven fields with a space between them, read off
 * the octets of the question alone, so that a finished answer costs no more than to write them.
 *
 *     2026-08-28T12:34:56.789Z 192.0.2.1 53124 udp www.example.com. A RE NOERROR 61 finished -
 *     when answered            client    port      name             type │ rcode  │  how     µs
 *                                                                flags ──┘ octets ┘
 *
 * `docs/query-log.md` tells what each may say. A field that says nothing is `-`. What a client
 * chose cannot end a line: a name comes with its escapes (RFC 1035 §5.1), all else is a number or
 * a word of ours.
 */

import { classText, DnsClass, opcodeText, rcodeText, RRType, typeText } from '../wire/iana.ts';
import { HEADER_OCTETS } from '../wire/message.ts';
import { skipName } from '../wire/name-wire.ts';
import { LineWriter, wordOf } from './line-writer.ts';
import type { Source } from './source.ts';

/** How a query ended. */
export const Way = {
  /** Out of the cache of finished answers. */
  FINISHED: 0,
  AT_ONCE: 1,
  /** Others had to be asked, or it had to wait for its turn. */
  LATER: 2,
  /** In many messages, as a zone is; or as many of them as the client took. */
  STREAMED: 3,
  BROKEN: 4,
  /** No reply. */
  DROPPED: 5,
  /** The same, since too much is asked. */
  SHED: 6,
} as const;
export type Way = (typeof Way)[keyof typeof Way];

export interface Ending {
  readonly way: Way;
  /** -1: there is no reply. */
  readonly rcode: number;
  /** Of the reply, or of all its messages. */
  readonly octets: number;
  /** From the query to its end; -1: nobody looked. */
  readonly microseconds: number;
}

export const DROPPED: Ending = { way: Way.DROPPED, rcode: -1, octets: 0, microseconds: -1 };
export const SHED: Ending = { ...DROPPED, way: Way.SHED };

/** One object for all answers that were finished before. */
export class FinishedEnding implements Ending {
  readonly way: Way = Way.FINISHED;
  rcode = 0;
  octets = 0;
  readonly microseconds: number = -1;

  as(reply: Uint8Array, octets: number): this {
    this.rcode = reply[3]! & 0x0f;
    this.octets = octets;
    return this;
  }
}

/** No line is longer: a name of which each octet is escaped, and the rest. */
export const LINE_OCTETS_MAX = 1280;

const WAYS = ['finished', 'at-once', 'later', 'streamed', 'broken', 'dropped', 'shed'].map((word) =>
  wordOf(` ${word} `),
);
const TRANSPORTS = { udp: wordOf(' udp '), tcp: wordOf(' tcp ') } as const;

const SPACE = 0x20;
const SLASH = 0x2f;
const DASH = 0x2d;
const NEWLINE = 0x0a;

/** Those of which all that is asked is made; others are put together when they come. */
const TYPES = Array.from({ length: 512 }, (_, type) => wordOf(typeText(type)));
const RCODES = Array.from({ length: 32 }, (_, rcode) => wordOf(rcodeText(rcode)));

/** Flags of a query, as bits and as letters in their order. */
const Flag = { RD: 1, AD: 2, CD: 4, EDNS: 8, DO: 16, TSIG: 32 } as const;
const LETTERS = 'RACEDS';
const FLAGS = Array.from({ length: 2 ** LETTERS.length }, (_, flags) => {
  const letters = [...LETTERS].filter((_letter, bit) => (flags & (1 << bit)) !== 0);
  return wordOf(letters.length === 0 ? '-' : letters.join(''));
});

/** What a line says of a client. */
export type LoggedClient = Pick<Source, 'transport' | 'clientOctets' | 'clientPort'>;

/** Writes lines, one behind the other. */
export class QueryLines {
  readonly #line: LineWriter;
  /** `2026-08-28T12:34:56.789Z `, as of the line before. */
  readonly #stamp = new LineWriter(wordOf('2026-08-28T12:34:56.789Z '));
  #second = NaN;
  #wallMs = NaN;

  constructor(block: Uint8Array) {
    this.#line = new LineWriter(block);
  }

  /** So many octets of the block have lines. */
  get length(): number {
    return this.#line.at;
  }

  /** Goes on at the start of another block; returns how much of this one has lines. */
  turn(block: Uint8Array): number {
    const { at } = this.#line;
    this.#line.octets = block;
    this.#line.at = 0;
    return at;
  }

  setTime(wallMs: number): void {
    if (wallMs !== this.#wallMs) this.#setTime(wallMs);
  }

  /**
   * A line on `query`, in which nothing need be right, at the time that was set. False when there
   * is none to write: it has no question, or is no query.
   */
  write(query: Uint8Array, client: LoggedClient, ending: Ending): boolean {
    const line = this.#line;
    const start = line.at;
    if (query.length < HEADER_OCTETS || (query[2]! & 0x80) !== 0 || hasNoQuestion(query)) {
      return false;
    }
    line.word(this.#stamp.octets);
    line.address(client.clientOctets);
    line.octet(SPACE);
    line.number(client.clientPort);
    line.word(TRANSPORTS[client.transport]);
    const end = line.questionName(query);
    if (end < 0 || end + 4 > query.length) {
      line.at = start;
      return false;
    }
    writeTypes(line, query, end);
    writeFlags(line, query, end);
    writeEnding(line, ending);
    return true;
  }

  #setTime(wallMs: number): void {
    this.#wallMs = wallMs;
    const stamp = this.#stamp;
    const second = Math.floor(wallMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      stamp.octets.set(wordOf(new Date(second * 1000).toISOString()));
    }
    stamp.at = MILLISECONDS_AT;
    stamp.padded(Math.floor(wallMs - second * 1000), 3);
  }
}

const MILLISECONDS_AT = '2026-08-28T12:34:56.'.length;

function hasNoQuestion(query: Uint8Array): boolean {
  return query[4] === 0 && query[5] === 0;
}

/** Type and, if it is not IN, class. */
function writeTypes(line: LineWriter, query: Uint8Array, at: number): void {
  const type = (query[at]! << 8) | query[at + 1]!;
  line.octet(SPACE);
  line.word(type < TYPES.length ? TYPES[type]! : wordOf(typeText(type)));
  if (query[at + 2] === 0 && query[at + 3] === DnsClass.IN) return;
  line.octet(SLASH);
  line.word(wordOf(classText((query[at + 2]! << 8) | query[at + 3]!)));
}

/** Flags and, if it is no QUERY, opcode. */
function writeFlags(line: LineWriter, query: Uint8Array, questionEnd: number): void {
  const lower = query[3]!;
  let flags =
    (query[2]! & 0x01) |
    ((lower & 0x20) === 0 ? 0 : Flag.AD) |
    ((lower & 0x10) === 0 ? 0 : Flag.CD);
  if (query.length > questionEnd + 4) flags |= flagsBehind(query, questionEnd + 4);
  line.octet(SPACE);
  line.word(FLAGS[flags]!);
  const opcode = (query[2]! >>> 3) & 0xf;
  if (opcode === 0) return;
  line.octet(SLASH);
  line.word(wordOf(opcodeText(opcode)));
}

/** Records looked at for one that concerns the message itself: it may be long, and hostile. */
const RECORDS_SEEN = 16;

/** What the records behind the question say of the message. */
function flagsBehind(message: Uint8Array, start: number): number {
  let flags = 0;
  let at = start;
  for (let i = 0; i < RECORDS_SEEN && at < message.length; i++) {
    const fixed = message[at] === 0 ? at + 1 : skipName(message, at, message.length);
    if (fixed < 0 || fixed + FIXED_OCTETS > message.length) break;
    if (message[fixed] === 0 && message[fixed + 1] === RRType.OPT) {
      flags |= (message[fixed + 6]! & 0x80) === 0 ? Flag.EDNS : Flag.EDNS | Flag.DO;
    } else if (message[fixed] === 0 && message[fixed + 1] === RRType.TSIG) {
      flags |= Flag.TSIG;
    }
    at = fixed + FIXED_OCTETS + ((message[fixed + 8]! << 8) | message[fixed + 9]!);
  }
  return flags;
}

/** Type, class, TTL and length of a record. */
const FIXED_OCTETS = 10;

function writeEnding(line: LineWriter, { rcode, octets, way, microseconds }: Ending): void {
  line.octet(SPACE);
  if (rcode < 0) line.octet(DASH);
  else line.word(rcode < RCODES.length ? RCODES[rcode]! : wordOf(rcodeText(rcode)));
  line.octet(SPACE);
  line.number(octets);
  line.word(WAYS[way]!);
  if (microseconds < 0) line.octet(DASH);
  else line.number(Math.min(microseconds, 0x7fff_ffff));
  line.octet(NEWLINE);
}

/** Of a reply of ours; its upper bits stand in the OPT record (RFC 6891 §6.1.3). */
export function rcodeOf(reply: Uint8Array): number {
  const lower = reply[3]! & 0x0f;
  // What has an answer has no such rcode, and what has none is short.
  if (reply.length <= HEADER_OCTETS || reply[7] !== 0 || reply[6] !== 0) return lower;
  let at = HEADER_OCTETS;
  for (let i = (reply[4]! << 8) | reply[5]!; i > 0; i--) at = skipName(reply, at, reply.length) + 4;
  for (let i = 0; i < RECORDS_SEEN && at < reply.length; i++) {
    const fixed = skipName(reply, at, reply.length);
    if (reply[fixed] === 0 && reply[fixed + 1] === RRType.OPT)
      return (reply[fixed + 4]! << 4) | lower;
    at = fixed + FIXED_OCTETS + ((reply[fixed + 8]! << 8) | reply[fixed + 9]!);
  }
  return lower;
}

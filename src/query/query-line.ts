/**
 * What the query log says of a query: one line of eleven fields with a space between them, read off
 * the octets of the question alone, so that a finished answer costs no more than to write them.
 *
 *     2026-08-28T12:34:56.789Z 192.0.2.1 53124 udp www.example.com. A RE NOERROR 61 hit -
 *     when answered            client    port      name             │ │   rcode  │  way  µs
 *                                                            type ──┘ └ flags    └ octets
 *
 * `docs/query-log.md` tells what each may say. A field that says nothing is `-`. What a client
 * chose cannot end a line: a name comes with its escapes (RFC 1035 §5.1), all else is a number or
 * a word of ours.
 */

import {
  classText,
  DnsClass,
  Opcode,
  opcodeText,
  rcodeText,
  RRType,
  typeText,
} from '../wire/iana.ts';
import { HEADER_OCTETS } from '../wire/message.ts';
import { civilDate } from '../wire/rdata/binary-fields.ts';
import { skipName } from '../wire/name-wire.ts';
import {
  QUESTION_BITS,
  roomOf,
  threeDigits,
  wordOf,
  writeAddress,
  writeExcerpt,
  writeNumber,
  writeQuestionName,
  writeWord,
  type Excerpt,
  type Room,
  type Word,
} from './line-text.ts';
import { QueryFlag } from './question-scan.ts';
import type { Source } from './source.ts';

/** How a query ended. */
export const Way = {
  /** Out of the cache of finished answers. */
  HIT: 0,
  MADE: 1,
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
export class Hit implements Ending {
  readonly way: Way = Way.HIT;
  rcode = 0;
  octets = 0;
  readonly microseconds: number = -1;
  /** What `finishedText` returned of the query and its answer, if there is such a text. */
  readonly logText: Excerpt;

  constructor(logText: Excerpt) {
    this.logText = logText;
  }

  as(reply: Uint8Array, octets: number): this {
    this.rcode = reply[3]! & 0x0f;
    this.octets = octets;
    return this;
  }
}

/** No line is longer: a name of which each octet is escaped, and the rest. */
export const LINE_OCTETS_MAX = 1280;

// With the spaces around them: one step where they would be three.
const WAY_TEXTS = ['hit', 'made', 'later', 'streamed', 'broken', 'dropped', 'shed'];
const WAYS = WAY_TEXTS.map((text) => wordOf(` ${text} `));
const UNTIMED = WAY_TEXTS.map((text) => wordOf(` ${text} -\n`));
const UDP = wordOf(' udp ');
const TCP = wordOf(' tcp ');
const SPACE = 0x20;
const NEWLINE = 0x0a;

/** Flags of a query, as bits and as letters in their order. */
const Flag = { ...QueryFlag, TSIG: 32 } as const;
const LETTERS = ['R', 'A', 'C', 'E', 'D', 'S'];
const FLAGS = Array.from({ length: 2 ** LETTERS.length }, (_, flags) => {
  const letters = LETTERS.filter((_letter, bit) => (flags & (1 << bit)) !== 0);
  return letters.length === 0 ? '-' : letters.join('');
});

/** By type, rcode and flags, made when they come first. */
const USUAL_TYPES = 66;
const USUAL_RCODES = 6;
const USUAL_KINDS = USUAL_TYPES * USUAL_RCODES * FLAGS.length;
/** One more place, where there is never one, for all that is unusual. */
const USUAL = new Array<Word | undefined>(USUAL_KINDS + 1).fill(undefined);

/** What a line says of a client. */
export type LoggedClient = Pick<Source, 'transport' | 'clientOctets' | 'clientPort'>;

/** Writes lines, one behind the other. */
export class QueryLines {
  #room: Room;
  /** So many octets of it have lines. */
  length = 0;
  readonly #stamp: Word = wordOf('1970-01-01T00:00:00.000Z ');
  #second = 0;
  #wallMs = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Goes on at the start of another room; returns how much of this one has lines. */
  turn(room: Room): number {
    const { length } = this;
    this.#room = room;
    this.length = 0;
    return length;
  }

  /** Of the lines to come. */
  setTime(wallMs: number): void {
    if (wallMs === this.#wallMs) return;
    this.#wallMs = wallMs;
    const second = Math.floor(wallMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#stamp.quads.set(wordOf(`${secondText(second)}.000Z`).quads);
    }
    this.#stamp.quads[MILLISECONDS] = threeDigits(Math.floor(wallMs) - second * 1000, 'Z');
  }

  /**
   * A line on `query`, in which nothing need be right. False when there is none to write: it has no
   * question, or is no query.
   */
  write(query: Uint8Array, client: LoggedClient, ending: Ending): boolean {
    if (!mayHaveQuestion(query)) return false;
    const room = this.#room;
    const name = writeQuestionName(room, this.#writeClient(client), query);
    if (name < 0) return false;
    const nameEnd = name & QUESTION_MASK;
    if (nameEnd + 4 > query.length) return false;
    const at = writeWord(room, name >>> QUESTION_BITS, kindOf(query, nameEnd, ending.rcode));
    this.length = writeEnding(room, at, ending);
    return true;
  }

  /** A line that ends as one that was finished before. */
  writeHit(client: LoggedClient, logText: Excerpt): void {
    this.length = writeExcerpt(this.#room, this.#writeClient(client), logText);
  }

  /** All that stands before the name. */
  #writeClient({ transport, clientOctets, clientPort }: LoggedClient): number {
    const room = this.#room;
    let at = writeWord(room, this.length, this.#stamp);
    at = writeAddress(room, at, clientOctets);
    room.octets[at] = SPACE;
    at = writeNumber(room, at + 1, clientPort);
    return writeWord(room, at, transport === 'udp' ? UDP : TCP);
  }
}

const textScratch = roomOf(LINE_OCTETS_MAX);

/**
 * What is the same in all lines on a finished answer: from the name on, which `reply` has as it was
 * asked. Valid until the next call.
 */
export function finishedText(
  reply: Uint8Array,
  asked: { readonly type: number; readonly flags: number },
): Uint8Array {
  const rcode = reply[3]! & 0x0f;
  let at = writeQuestionName(textScratch, 0, reply) >>> QUESTION_BITS;
  at = writeWord(textScratch, at, plainKindOf(asked.type, asked.flags, rcode));
  at = writeWord(textScratch, writeNumber(textScratch, at, reply.length), UNTIMED[Way.HIT]!);
  return textScratch.octets.subarray(0, at);
}

/** Type, flags and rcode, and what is unusual. */
function kindOf(query: Uint8Array, nameEnd: number, rcode: number): Word {
  const type = uint16(query, nameEnd);
  const flags = flagsOf(query, nameEnd + 4);
  const dnsClass = uint16(query, nameEnd + 2);
  const opcode = query[2]! >>> 3;
  const isPlain = dnsClass === DnsClass.IN && opcode === Opcode.QUERY;
  if (isPlain) return plainKindOf(type, flags, rcode);
  return wordOf(kindText({ type, dnsClass, flags, opcode, rcode }));
}

/** Of nearly all queries a word that is known. */
function plainKindOf(type: number, flags: number, rcode: number): Word {
  const isUsual = type < USUAL_TYPES && rcode >= 0 && rcode < USUAL_RCODES;
  const index = isUsual ? (type * USUAL_RCODES + rcode) * FLAGS.length + flags : USUAL_KINDS;
  const known = USUAL[index];
  if (known !== undefined) return known;
  const { IN: dnsClass } = DnsClass;
  const word = wordOf(kindText({ type, dnsClass, flags, opcode: Opcode.QUERY, rcode }));
  if (isUsual) USUAL[index] = word;
  return word;
}

interface KindNumbers {
  readonly type: number;
  readonly dnsClass: number;
  readonly flags: number;
  readonly opcode: number;
  readonly rcode: number;
}

function kindText({ type, dnsClass, flags, opcode, rcode }: KindNumbers): string {
  const ofClass = dnsClass === DnsClass.IN ? '' : `/${classText(dnsClass)}`;
  const ofOpcode = opcode === Opcode.QUERY ? '' : `/${opcodeText(opcode)}`;
  const outcome = rcode < 0 ? '-' : rcodeText(rcode);
  return ` ${typeText(type)}${ofClass} ${FLAGS[flags]!}${ofOpcode} ${outcome} `;
}

/** ISO 8601, in UTC. */
function secondText(second: number): string {
  const days = Math.floor(second / DAY_SECONDS);
  const { year, month, day } = civilDate(days);
  const ofDay = second - days * DAY_SECONDS;
  const date = [year, month, day].map(twoDigits).join('-');
  const time = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60].map(twoDigits);
  return `${date}T${time.join(':')}`;
}

const DAY_SECONDS = 86_400;

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Of the stamp, the quad in which they stand: `789Z`. */
const MILLISECONDS = '1970-01-01T00:00:00.'.length / 4;
const QUESTION_MASK = 2 ** QUESTION_BITS - 1;
const QR = 0x80;

function mayHaveQuestion(message: Uint8Array): boolean {
  if (message.length < HEADER_OCTETS || (message[2]! & QR) !== 0) return false;
  return message[4] !== 0 || message[5] !== 0;
}

function uint16(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}

function flagsOf(query: Uint8Array, questionEnd: number): number {
  const lower = query[3]!;
  const rd = query[2]! & Flag.RD;
  const ad = (lower & 0x20) === 0 ? 0 : Flag.AD;
  const cd = (lower & 0x10) === 0 ? 0 : Flag.CD;
  const flags = rd | ad | cd;
  return query.length === questionEnd ? flags : flags | flagsBehind(query, questionEnd);
}

/** Records looked at for one that concerns the message itself: it may be long, and hostile. */
const RECORDS_SEEN = 16;
/** Type, class, TTL and length of a record. */
const FIXED_OCTETS = 10;

/** What the records behind the question say of the message. */
function flagsBehind(message: Uint8Array, start: number): number {
  let flags = 0;
  let at = start;
  for (let i = 0; i < RECORDS_SEEN && at < message.length; i++) {
    const fixed = message[at] === 0 ? at + 1 : skipName(message, at, message.length);
    if (fixed < 0 || fixed + FIXED_OCTETS > message.length) break;
    const type = uint16(message, fixed);
    if (type === RRType.TSIG) flags |= Flag.TSIG;
    if (type === RRType.OPT) flags |= Flag.EDNS | ((message[fixed + 6]! & DO) === 0 ? 0 : Flag.DO);
    at = fixed + FIXED_OCTETS + uint16(message, fixed + 8);
  }
  return flags;
}

const DO = 0x80;

function writeEnding(room: Room, start: number, ending: Ending): number {
  const { octets, way, microseconds } = ending;
  let at = writeNumber(room, start, octets);
  if (microseconds < 0) return writeWord(room, at, UNTIMED[way]!);
  at = writeNumber(room, writeWord(room, at, WAYS[way]!), Math.min(microseconds, MOST_NUMBER));
  room.octets[at] = NEWLINE;
  return at + 1;
}

const MOST_NUMBER = 999_999_999;

/** Of a reply of ours; its upper bits stand in the OPT record (RFC 6891 §6.1.3). */
export function rcodeOf(reply: Uint8Array): number {
  const lower = reply[3]! & 0x0f;
  // What has answers has no such rcode.
  if (reply.length === HEADER_OCTETS || reply[6] !== 0 || reply[7] !== 0) return lower;
  let at = HEADER_OCTETS;
  if (reply[5] !== 0) at = skipName(reply, at, reply.length) + 4;
  while (at < reply.length) {
    const fixed = skipName(reply, at, reply.length);
    const type = uint16(reply, fixed);
    // Of the codes that there are, none is larger.
    if (type === RRType.OPT) return ((reply[fixed + 4]! << 4) & 0xf0) | lower;
    at = fixed + FIXED_OCTETS + uint16(reply, fixed + 8);
  }
  return lower;
}

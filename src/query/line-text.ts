/**
 * Text written straight into octets: words, numbers, addresses and names, without a string or any
 * other object on the way, and four octets at a time where they are known before. Each function
 * takes where to write and returns where the text ends; up to three octets behind may be written
 * over. That there is room is its caller's business.
 */

import { HEADER_OCTETS } from '../wire/message.ts';
import { nameLimits } from '../wire/name.ts';
import { printLabel, printName } from '../wire/name-print.ts';
import { skipPlainName } from '../wire/name-wire.ts';

const SPACE = 0x20;
const COLON = 0x3a;
const DOT = 0x2e;

/** Where text is written to. */
export interface Room {
  readonly octets: Uint8Array;
  readonly view: DataView;
}

export function roomOf(octets: number): Room {
  const buffer = new ArrayBuffer(octets);
  return { octets: new Uint8Array(buffer), view: new DataView(buffer) };
}

/** Text of ASCII, ready to be written. */
export interface Word {
  readonly length: number;
  /** Padded. */
  readonly quads: Uint32Array;
}

export function wordOf(text: string): Word {
  const quads = Uint32Array.from({ length: Math.ceil(text.length / 4) }, (_, i) =>
    quadOf(text.slice(4 * i)),
  );
  return { length: text.length, quads };
}

export function writeWord({ view }: Room, at: number, { length, quads }: Word): number {
  for (let i = 0; i < quads.length; i++) view.setUint32(at + 4 * i, quads[i]!);
  return at + length;
}

/** A piece of text that stands elsewhere. */
export interface Excerpt {
  view: DataView;
  start: number;
  /** 0: there is none. Up to three octets behind may be read, too. */
  end: number;
}

export function writeExcerpt(room: Room, at: number, { view, start, end }: Excerpt): number {
  const delta = at - start;
  for (let i = start; i < end; i += 4) room.view.setUint32(delta + i, view.getUint32(i));
  return delta + end;
}

/** An integer from 0 on, below 10^9. */
export function writeNumber(room: Room, at: number, value: number): number {
  if (value < 1000) return writeShort(room, at, value);
  const thousands = (value / 1000) | 0;
  return writeThreeDigits(room, writeNumber(room, at, thousands), value - 1000 * thousands);
}

/** A quad of a number below 1000, with zeros before it, and one more character. */
export function threeDigits(value: number, behind: string): number {
  return PADDED[value]! - SPACE + behind.charCodeAt(0);
}

function writeThreeDigits({ view }: Room, at: number, value: number): number {
  view.setUint32(at, PADDED[value]!);
  return at + 3;
}

function writeShort({ view }: Room, at: number, value: number): number {
  view.setUint32(at, SHORT[value]!);
  return at + LENGTHS[value]!;
}

/** Quads of `789 `, and of the same without zeros before it; how long that is. */
const PADDED = new Uint32Array(1000);
const SHORT = new Uint32Array(1000);
const LENGTHS = new Uint8Array(1000);
for (let value = 0; value < 1000; value++) {
  const tenths = Math.floor(value / 10);
  const hundredths = Math.floor(value / 100);
  const digits = (hundredths << 16) | ((tenths % 10) << 8) | (value % 10);
  const length = hundredths > 0 ? 3 : 1 + Math.sign(tenths);
  PADDED[value] = 0x30303020 + digits * 256;
  SHORT[value] = PADDED[value]! << (8 * (3 - length));
  LENGTHS[value] = length;
}

/** The first four characters, or as many as there are. */
function quadOf(text: string): number {
  let quad = 0;
  for (let i = 0; i < 4; i++) quad = quad * 256 + (i < text.length ? text.charCodeAt(i) : SPACE);
  return quad;
}

/** Four octets or sixteen, in the form of RFC 5952. */
export function writeAddress(room: Room, at: number, address: Uint8Array): number {
  if (address.length === 4) return writeQuad(room, at, address);
  if (!isMapped(address)) return writeGroups(room, at, address);
  return writeQuad(room, writeWord(room, at, MAPPED), address.subarray(12));
}

function writeQuad(room: Room, start: number, address: Uint8Array): number {
  let at = writeShort(room, start, address[0]!);
  for (let i = 1; i < 4; i++) {
    room.octets[at] = DOT;
    at = writeShort(room, at + 1, address[i]!);
  }
  return at;
}

const MAPPED = wordOf('::ffff:');

/** ::ffff:0:0/96 (RFC 5952 §5). */
function isMapped(octets: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (octets[i] !== 0) return false;
  return octets[10] === 255 && octets[11] === 255;
}

const GROUPS = 8;

function writeGroups({ octets }: Room, start: number, address: Uint8Array): number {
  const gap = longestGap(address);
  const gapStart = gap >>> 4;
  const gapEnd = gapStart + (gap & 0xf);
  let at = start;
  for (let group = 0; group < GROUPS; group++) {
    const isInGap = gap !== 0 && group >= gapStart && group < gapEnd;
    // Two colons for all of the gap, and none behind it.
    if (isInGap && group === gapStart) octets[at++] = COLON;
    if (isInGap ? group === gapStart : group > 0 && !(gap !== 0 && group === gapEnd)) {
      octets[at++] = COLON;
    }
    if (!isInGap)
      at = writeHexadecimal(octets, at, (address[2 * group]! << 8) | address[2 * group + 1]!);
  }
  return at;
}

/** The first of the longest runs of two zeros or more, `start << 4 | length`; 0: none. */
function longestGap(octets: Uint8Array): number {
  let best = 0;
  let length = 0;
  for (let group = 0; group < GROUPS; group++) {
    length = octets[2 * group] === 0 && octets[2 * group + 1] === 0 ? length + 1 : 0;
    if (length > Math.max(1, best & 0xf)) best = ((group + 1 - length) << 4) | length;
  }
  return best;
}

function writeHexadecimal(octets: Uint8Array, start: number, value: number): number {
  let at = start;
  let shift = 12;
  while (shift > 0 && value >>> shift === 0) shift -= 4;
  for (; shift >= 0; shift -= 4) octets[at++] = HEX.charCodeAt((value >>> shift) & 0xf);
  return at;
}

const HEX = '0123456789abcdef';

/**
 * The name of the question of `message`, with the escapes of `printName`: no octet of a name can
 * end a field or a line. Returns where the text ends, and in the lower `QUESTION_BITS` bits where
 * the name ends in the message; or -1: there is none that is whole and uncompressed.
 */
export function writeQuestionName(room: Room, start: number, message: Uint8Array): number {
  const { octets } = room;
  const end = Math.min(message.length, NAME_END);
  let to = start;
  let at = HEADER_OCTETS;
  for (let length = message[at++]!; length > 0; length = message[at++]!) {
    const labelEnd = at + length;
    if (length > LABEL_OCTETS || labelEnd >= end) return -1;
    while (at < labelEnd) {
      const octet = PLAIN[message[at++]!]!;
      // With an escape in this loop, all names would take longer.
      if (octet === 0) return writeEscapedName(room, start, message);
      octets[to++] = octet;
    }
    octets[to++] = DOT;
  }
  if (at === HEADER_OCTETS + 1) octets[to++] = DOT;
  return (to << QUESTION_BITS) | at;
}

/** The same for a name with octets that are seldom in one. */
function writeEscapedName({ octets }: Room, start: number, message: Uint8Array): number {
  const end = skipPlainName(message, HEADER_OCTETS, message.length);
  if (end < 0) return -1;
  const text = printName(message.subarray(HEADER_OCTETS, end));
  for (let i = 0; i < text.length; i++) octets[start + i] = text.charCodeAt(i);
  return ((start + text.length) << QUESTION_BITS) | end;
}

export const QUESTION_BITS = 9;
// Read for each name: an import is looked up each time where tests transform it.
const LABEL_OCTETS: number = nameLimits.labelOctets;
const NAME_END = HEADER_OCTETS + nameLimits.octets;

/** Octets that are written as they are; 0: the others. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, octet) => {
  return printLabel(Uint8Array.of(octet)).length === 1 ? octet : 0;
});

/**
 * A line of text, written straight into octets: numbers, addresses and names, without a string or
 * any other object on the way.
 */

import { HEADER_OCTETS } from '../wire/message.ts';
import { nameLimits } from '../wire/name.ts';
import { printLabel } from '../wire/name-print.ts';

const DIGIT_0 = 0x30;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const DOT = 0x2e;

/** Text of ASCII as octets. */
export function wordOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export class LineWriter {
  /** Where it writes, which has room for what comes. */
  octets: Uint8Array;
  at = 0;

  constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  octet(octet: number): void {
    this.octets[this.at++] = octet;
  }

  word(word: Uint8Array): void {
    const { octets, at } = this;
    for (let i = 0; i < word.length; i++) octets[at + i] = word[i]!;
    this.at = at + word.length;
  }

  /** An integer from 0 on, below 2^31. */
  number(value: number): void {
    const { octets, at } = this;
    let end = at + 1;
    for (let bound = 10; bound <= value; bound *= 10) end++;
    let rest = value;
    for (let place = end - 1; place >= at; place--) {
      const tenth = (rest / 10) | 0;
      octets[place] = DIGIT_0 + rest - 10 * tenth;
      rest = tenth;
    }
    this.at = end;
  }

  /** Of so many digits, with zeros before. */
  padded(value: number, digits: number): void {
    const { octets, at } = this;
    let rest = value;
    for (let place = at + digits - 1; place >= at; place--) {
      const tenth = (rest / 10) | 0;
      octets[place] = DIGIT_0 + rest - 10 * tenth;
      rest = tenth;
    }
    this.at = at + digits;
  }

  /** Four octets or sixteen, in the form of RFC 5952. */
  address(address: Uint8Array): void {
    if (address.length === 4) return this.#quad(address, 0);
    if (!isMapped(address)) return this.#groups(address);
    this.word(MAPPED);
    this.#quad(address, 12);
  }

  /**
   * The name of the question that stands in `message`, absolute, with the escapes of `printName`:
   * no octet of a name can end a field or a line. Returns the offset behind it, or -1: there is
   * none that is whole and uncompressed.
   */
  questionName(message: Uint8Array): number {
    const { octets } = this;
    const end = Math.min(message.length, HEADER_OCTETS + nameLimits.octets);
    let to = this.at;
    let at = HEADER_OCTETS;
    for (;;) {
      if (at >= end) return -1;
      const length = message[at++]!;
      if (length === 0) break;
      const labelEnd = at + length;
      if (length > nameLimits.labelOctets || labelEnd >= end) return -1;
      for (; at < labelEnd; at++) {
        const octet = message[at]!;
        const form = FORMS[octet]!;
        if (form === PLAIN) {
          octets[to++] = octet;
          continue;
        }
        octets[to++] = BACKSLASH;
        if (form === ESCAPED) octets[to++] = octet;
        else to = writeDecimal(octets, to, octet);
      }
      octets[to++] = DOT;
    }
    if (at === HEADER_OCTETS + 1) octets[to++] = DOT;
    this.at = to;
    return at;
  }

  #quad(address: Uint8Array, from: number): void {
    this.number(address[from]!);
    for (let i = from + 1; i < from + 4; i++) {
      this.octet(DOT);
      this.number(address[i]!);
    }
  }

  #groups(address: Uint8Array): void {
    const gap = longestGap(address);
    const gapStart = gap >>> 4;
    const gapEnd = gapStart + (gap & 0xf);
    for (let group = 0; group < GROUPS; group++) {
      if (gap !== 0 && group === gapStart) {
        this.octet(COLON);
        this.octet(COLON);
      }
      if (gap !== 0 && group >= gapStart && group < gapEnd) continue;
      if (group > 0 && (gap === 0 || group !== gapEnd)) this.octet(COLON);
      this.#hexadecimal((address[2 * group]! << 8) | address[2 * group + 1]!);
    }
  }

  #hexadecimal(value: number): void {
    let shift = 12;
    while (shift > 0 && value >>> shift === 0) shift -= 4;
    for (; shift >= 0; shift -= 4) this.octet(HEX[(value >>> shift) & 0xf]!);
  }
}

const MAPPED = wordOf('::ffff:');
const HEX = wordOf('0123456789abcdef');
const GROUPS = 8;

/** ::ffff:0:0/96 (RFC 5952 §5). */
function isMapped(octets: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (octets[i] !== 0) return false;
  return octets[10] === 255 && octets[11] === 255;
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

/** How an octet of a name is written: as it is, behind a backslash, or as `\DDD`. */
const FORMS = Uint8Array.from({ length: 256 }, (_, octet) => {
  return printLabel(Uint8Array.of(octet)).length;
});
const PLAIN = 1;
const ESCAPED = 2;

function writeDecimal(octets: Uint8Array, at: number, octet: number): number {
  octets[at] = DIGIT_0 + ((octet / 100) | 0);
  octets[at + 1] = DIGIT_0 + (((octet / 10) | 0) % 10);
  octets[at + 2] = DIGIT_0 + (octet % 10);
  return at + 3;
}

/**
 * The short way for what nearly every line of a large zone holds: one record of a common type on
 * one line, names without escapes, numbers in digits. Such lines go from the file's octets into the
 * image without a string or an object being made. At the first line that is unusual or wrong the
 * reader stops, having done nothing about it: the way that knows all rules and words the errors
 * (`master-file.ts`) takes that line, and then this one goes on.
 */

import { DnsClass, RRType } from '../wire/iana.ts';
import { DnsName, nameLimits } from '../wire/name.ts';
import type { ImageBuilder } from './image-builder.ts';
import { APEX } from './image-layout.ts';
import type { LocatedRecord } from './master-file.ts';
import { readPlainIPv4, readPlainIPv6 } from './plain-addresses.ts';
import { CLASS_IN, typeOfWord } from './plain-words.ts';
import type { Insertion } from './tree-builder.ts';

/** Where plain records go. */
export interface PlainTarget {
  readonly builder: ImageBuilder;
  /** Says of a record what became of it, where it was not simply added. */
  refused(record: LocatedRecord, insertion: Insertion): void;
}

/** What the reader of the whole file knows at a line. */
export interface PlainContext {
  readonly target: PlainTarget;
  readonly origin: DnsName | undefined;
  /** The owner of a line that begins with a blank. */
  readonly owner: DnsName | undefined;
  /** What a record's line is more than the line of the text; or the line of all. */
  readonly linesBefore: number;
  readonly fixedLine: number | undefined;
}

/** TTLs that lines may leave out. */
export interface Ttls {
  defaultTtl: number | undefined;
  lastTtl: number | undefined;
}

export class PlainLines {
  /** Where the next line begins, and its number from 1. */
  at = 0;
  line = 1;
  /** Where the owner stands that was read last; undefined: it is the context's. */
  ownerStart: number | undefined;
  ownerEnd = 0;
  readonly #octets: Uint8Array;
  readonly #ttls: Ttls;
  #context!: PlainContext;
  #origin: Uint8Array = NO_ORIGIN;
  /** What relative names stand below is the zone's own origin. */
  #isZoneOrigin = false;
  #node = 0;
  /** The owner's wire form. */
  readonly #name = nameScratch;
  #nameLength = 0;
  /** The owner lacks the octets of the origin: there they would only be copied and compared. */
  #isBelowOrigin = false;
  readonly #draft = { type: 0, ttl: 0, line: 0, rdata: rdataScratch, rdataLength: 0 };
  /** Where in its buffer the name ends that was read last. */
  #written = 0;
  /** Line ends inside the record: a SOA record often has some. */
  #innerLines = 0;

  constructor(octets: Uint8Array, ttls: Ttls) {
    // A Buffer is another kind of array for the compiler, and this is where the time goes.
    this.#octets = new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength);
    this.#ttls = ttls;
  }

  /** Reads from line `line` at `at` on, as many lines as are plain. */
  read(at: number, line: number, context: PlainContext): void {
    this.at = at;
    this.line = line;
    this.ownerStart = undefined;
    this.#context = context;
    this.#origin = context.origin?.wire ?? NO_ORIGIN;
    this.#isZoneOrigin = context.origin === context.target.builder.origin;
    this.#node = 0;
    const { owner } = context;
    if (owner !== undefined) {
      this.#name.set(owner.wire);
      this.#nameLength = owner.wire.length;
      this.#isBelowOrigin = false;
    }
    while (this.at < this.#octets.length) {
      this.#innerLines = 0;
      const isDirective = this.#octets[this.at] === DOLLAR;
      const end = isDirective ? this.#readTtlDirective(this.at) : this.#readLine(this.at);
      if (end < 0) return;
      this.at = end;
      this.line += 1 + this.#innerLines;
    }
  }

  /** The offset behind the line, or -1. */
  #readLine(start: number): number {
    const octets = this.#octets;
    let at = start;
    const kind = KINDS[octets[at]!];
    const hasOwner = kind === PLAIN || octets[at] === AT;
    if (hasOwner) {
      at = kind === PLAIN ? this.#readOwner(at) : this.#readAt(at);
      if (at < 0 || !isBlank(octets[at])) return -1;
    }
    const ownerEnd = at;
    at = this.#skipBlanks(at);
    if (!hasOwner) {
      const end = this.#lineEnd(at);
      if (end >= 0) return end;
      if (kind !== BLANK || !this.#hasOwner()) return -1;
    }
    at = this.#readHeader(at);
    if (at < 0) return -1;
    at = this.#readRdata(this.#skipBlanks(at));
    if (at < 0) return -1;
    const end = this.#lineEnd(this.#skipBlanks(at));
    if (end < 0 || !this.#add(hasOwner)) return -1;
    if (hasOwner) {
      this.ownerStart = start;
      this.ownerEnd = ownerEnd;
    }
    return end;
  }

  /** `$TTL` with a number, RFC 2308 §4. */
  #readTtlDirective(start: number): number {
    const octets = this.#octets;
    for (let i = 0; i < TTL_DIRECTIVE.length; i++) {
      // No other octets than these and those of the other case have these bits.
      if ((octets[start + i]! | 0x20) !== TTL_DIRECTIVE[i]) return -1;
    }
    const at = start + TTL_DIRECTIVE.length;
    if (!isBlank(octets[at])) return -1;
    let end = this.#skipBlanks(at);
    const from = end;
    let value = 0;
    for (; isDigit(octets[end]) && end - from < 9; end++) value = value * 10 + octets[end]! - ZERO;
    if (end === from || isDigit(octets[end])) return -1;
    const lineEnd = this.#lineEnd(this.#skipBlanks(end));
    if (lineEnd >= 0) this.#ttls.defaultTtl = value;
    return lineEnd;
  }

  /** '@' alone: the origin. */
  #readAt(at: number): number {
    if (this.#origin === NO_ORIGIN) return -1;
    this.#isBelowOrigin = this.#isZoneOrigin;
    this.#written = 0;
    if (!this.#isZoneOrigin) this.#endName(this.#name, 0, this.#origin);
    this.#nameLength = this.#written;
    return at + 1;
  }

  #readOwner(start: number): number {
    const at = this.#readLabels(start, this.#name, 0);
    if (at < 0) return -1;
    this.#isBelowOrigin = this.#isRelative && this.#isZoneOrigin;
    if (!this.#isBelowOrigin) {
      this.#endName(this.#name, this.#written, this.#isRelative ? this.#origin : ROOT);
    }
    this.#nameLength = this.#written;
    return at;
  }

  #hasOwner(): boolean {
    return this.ownerStart !== undefined || this.#context.owner !== undefined;
  }

  #add(hasOwner: boolean): boolean {
    const draft = this.#draft;
    const ttls = this.#ttls;
    const ttl = draft.ttl >= 0 ? draft.ttl : (ttls.defaultTtl ?? ttls.lastTtl);
    if (ttl === undefined) return false;
    const { target, linesBefore, fixedLine } = this.#context;
    if (hasOwner || this.#node === 0) {
      this.#node = this.#isBelowOrigin
        ? target.builder.placeBelow(this.#name, this.#nameLength)
        : target.builder.place(this.#name, this.#nameLength);
      if (this.#node === 0) return false;
    }
    if (draft.type === RRType.SOA && this.#node !== APEX) return false;
    if (draft.ttl >= 0) ttls.lastTtl = ttl;
    draft.ttl = ttl;
    draft.line = fixedLine ?? linesBefore + this.line;
    const insertion = target.builder.add(this.#node, draft);
    if (insertion.kind !== 'added') target.refused(this.#record(), insertion);
    return true;
  }

  #record(): LocatedRecord {
    const { type, ttl, line, rdata, rdataLength } = this.#draft;
    if (this.#isBelowOrigin) {
      this.#endName(this.#name, this.#nameLength, this.#origin);
      this.#nameLength = this.#written;
      this.#isBelowOrigin = false;
    }
    const name = DnsName.fromWire(this.#name.slice(0, this.#nameLength));
    return { name, type, class: DnsClass.IN, ttl, line, rdata: rdata.slice(0, rdataLength) };
  }

  /** TTL and class in either order, then the type. */
  #readHeader(start: number): number {
    const octets = this.#octets;
    const draft = this.#draft;
    let at = start;
    let hasClass = false;
    draft.ttl = -1;
    for (;;) {
      if (isDigit(octets[at])) {
        if (draft.ttl >= 0) return -1;
        at = this.#readNumber(at, MOST_TTL);
        if (at < 0) return -1;
        draft.ttl = this.#number;
      } else {
        const from = at;
        let word = 0;
        for (; isLetter(octets[at]) && at - from < 6; at++) word = word * 32 + (octets[at]! & 31);
        if (!isBlank(octets[at]) || at === from) return -1;
        if (word !== CLASS_IN) {
          draft.type = typeOfWord(word);
          return draft.type === 0 ? -1 : at;
        }
        if (hasClass) return -1;
        hasClass = true;
      }
      at = this.#skipBlanks(at);
    }
  }

  #readRdata(at: number): number {
    const { type, rdata } = this.#draft;
    switch (type) {
      case RRType.A:
        this.#draft.rdataLength = 4;
        return readPlainIPv4(this.#octets, at, rdata);
      case RRType.AAAA:
        this.#draft.rdataLength = 16;
        return readPlainIPv6(this.#octets, at, rdata);
      case RRType.MX:
        return this.#readNumbersAndName(at, 1);
      case RRType.SRV:
        return this.#readNumbersAndName(at, 3);
      case RRType.TXT:
        return this.#readStrings(at);
      case RRType.SOA:
        return this.#readSoa(at);
      default:
        return this.#readNumbersAndName(at, 0);
    }
  }

  /** So many numbers of 16 bits, then a name: NS, CNAME, PTR; MX; SRV. */
  #readNumbersAndName(start: number, count: number): number {
    const { rdata } = this.#draft;
    let at = start;
    for (let i = 0; i < count; i++) {
      at = this.#readNumber(at, 0xffff);
      if (at < 0) return -1;
      rdata[2 * i] = this.#number >> 8;
      rdata[2 * i + 1] = this.#number;
      at = this.#skipBlanks(at);
    }
    at = this.#readName(at, rdata, 2 * count);
    this.#draft.rdataLength = this.#written;
    return at;
  }

  /** Two names and five numbers, these in parentheses or not. */
  #readSoa(start: number): number {
    const { rdata } = this.#draft;
    let at = this.#readName(start, rdata, 0);
    if (at < 0 || !isBlank(this.#octets[at])) return -1;
    at = this.#readName(this.#skipBlanks(at), rdata, this.#written);
    if (at < 0) return -1;
    let length = this.#written;
    at = this.#skipBlanks(at);
    const isOpen = this.#octets[at] === OPEN;
    if (isOpen) at++;
    for (let i = 0; i < SOA_NUMBERS; i++, length += 4) {
      at = this.#readWord(isOpen ? this.#skipInside(at) : this.#skipBlanks(at), rdata, length);
      if (at < 0) return -1;
    }
    this.#draft.rdataLength = length;
    if (!isOpen) return at;
    at = this.#skipInside(at);
    return this.#octets[at] === CLOSE ? at + 1 : -1;
  }

  /** A number of 32 bits, written to `out` at `to`. */
  #readWord(start: number, out: Uint8Array, to: number): number {
    const octets = this.#octets;
    let at = start;
    let value = 0;
    for (; isDigit(octets[at]) && at - start < 10; at++) value = value * 10 + octets[at]! - ZERO;
    if (at === start || value > 0xffffffff || KINDS[octets[at]!] === PLAIN) return -1;
    for (let i = 0; i < 4; i++) out[to + i] = value >>> (24 - 8 * i);
    return at;
  }

  /** Blanks, line ends and comments inside parentheses; counts the lines. */
  #skipInside(start: number): number {
    const octets = this.#octets;
    for (let at = start; ;) {
      at = this.#skipBlanks(at);
      const octet = octets[at];
      const isEnd = octet === LINE_FEED || octet === CARRIAGE_RETURN || octet === SEMICOLON;
      const end = isEnd ? this.#lineEnd(at) : -1;
      if (end < 0) return at;
      this.#innerLines++;
      at = end;
    }
  }

  /** Quoted or bare, without escapes. */
  #readStrings(start: number): number {
    const octets = this.#octets;
    const { rdata } = this.#draft;
    let at = start;
    let length = 0;
    do {
      if (length > RDATA_ROOM - 256) return -1;
      const isQuoted = octets[at] === QUOTE;
      if (isQuoted) at++;
      const from = at;
      while (at < from + 256 && isStringOctet(octets[at], isQuoted)) {
        rdata[length + 1 + at - from] = octets[at]!;
        at++;
      }
      if (at - from > 255 || (isQuoted ? octets[at] !== QUOTE : at === from)) return -1;
      rdata[length] = at - from;
      length += at - from + 1;
      if (isQuoted) at++;
      if (!isBlank(octets[at])) break;
      at = this.#skipBlanks(at);
    } while (octets[at] === QUOTE || KINDS[octets[at]!] === PLAIN);
    this.#draft.rdataLength = length;
    return at;
  }

  #number = 0;

  /** Digits up to a blank; sets `#number`. */
  #readNumber(start: number, most: number): number {
    const octets = this.#octets;
    let at = start;
    let value = 0;
    for (; isDigit(octets[at]) && at - start < 9; at++) value = value * 10 + octets[at]! - ZERO;
    this.#number = value;
    return at === start || value > most || !isBlank(octets[at]) ? -1 : at;
  }

  /** A name without escapes, but not '@' or the root, into `out` from `from` on. */
  #readName(start: number, out: Uint8Array, from: number): number {
    const at = this.#readLabels(start, out, from);
    if (at >= 0) this.#endName(out, this.#written, this.#isRelative ? this.#origin : ROOT);
    return at;
  }

  /** What stands there of the name does not end with a dot. */
  #isRelative = false;

  /** As `#readName`, without what relative names go on with or the root. */
  #readLabels(start: number, out: Uint8Array, from: number): number {
    const octets = this.#octets;
    const limit = start + nameLimits.octets;
    let labelStart = from;
    let to = from + 1;
    let at = start;
    for (; at < limit; at++, to++) {
      const octet = octets[at]!;
      if (KINDS[octet] !== PLAIN) break;
      out[to] = octet;
      if (octet !== DOT) continue;
      const length = to - labelStart - 1;
      if (length === 0 || length > nameLimits.labelOctets) return -1;
      out[labelStart] = length;
      labelStart = to;
    }
    if (at === start || at === limit) return -1;
    const length = to - labelStart - 1;
    this.#isRelative = length > 0;
    this.#written = this.#isRelative ? to : labelStart;
    if (!this.#isRelative) return this.#written - from < nameLimits.octets ? at : -1;
    if (length > nameLimits.labelOctets || this.#origin === NO_ORIGIN) return -1;
    out[labelStart] = length;
    return to - from + this.#origin.length <= nameLimits.octets ? at : -1;
  }

  /** There is room for it. */
  #endName(out: Uint8Array, to: number, tail: Uint8Array): void {
    this.#written = to + tail.length;
    for (let i = 0; i < tail.length; i++) out[to + i] = tail[i]!;
  }

  #skipBlanks(start: number): number {
    let at = start;
    while (isBlank(this.#octets[at])) at++;
    return at;
  }

  /** Behind the line end or the comment that stands at `at`; -1 when something else does. */
  #lineEnd(at: number): number {
    const octets = this.#octets;
    if (at >= octets.length) return octets.length;
    const octet = octets[at];
    if (octet === LINE_FEED) return at + 1;
    if (octet === CARRIAGE_RETURN) return octets[at + 1] === LINE_FEED ? at + 2 : -1;
    if (octet !== SEMICOLON) return -1;
    const end = octets.indexOf(LINE_FEED, at);
    return end < 0 ? octets.length : end + 1;
  }
}

const NO_ORIGIN = new Uint8Array(0);
const ROOT = Uint8Array.of(0);
/** A name that grew too long is noticed only at its end. */
const ROOMY_NAME = 3 * nameLimits.octets;
const RDATA_ROOM = 4096;

/** Of one record; files are read one line after the other, whichever reader reads it. */
const nameScratch = new Uint8Array(ROOMY_NAME);
const rdataScratch = new Uint8Array(RDATA_ROOM);

/** RFC 2181 §8 has it up to 2^31-1; nine digits say all that people write. */
const MOST_TTL = 999_999_999;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const DOLLAR = 0x24;
const OPEN = 0x28;
const CLOSE = 0x29;
const DOT = 0x2e;
const ZERO = 0x30;
const SEMICOLON = 0x3b;
const AT = 0x40;
const BACKSLASH = 0x5c;

const TTL_DIRECTIVE: Uint8Array = Uint8Array.from('$ttl', (letter) => letter.charCodeAt(0));
const SOA_NUMBERS = 5;

/** Kinds of octets. */
const PLAIN = 0;
const BLANK = 1;
const OTHER = 2;

/** Octets that mean something inside or around fields are not plain, nor is '@'. */
const KINDS: Uint8Array = new Uint8Array(256);
for (const octet of '\0\r\n"$();@\\') KINDS[octet.charCodeAt(0)] = OTHER;
for (const octet of ' \t') KINDS[octet.charCodeAt(0)] = BLANK;

/** Behind the end of the file there is nothing, and so no blank. */
function isBlank(octet: number | undefined): boolean {
  return octet === 0x20 || octet === 0x09;
}

function isDigit(octet: number | undefined): boolean {
  return octet !== undefined && octet >= ZERO && octet <= 0x39;
}

function isLetter(octet: number | undefined): boolean {
  return octet !== undefined && (octet | 0x20) >= 0x61 && (octet | 0x20) <= 0x7a;
}

function isStringOctet(octet: number | undefined, isQuoted: boolean): boolean {
  if (octet === undefined) return false;
  if (!isQuoted) return KINDS[octet] === PLAIN || octet === DOLLAR || octet === AT;
  const isSpecial = octet === QUOTE || octet === BACKSLASH;
  return !isSpecial && octet !== LINE_FEED && octet !== CARRIAGE_RETURN && octet !== 0;
}

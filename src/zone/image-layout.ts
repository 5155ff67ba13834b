/**
 * How a zone lies in its image: 32-bit words in the byte order of the machine, because an image
 * never leaves it. An offset counts words from the image's start, and 0 means "none".
 *
 *     header │ apex │ blocks: names and RRsets, as they came │ unused │ hash table
 *
 *     name    next of the same hash │ hash │ parent, flags │ first RRset │ label: length, octets
 *     RRset   next of the name      │ IS_RRSET, type, count │ TTL │ record…
 *       large …                     │ IS_RRSET, type, LARGE │ TTL │ count │ used │ room │ record…
 *     record  line in the master file │ rdata length (16 bits), octets
 *
 * Labels, records and blocks begin at whole words. A name holds its own label only, and is found by
 * its parent and that label; empty non-terminals are names without RRsets (RFC 4592 §2.2.2), and
 * parents lie before their children. The apex has the whole origin for a label. An RRset of count 0
 * is the owner's spelling, where it differs from its labels' (RFC 4343 §4.1). In an image that was
 * edited, a name that is gone lies where it lay, with the parent 0, and nothing leads to it.
 */

import { foldOctet } from '../wire/case-fold.ts';

export const imageLimits = {
  /** Offsets of words have 30 bits beside two flags, so that all arithmetic stays in 32. */
  words: 0x40000000,
  /** Records of a small RRset: the count has 15 bits, and `LARGE` is one of its values. */
  smallCount: 0x7ffe,
} as const;

/** An image: the words of a SharedArrayBuffer, or of the part of one that is the zone's. */
export type ZoneImage = Int32Array<SharedArrayBuffer>;

/** Words of the header. */
export const HeaderWord = {
  MAGIC: 0,
  /** Where the blocks end. */
  TOP: 1,
  /** The hash table: where it begins, and how many words it has, a power of two. */
  HEADS: 2,
  HEAD_COUNT: 3,
  RECORD_COUNT: 4,
  ORIGIN_OCTETS: 5,
  CLASS: 6,
  /** Names in the hash table. */
  NAME_COUNT: 7,
  /** Words of blocks that nothing leads to any more. */
  WASTE: 8,
  WORDS: 10,
} as const;

/** "TSZ" and the version of the layout; read in another byte order it is something else. */
export const MAGIC = 0x54535a02;
export const APEX: number = HeaderWord.WORDS;

/** Words of a name before its label. */
export const NameWord = { NEXT: 0, HASH: 1, PARENT: 2, RRSETS: 3, LABEL: 4 } as const;

/** Beside the parent: NS below the apex, or DNAME; a lookup may end here. */
export const REDIRECTS: number = 0x80000000 | 0;
/** Beside the parent: the first RRset is the owner's spelling. */
export const SPELLED = 0x40000000;
export const OFFSET_MASK = 0x3fffffff;

/** Words of an RRset before its records. */
export const RRsetWord = { NEXT: 0, TYPE: 1, TTL: 2, RECORDS: 3, LARGE_RECORDS: 6 } as const;
/** Words of a large RRset only; `USED` and `ROOM` are words of records. */
export const LargeRRsetWord = { COUNT: 3, USED: 4, ROOM: 5 } as const;

/** The top bit of a block's second word: set in an RRset, clear in a name's hash. */
export const IS_RRSET: number = 0x80000000 | 0;
export const COUNT_MASK = 0x7fff;
export const LARGE = 0x7fff;
export const TYPE_SHIFT = 15;

/** Words of a record before its rdata length. */
export const RECORD_LENGTH = 1;

/** Words that `octets` octets fill. */
export function wordsOf(octets: number): number {
  return (octets + 3) >> 2;
}

/** Words of a record with so many octets of rdata. */
export function recordWords(rdataOctets: number): number {
  return RECORD_LENGTH + ((rdataOctets + 5) >> 2);
}

/**
 * 31 bits from the label at `wire[at]`, case folded, below `parent`. Labels that differ at their
 * ends only, as names of hosts in large zones do, come to lie near each other in the table: filling
 * it then finds it in the processor's cache.
 */
export function hashLabel(parent: number, wire: Uint8Array, at: number): number {
  let hash = Math.imul(parent, 0x9e3779b1);
  for (let i = at, end = at + wire[at]!; i <= end; i++) {
    hash = (Math.imul(hash, 31) + foldOctet(wire[i]!)) | 0;
  }
  return hash & 0x7fffffff;
}

/**
 * Reading a zone's image: names by their labels, RRsets by name and type. Nothing here is kept as
 * objects; RRsets are made when somebody asks, with octets of their own, so that no reader can
 * write into what all threads share. The builder reads its own unfinished image by the same way.
 */

import { foldOctet } from '../wire/case-fold.ts';
import { DnsName, nameLimits } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { labelStartsOf } from './lookup.ts';
import {
  APEX,
  COUNT_MASK,
  hashLabel,
  HeaderWord,
  IS_RRSET,
  LARGE,
  LargeRRsetWord,
  NameWord,
  OFFSET_MASK,
  RECORD_LENGTH,
  recordWords,
  REDIRECTS,
  RRsetWord,
  SPELLED,
  TYPE_SHIFT,
  wordsOf,
} from './image-layout.ts';

export interface ImageMemory {
  /** The image, twice: as words and as octets. */
  readonly words: Int32Array;
  readonly octets: Uint8Array;
  readonly heads: Int32Array;
}

/** Of octets, whatever they mean: what differs in case may or may not be a letter of a name. */
type Likeness = 'equal' | 'equal but for case' | 'different';

export class ImageTree {
  readonly apex: number = APEX;
  /** Of the label that `child` looked for last: whoever adds it needs the same once more. */
  lastHash = 0;
  readonly #words: Int32Array;
  readonly #octets: Uint8Array;
  readonly #heads: Int32Array;
  readonly #mask: number;

  constructor({ words, octets, heads }: ImageMemory) {
    this.#words = words;
    this.#octets = octets;
    this.#heads = heads;
    this.#mask = heads.length - 1;
  }

  /** The name one label below `parent`, the label standing at `wire[at]`; 0 when there is none. */
  child(parent: number, wire: Uint8Array, at: number): number {
    const words = this.#words;
    const hash = hashLabel(parent, wire, at);
    this.lastHash = hash;
    let node = this.#heads[hash & this.#mask]!;
    for (; node !== 0; node = words[node]!) {
      const isHere =
        words[node + NameWord.HASH] === hash &&
        (words[node + NameWord.PARENT]! & OFFSET_MASK) === parent;
      if (isHere && this.#hasLabel(node, wire, at)) return node;
    }
    return 0;
  }

  /** The name's place, or 0: also when it is not at or below `origin`. */
  descend(name: DnsName, origin: DnsName): number {
    if (!name.isSubdomainOf(origin)) return 0;
    const { wire } = name;
    const starts = labelStartsOf(wire);
    let node = APEX;
    for (let i = name.labelCount - origin.labelCount - 1; i >= 0 && node !== 0; i--) {
      node = this.child(node, wire, starts[i]!);
    }
    return node;
  }

  /** Whether the name is a zone cut or owns a DNAME. */
  redirects(node: number): boolean {
    return (this.#words[node + NameWord.PARENT]! & REDIRECTS) !== 0;
  }

  /** The apex has none: 0. */
  parent(node: number): number {
    return this.#words[node + NameWord.PARENT]! & OFFSET_MASK;
  }

  /** Spelled as in the zone; `likely` itself when that is how it is spelled. */
  name(node: number, likely?: DnsName): DnsName {
    const isOwnSpelling = (this.#words[node + NameWord.PARENT]! & SPELLED) !== 0;
    if (likely !== undefined && !isOwnSpelling && this.isSpelled(node, likely.wire)) return likely;
    const length = isOwnSpelling ? this.#writeSpelling(node) : this.#writeLabels(node);
    return DnsName.fromWire(scratch.slice(0, length));
  }

  #writeSpelling(node: number): number {
    const spelling = this.#words[node + NameWord.RRSETS]! + RRsetWord.RECORDS;
    const start = (spelling + RECORD_LENGTH) * 4;
    const length = this.#u16(start);
    return copyOctets({ from: this.#octets, start: start + 2, length }, scratch, 0);
  }

  /** Whether the labels of the name, each as it first appeared, spell `wire`. */
  isSpelled(node: number, wire: Uint8Array): boolean {
    const at = this.spelledLabels(node, wire);
    if (at < 0) return false;
    const octets = this.#octets;
    const start = (APEX + NameWord.LABEL) * 4;
    const length = this.#words[HeaderWord.ORIGIN_OCTETS]!;
    for (let i = 0; i < length; i++) if (octets[start + i] !== wire[at + i]) return false;
    return true;
  }

  /** Octets of the labels before the origin; -1 when `wire` spells them otherwise. */
  spelledLabels(node: number, wire: Uint8Array): number {
    const octets = this.#octets;
    let at = 0;
    for (let from = node; from !== APEX; from = this.parent(from)) {
      const start = (from + NameWord.LABEL) * 4;
      const end = start + octets[start]!;
      for (let i = start; i <= end; i++) if (octets[i] !== wire[at++]) return -1;
    }
    return at;
  }

  #writeLabels(node: number): number {
    const out = scratch;
    let at = 0;
    for (let from = node; from !== APEX; from = this.parent(from)) {
      const start = (from + NameWord.LABEL) * 4;
      at = copyOctets({ from: this.#octets, start, length: this.#octets[start]! + 1 }, out, at);
    }
    const length = this.#words[HeaderWord.ORIGIN_OCTETS]!;
    return copyOctets({ from: this.#octets, start: (APEX + NameWord.LABEL) * 4, length }, out, at);
  }

  /** The RRset's offset, or 0. */
  find(node: number, type: number): number {
    const words = this.#words;
    let set = this.first(node);
    while (set !== 0 && this.typeOf(set) !== type) set = words[set]!;
    return set;
  }

  /** The first RRset of a name, or 0. */
  first(node: number): number {
    const set = this.#words[node + NameWord.RRSETS]!;
    const isSpelled = (this.#words[node + NameWord.PARENT]! & SPELLED) !== 0;
    return isSpelled ? this.#words[set]! : set;
  }

  next(set: number): number {
    return this.#words[set]!;
  }

  typeOf(set: number): number {
    return (this.#words[set + RRsetWord.TYPE]! >>> TYPE_SHIFT) & 0xffff;
  }

  ttlOf(set: number): number {
    return this.#words[set + RRsetWord.TTL]!;
  }

  countOf(set: number): number {
    const count = this.#words[set + RRsetWord.TYPE]! & COUNT_MASK;
    return count === LARGE ? this.#words[set + LargeRRsetWord.COUNT]! : count;
  }

  /** Where the first record of the RRset lies; the next one is `nextRecord`. */
  firstRecord(set: number): number {
    const isLarge = (this.#words[set + RRsetWord.TYPE]! & COUNT_MASK) === LARGE;
    return set + (isLarge ? RRsetWord.LARGE_RECORDS : RRsetWord.RECORDS);
  }

  nextRecord(record: number): number {
    return record + recordWords(this.#u16((record + RECORD_LENGTH) * 4));
  }

  lineOf(record: number): number {
    return this.#words[record]!;
  }

  rdataOf(record: number): Uint8Array {
    const start = (record + RECORD_LENGTH) * 4;
    const octets = this.#octets;
    const rdata = new Uint8Array(this.#u16(start));
    if (rdata.length > LONG) rdata.set(octets.subarray(start + 2, start + 2 + rdata.length));
    else for (let i = 0; i < rdata.length; i++) rdata[i] = octets[start + 2 + i]!;
    return rdata;
  }

  /** How the record's rdata compares with `rdata` up to `length`. */
  compareRdata(record: number, rdata: Uint8Array, length: number): Likeness {
    const start = (record + RECORD_LENGTH) * 4;
    if (this.#u16(start) !== length) return 'different';
    const octets = this.#octets;
    let likeness: Likeness = 'equal';
    for (let i = 0; i < length; i++) {
      const octet = octets[start + 2 + i]!;
      if (octet === rdata[i]) continue;
      if (foldOctet(octet) !== foldOctet(rdata[i]!)) return 'different';
      likeness = 'equal but for case';
    }
    return likeness;
  }

  rrset(node: number, type: number, likely?: DnsName): RRset | undefined {
    const set = this.find(node, type);
    return set === 0 ? undefined : this.read(set, this.name(node, likely));
  }

  /** All of a name. */
  rrsets(node: number): RRset[] {
    const rrsets: RRset[] = [];
    let name: DnsName | undefined;
    for (let set = this.first(node); set !== 0; set = this.next(set)) {
      rrsets.push(this.read(set, (name ??= this.name(node))));
    }
    return rrsets;
  }

  read(set: number, name: DnsName): RRset {
    const rdatas: Uint8Array[] = [];
    let record = this.firstRecord(set);
    for (let left = this.countOf(set); left > 0; left--) {
      rdatas.push(this.rdataOf(record));
      record = this.nextRecord(record);
    }
    const dnsClass = this.#words[HeaderWord.CLASS]!;
    return { name, type: this.typeOf(set), class: dnsClass, ttl: this.ttlOf(set), rdatas };
  }

  /** Every name, empty non-terminals included: the apex first, parents before their children. */
  *nodes(top: number = this.#words[HeaderWord.TOP]!): Iterable<number> {
    yield APEX;
    const words = this.#words;
    let at = APEX + NameWord.LABEL + wordsOf(words[HeaderWord.ORIGIN_OCTETS]!);
    while (at < top) {
      if ((words[at + RRsetWord.TYPE]! & IS_RRSET) !== 0) at += this.setWords(at);
      else {
        yield at;
        at += this.nameWords(at);
      }
    }
  }

  /** Words of an RRset, or of an owner's spelling. */
  setWords(set: number): number {
    const count = this.#words[set + RRsetWord.TYPE]! & COUNT_MASK;
    if (count === LARGE) return RRsetWord.LARGE_RECORDS + this.#words[set + LargeRRsetWord.ROOM]!;
    let record = set + RRsetWord.RECORDS;
    for (let left = Math.max(1, count); left > 0; left--) record = this.nextRecord(record);
    return record - set;
  }

  /** Words of a name that is not the apex. */
  nameWords(node: number): number {
    return NameWord.LABEL + wordsOf(this.#octets[(node + NameWord.LABEL) * 4]! + 1);
  }

  #hasLabel(node: number, wire: Uint8Array, at: number): boolean {
    const octets = this.#octets;
    const start = (node + NameWord.LABEL) * 4;
    for (let i = 0, length = wire[at]!; i <= length; i++) {
      if (foldOctet(octets[start + i]!) !== foldOctet(wire[at + i]!)) return false;
    }
    return true;
  }

  #u16(at: number): number {
    return (this.#octets[at]! << 8) | this.#octets[at + 1]!;
  }
}

interface Stretch {
  readonly from: Uint8Array;
  readonly start: number;
  readonly length: number;
}

/** From here on copying by `set` is faster than octet by octet. */
const LONG = 64;

const scratch = new Uint8Array(nameLimits.octets);

function copyOctets({ from, start, length }: Stretch, out: Uint8Array, at: number): number {
  for (let i = 0; i < length; i++) out[at + i] = from[start + i]!;
  return at + length;
}

/**
 * Puts a zone's image together, record by record, and refuses what cannot stand beside the records
 * that are already there. No object is made for a record, and the time is linear in the records
 * whatever their order: an RRset that cannot grow where it lies moves to twice the room, and what
 * it leaves behind stays unused.
 */

import { DnsClass, RRType } from '../wire/iana.ts';
import { nameLimits, type DnsName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { equalFolded } from '../wire/case-fold.ts';
import { canonicalRdata, hasFoldedNames } from './canonical-rdata.ts';
import {
  APEX,
  COUNT_MASK,
  HeaderWord,
  imageLimits,
  IS_RRSET,
  LARGE,
  LargeRRsetWord,
  MAGIC,
  NameWord,
  RECORD_LENGTH,
  recordWords,
  REDIRECTS,
  RRsetWord,
  SPELLED,
  TYPE_SHIFT,
  wordsOf,
  type ZoneImage,
} from './image-layout.ts';
import { GrowingMemory, type ImageSlab } from './image-memory.ts';
import { ImageTree } from './image-tree.ts';
import { hashRdata, RdataIndex } from './rdata-index.ts';
import { isConflict, isSingle, type Insertion, type TreeBuilder } from './tree-builder.ts';

/** A record on its way into the image; the same object may serve for all. */
export interface Draft {
  readonly type: number;
  readonly ttl: number;
  /** Where the record stands in the master file; 0 when it comes from none. */
  readonly line: number;
  /** The octets from its start up to `rdataLength`. */
  readonly rdata: Uint8Array;
  readonly rdataLength: number;
}

/** What checks look at. */
export interface Notable {
  /** Names that own NS. */
  readonly nodesWithNs: readonly number[];
  readonly hasDname: boolean;
}

export interface ImageBuilderOptions {
  /** Octets of the master file, to reserve memory by. */
  readonly fileOctets?: number;
  /** Smaller than `imageLimits.words` in tests. */
  readonly mostWords?: number;
}

export class ImageBuilder implements TreeBuilder {
  recordCount = 0;
  readonly origin: DnsName;
  readonly #memory: GrowingMemory;
  #tree: ImageTree;
  #heads: Int32Array;
  #nameCount = 1;
  #top: number;
  /** The RRset that ends at the top and so can grow there. */
  #lastSet = 0;
  readonly #nodesWithNs: number[] = [];
  #hasDname = false;
  /** Of RRsets with many records. */
  readonly #indexes = new Map<number, RdataIndex>();

  constructor(origin: DnsName, { fileOctets = 0, mostWords }: ImageBuilderOptions = {}) {
    this.origin = origin;
    this.#memory = new GrowingMemory(fileOctets, mostWords ?? imageLimits.words);
    this.#heads = new Int32Array(headCountFor(fileOctets));
    this.#top = APEX;
    this.#tree = this.#readable();
    this.#addApex();
  }

  insert(record: ResourceRecord & { readonly line?: number }): Insertion {
    const { type, ttl, rdata, line = 0 } = record;
    const node = this.place(record.name.wire, record.name.wire.length);
    return this.add(node, { type, ttl, line, rdata, rdataLength: rdata.length });
  }

  /**
   * The name `wire` up to `length`, made when it is new, with the empty non-terminals above it; 0
   * when it is not at or below the origin.
   */
  place(wire: Uint8Array, length: number): number {
    const { wire: origin, labelCount } = this.origin;
    const own = findLabels(wire) - labelCount;
    const tail = { aStart: length - origin.length, bStart: 0, length: origin.length };
    if (own < 0 || (own === 0 ? 0 : labelEnd(wire, labelStarts[own - 1]!)) !== tail.aStart)
      return 0;
    if (!equalFolded(wire, origin, tail)) return 0;
    const node = this.#placeLabels(wire, own);
    if (this.#memory.words[node + NameWord.RRSETS] === 0) this.#spell(node, wire, length);
    return node;
  }

  /** As `place` of the labels in `wire` up to `length`, with the origin behind as it is spelled. */
  placeBelow(wire: Uint8Array, length: number): number {
    let own = 0;
    for (let at = 0; at < length; at += wire[at]! + 1) labelStarts[own++] = at;
    const node = this.#placeLabels(wire, own);
    const isNew = this.#memory.words[node + NameWord.RRSETS] === 0;
    if (isNew && this.#tree.spelledLabels(node, wire) < 0) {
      wire.set(this.origin.wire, length);
      this.#spell(node, wire, length + this.origin.wire.length);
    }
    return node;
  }

  /** The first `own` labels that were found last. */
  #placeLabels(wire: Uint8Array, own: number): number {
    let node = APEX;
    for (let i = own - 1; i >= 0; i--) node = this.#childOf(node, wire, labelStarts[i]!);
    return node;
  }

  /** Adds a record to the name at `node`. */
  add(node: number, draft: Draft): Insertion {
    const set = this.#tree.find(node, draft.type);
    if (set !== 0) return this.#extend(node, set, draft);
    for (let other = this.#tree.first(node); other !== 0; other = this.#tree.next(other)) {
      const otherType = this.#tree.typeOf(other);
      if (isConflict(draft.type, otherType)) return { kind: 'conflict', other: otherType };
    }
    this.#addSet(node, draft);
    this.recordCount++;
    return ADDED;
  }

  get notable(): Notable {
    return { nodesWithNs: this.#nodesWithNs, hasDname: this.#hasDname };
  }

  /** What is there so far, to be read before anything is added or finished. */
  get tree(): ImageTree {
    this.#memory.words[HeaderWord.TOP] = this.#top;
    return this.#tree;
  }

  /** The image; the builder is of no use afterwards. */
  finish(slab?: ImageSlab): ZoneImage {
    const used = this.#top + this.#heads.length;
    this.#memory.grow(this.#top, used);
    const { words } = this.#memory;
    words.set(this.#heads, this.#top);
    words[HeaderWord.MAGIC] = MAGIC;
    words[HeaderWord.TOP] = this.#top;
    words[HeaderWord.HEADS] = this.#top;
    words[HeaderWord.HEAD_COUNT] = this.#heads.length;
    words[HeaderWord.RECORD_COUNT] = this.recordCount;
    return this.#memory.finish(used, slab);
  }

  /** Frees what a builder that is not finished holds. */
  discard(): void {
    this.#memory.release(this.#top);
  }

  #addApex(): void {
    const { wire } = this.origin;
    const apex = this.#take(NameWord.LABEL + wordsOf(wire.length));
    this.#memory.words[HeaderWord.ORIGIN_OCTETS] = wire.length;
    this.#memory.words[HeaderWord.CLASS] = DnsClass.IN;
    this.#memory.octets.set(wire, (apex + NameWord.LABEL) * 4);
  }

  #childOf(parent: number, wire: Uint8Array, at: number): number {
    return this.#tree.child(parent, wire, at) || this.#addName(parent, wire, at);
  }

  #addName(parent: number, wire: Uint8Array, at: number): number {
    const hash = this.#tree.lastHash;
    if (this.#nameCount++ >= this.#heads.length * NAMES_PER_HEAD) this.#rehash();
    const length = wire[at]!;
    const node = this.#take(NameWord.LABEL + wordsOf(length + 1));
    const { words, octets } = this.#memory;
    const head = hash & (this.#heads.length - 1);
    words[node + NameWord.NEXT] = this.#heads[head]!;
    words[node + NameWord.HASH] = hash;
    words[node + NameWord.PARENT] = parent;
    const start = (node + NameWord.LABEL) * 4;
    for (let i = 0; i <= length; i++) octets[start + i] = wire[at + i]!;
    this.#heads[head] = node;
    return node;
  }

  /** One spelling of an owner for all its RRsets: the first record's, not that of a child's. */
  #spell(node: number, wire: Uint8Array, length: number): void {
    if (this.#tree.isSpelled(node, wire)) return;
    const spelling = this.#take(RRsetWord.RECORDS + recordWords(length));
    const { words, octets } = this.#memory;
    words[spelling + RRsetWord.TYPE] = IS_RRSET;
    writeOctets(octets, (spelling + RRsetWord.RECORDS + RECORD_LENGTH) * 4, {
      from: wire,
      length,
    });
    words[node + NameWord.RRSETS] = spelling;
    words[node + NameWord.PARENT]! |= SPELLED;
  }

  #addSet(node: number, draft: Draft): void {
    const set = this.#take(RRsetWord.RECORDS + recordWords(draft.rdataLength));
    const { words } = this.#memory;
    words[set + RRsetWord.TYPE] = IS_RRSET | (draft.type << TYPE_SHIFT) | 1;
    words[set + RRsetWord.TTL] = draft.ttl;
    this.#writeRecord(set + RRsetWord.RECORDS, draft);
    this.#lastSet = set;
    let link = node + NameWord.RRSETS;
    while (words[link] !== 0) link = words[link]! + RRsetWord.NEXT;
    words[link] = set;
    if (draft.type === RRType.NS) this.#nodesWithNs.push(node);
    else if (draft.type === RRType.DNAME) this.#hasDname = true;
    else return;
    // NS at the apex are the zone's own.
    if (node === APEX && draft.type === RRType.NS) return;
    words[node + NameWord.PARENT]! |= REDIRECTS;
  }

  #extend(node: number, set: number, draft: Draft): Insertion {
    const count = this.#tree.countOf(set);
    const index = count < INDEXED_COUNT ? undefined : this.#indexOf(set, count);
    const hash = index ? hashCanonical(draft) : 0;
    if (this.#hasRecord(set, draft, index && { index, hash })) return DUPLICATE;
    if (isSingle(draft.type)) return NOT_SINGLE;
    const grown = this.#withRoom(node, set, recordWords(draft.rdataLength));
    const record = this.#takeRecord(grown, recordWords(draft.rdataLength));
    this.#writeRecord(record, draft);
    index?.add(hash, record - this.#tree.firstRecord(grown));
    this.recordCount++;
    const { words } = this.#memory;
    const ttl = words[grown + RRsetWord.TTL]!;
    if (ttl === draft.ttl) return ADDED;
    words[grown + RRsetWord.TTL] = Math.min(ttl, draft.ttl);
    return { kind: 'ttl differs', ttl };
  }

  #hasRecord(
    set: number,
    draft: Draft,
    known: { readonly index: RdataIndex; readonly hash: number } | undefined,
  ): boolean {
    const tree = this.#tree;
    const first = tree.firstRecord(set);
    if (known !== undefined) {
      const isAt = (place: number): boolean => this.#isSame(first + place, draft);
      return known.index.has(known.hash, isAt);
    }
    let record = first;
    for (let left = tree.countOf(set); left > 0; left--, record = tree.nextRecord(record)) {
      if (this.#isSame(record, draft)) return true;
    }
    return false;
  }

  /** RFC 4034 §6.3: in canonical form. Nearly always the octets alone tell. */
  #isSame(record: number, { type, rdata, rdataLength }: Draft): boolean {
    const likeness = this.#tree.compareRdata(record, rdata, rdataLength);
    if (likeness !== 'equal but for case') return likeness === 'equal';
    if (!hasFoldedNames(type)) return false;
    const own = canonicalRdata(type, this.#tree.rdataOf(record));
    return Buffer.compare(own, canonicalRdata(type, rdata.slice(0, rdataLength))) === 0;
  }

  #indexOf(set: number, count: number): RdataIndex {
    const existing = this.#indexes.get(set);
    if (existing !== undefined) return existing;
    const index = new RdataIndex();
    const first = this.#tree.firstRecord(set);
    const type = this.#tree.typeOf(set);
    let record = first;
    for (let left = count; left > 0; left--, record = this.#tree.nextRecord(record)) {
      const rdata = this.#tree.rdataOf(record);
      index.add(hashCanonical({ type, rdata, rdataLength: rdata.length }), record - first);
    }
    this.#indexes.set(set, index);
    return index;
  }

  /** The RRset, or where it lies now, with room for a record of `need` words. */
  #withRoom(node: number, set: number, need: number): number {
    const { words } = this.#memory;
    const count = words[set + RRsetWord.TYPE]! & COUNT_MASK;
    const isLast = this.#lastSet === set;
    if (count !== LARGE) {
      return isLast && count < imageLimits.smallCount ? set : this.#move(node, set, need);
    }
    const missing = words[set + LargeRRsetWord.USED]! + need - words[set + LargeRRsetWord.ROOM]!;
    if (missing <= 0) return set;
    if (!isLast) return this.#move(node, set, need);
    this.#take(missing);
    this.#memory.words[set + LargeRRsetWord.ROOM]! += missing;
    this.#lastSet = set;
    return set;
  }

  /** Counts one more record in an RRset that has room for it; returns where it goes. */
  #takeRecord(set: number, need: number): number {
    if ((this.#memory.words[set + RRsetWord.TYPE]! & COUNT_MASK) !== LARGE) {
      const record = this.#take(need);
      this.#memory.words[set + RRsetWord.TYPE]!++;
      this.#lastSet = set;
      return record;
    }
    const { words } = this.#memory;
    const record = set + RRsetWord.LARGE_RECORDS + words[set + LargeRRsetWord.USED]!;
    words[set + LargeRRsetWord.COUNT]!++;
    words[set + LargeRRsetWord.USED]! += need;
    return record;
  }

  /** Moves an RRset to the top, as a large one with twice the room that it and `need` take. */
  #move(node: number, set: number, need: number): number {
    const tree = this.#tree;
    const count = tree.countOf(set);
    const first = tree.firstRecord(set);
    const isLarge = first === set + RRsetWord.LARGE_RECORDS;
    let end = isLarge ? first + this.#memory.words[set + LargeRRsetWord.USED]! : first;
    for (let left = isLarge ? 0 : count; left > 0; left--) end = tree.nextRecord(end);
    const used = end - first;
    const room = 2 * (used + need);
    const moved = this.#take(RRsetWord.LARGE_RECORDS + room);
    const { words } = this.#memory;
    words[moved + RRsetWord.NEXT] = words[set + RRsetWord.NEXT]!;
    words[moved + RRsetWord.TYPE] = words[set + RRsetWord.TYPE]! | LARGE;
    words[moved + RRsetWord.TTL] = words[set + RRsetWord.TTL]!;
    words[moved + LargeRRsetWord.COUNT] = count;
    words[moved + LargeRRsetWord.USED] = used;
    words[moved + LargeRRsetWord.ROOM] = room;
    words.copyWithin(moved + RRsetWord.LARGE_RECORDS, first, end);
    let link = node + NameWord.RRSETS;
    while (words[link] !== set) link = words[link]! + RRsetWord.NEXT;
    words[link] = moved;
    this.#lastSet = moved;
    const index = this.#indexes.get(set);
    this.#indexes.delete(set);
    if (index !== undefined) this.#indexes.set(moved, index);
    return moved;
  }

  #writeRecord(record: number, { rdata, rdataLength, line }: Draft): void {
    const { words, octets } = this.#memory;
    words[record] = line;
    const start = (record + RECORD_LENGTH) * 4;
    writeOctets(octets, start, { from: rdata, length: rdataLength });
  }

  /** So many words at the top. */
  #take(words: number): number {
    const start = this.#top;
    // The hash table is put behind at the end.
    const needed = start + words + this.#heads.length;
    if (this.#memory.grow(start, needed)) this.#tree = this.#readable();
    this.#top = start + words;
    this.#lastSet = 0;
    return start;
  }

  #rehash(): void {
    const { words } = this.#memory;
    const heads = new Int32Array(this.#heads.length * 2);
    for (const head of this.#heads) {
      for (let node = head; node !== 0;) {
        const next = words[node + NameWord.NEXT]!;
        const slot = words[node + NameWord.HASH]! & (heads.length - 1);
        words[node + NameWord.NEXT] = heads[slot]!;
        heads[slot] = node;
        node = next;
      }
    }
    this.#heads = heads;
    this.#tree = this.#readable();
  }

  #readable(): ImageTree {
    const { words, octets } = this.#memory;
    return new ImageTree({ words, octets, heads: this.#heads });
  }
}

/** Equal for what `#isSame` takes for the same. */
function hashCanonical({ type, rdata, rdataLength }: Omit<Draft, 'ttl' | 'line'>): number {
  if (!hasFoldedNames(type)) return hashRdata(rdata, rdataLength);
  const canonical = canonicalRdata(type, rdata.slice(0, rdataLength));
  return hashRdata(canonical, canonical.length);
}

const ADDED: Insertion = { kind: 'added' };
const DUPLICATE: Insertion = { kind: 'duplicate' };
const NOT_SINGLE: Insertion = { kind: 'not single' };
/** From here on an RRset's records are looked up by hash. */
const INDEXED_COUNT = 16;
const NAMES_PER_HEAD = 1;
/** Octets of a line of a large zone, about; what is more or fewer only moves the table once. */
const LINE_OCTETS = 24;
const LEAST_HEADS = 16;

function headCountFor(fileOctets: number): number {
  let heads = LEAST_HEADS;
  while (heads * LINE_OCTETS < fileOctets) heads *= 2;
  return heads;
}

/** Where the labels of the name begin that `findLabels` looked at last. */
const labelStarts = new Uint8Array(nameLimits.octets);

function findLabels(wire: Uint8Array): number {
  let count = 0;
  for (let at = 0; wire[at] !== 0; at += wire[at]! + 1) labelStarts[count++] = at;
  return count;
}

function labelEnd(wire: Uint8Array, at: number): number {
  return at + wire[at]! + 1;
}

/** A length of 16 bits, then the octets. */
function writeOctets(
  octets: Uint8Array,
  at: number,
  { from, length }: { readonly from: Uint8Array; readonly length: number },
): void {
  octets[at] = length >> 8;
  octets[at + 1] = length;
  if (length > LONG) octets.set(from.subarray(0, length), at + 2);
  else for (let i = 0; i < length; i++) octets[at + 2 + i] = from[i]!;
}

/** From here on copying by `set` is faster than octet by octet. */
const LONG = 64;

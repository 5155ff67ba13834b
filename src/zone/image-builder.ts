/**
 * Puts a zone's image together, record by record, and refuses what cannot stand beside the records
 * that are already there. No object is made for a record, and the time is linear in the records
 * whatever their order: an RRset that cannot grow where it lies moves to twice the room, and what
 * it leaves behind stays unused.
 */

import { DnsClass, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
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
import { pruneNames } from './image-pruning.ts';
import { ImageTree } from './image-tree.ts';
import {
  findLabels,
  headCountFor,
  headsIn,
  labelEnd,
  labelStarts,
  writeOctets,
} from './image-writing.ts';
import { hashCanonical, RdataIndex } from './rdata-index.ts';
import { isConflict, isSingle } from './tree-builder.ts';
import type { Insertion, Notable, TreeBuilder } from './tree-builder.ts';

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

export interface ImageBuilderOptions {
  /** Octets of the master file, to reserve memory by. */
  readonly fileOctets?: number;
  /** Smaller than `imageLimits.words` in tests. */
  readonly mostWords?: number;
  /** To begin with what is in it. It stays as it is. */
  readonly image?: ZoneImage;
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
  #waste = 0;
  /** Names that have lost their last RRset. */
  readonly #emptied = new Set<number>();
  /** Of RRsets with many records. */
  readonly #indexes = new Map<number, RdataIndex>();

  constructor(origin: DnsName, { fileOctets = 0, mostWords, image }: ImageBuilderOptions = {}) {
    this.origin = origin;
    const expectedWords = image ? image.length + EDIT_WORDS : fileOctets;
    this.#memory = new GrowingMemory(expectedWords, mostWords ?? imageLimits.words);
    this.#heads = image ? headsIn(image) : new Int32Array(headCountFor(fileOctets));
    this.#top = APEX;
    this.#tree = this.#readable();
    if (image) this.#copy(image);
    else this.#addApex();
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

  /** Takes away one record; false when there is none like it. The apex keeps its place. */
  remove({ name, type, rdata }: Pick<ResourceRecord, 'name' | 'type' | 'rdata'>): boolean {
    const tree = this.#tree;
    const node = tree.descend(name, this.origin);
    const set = node === 0 ? 0 : tree.find(node, type);
    if (set === 0) return false;
    const draft = { type, ttl: 0, line: 0, rdata, rdataLength: rdata.length };
    const count = tree.countOf(set);
    let [record, left] = [tree.firstRecord(set), count];
    for (; left > 0 && !this.#isSame(record, draft); left--) record = tree.nextRecord(record);
    if (left === 0) return false;
    this.recordCount--;
    this.#indexes.delete(set);
    this.#lastSet = 0;
    if (count === 1) this.#unlink(node, set);
    else this.#cut(node, set, record);
    return true;
  }

  /** Whether most of the image is blocks that nothing leads to any more. */
  get isMostlyWaste(): boolean {
    return this.#waste * 2 > this.#top;
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
    if (this.#emptied.size > 0) {
      const { words } = this.#memory;
      const image = { tree: this.#tree, words, heads: this.#heads, top: this.#top };
      const pruned = pruneNames(image, this.#emptied);
      this.#nameCount -= pruned.names;
      this.#waste += pruned.words;
    }
    const used = this.#top + this.#heads.length;
    this.#memory.grow(this.#top, used);
    const { words } = this.#memory;
    words.set(this.#heads, this.#top);
    words[HeaderWord.MAGIC] = MAGIC;
    words[HeaderWord.TOP] = this.#top;
    words[HeaderWord.HEADS] = this.#top;
    words[HeaderWord.HEAD_COUNT] = this.#heads.length;
    words[HeaderWord.RECORD_COUNT] = this.recordCount;
    words[HeaderWord.NAME_COUNT] = this.#nameCount;
    words[HeaderWord.WASTE] = this.#waste;
    return this.#memory.finish(used, slab);
  }

  /** Frees what a builder that is not finished holds. */
  discard(): void {
    this.#memory.release(this.#top);
  }

  #copy(image: ZoneImage): void {
    const top = image[HeaderWord.TOP]!;
    if (this.#memory.grow(APEX, top)) this.#tree = this.#readable();
    this.#memory.words.set(image.subarray(0, top));
    this.#top = top;
    this.#nameCount = image[HeaderWord.NAME_COUNT]!;
    this.#waste = image[HeaderWord.WASTE]!;
    this.recordCount = image[HeaderWord.RECORD_COUNT]!;
  }

  /** Takes an RRset out of the list of its name. */
  #unlink(node: number, set: number): void {
    const { words } = this.#memory;
    const type = this.#tree.typeOf(set);
    words[this.#linkTo(node, set)] = words[set + RRsetWord.NEXT]!;
    this.#waste += this.#tree.setWords(set);
    if (type === RRType.NS || type === RRType.DNAME) this.#markRedirect(node);
    if (node !== APEX && this.#tree.first(node) === 0) this.#emptied.add(node);
  }

  #markRedirect(node: number): void {
    const tree = this.#tree;
    const isCut = node !== APEX && tree.find(node, RRType.NS) !== 0;
    this.#memory.words[node + NameWord.PARENT]! &= ~REDIRECTS;
    if (isCut || tree.find(node, RRType.DNAME) !== 0) {
      this.#memory.words[node + NameWord.PARENT]! |= REDIRECTS;
    }
  }

  /** Takes one of several records out of an RRset. */
  #cut(node: number, set: number, record: number): void {
    const tree = this.#tree;
    const { words } = this.#memory;
    const next = tree.nextRecord(record);
    if ((words[set + RRsetWord.TYPE]! & COUNT_MASK) === LARGE) {
      const end = set + RRsetWord.LARGE_RECORDS + words[set + LargeRRsetWord.USED]!;
      words.copyWithin(record, next, end);
      words.fill(0, end - (next - record), end);
      words[set + LargeRRsetWord.COUNT]!--;
      words[set + LargeRRsetWord.USED]! -= next - record;
      return;
    }
    const size = tree.setWords(set);
    const fresh = this.#take(size - (next - record));
    const moved = this.#memory.words;
    moved.copyWithin(fresh, set, record);
    moved.copyWithin(fresh + (record - set), next, set + size);
    moved[fresh + RRsetWord.TYPE]!--;
    moved[this.#linkTo(node, set)] = fresh;
    this.#waste += size;
  }

  /** The word of a name, or of an RRset before, that leads to the RRset. */
  #linkTo(node: number, set: number): number {
    const { words } = this.#memory;
    let link = node + NameWord.RRSETS;
    while (words[link] !== set) link = words[link]! + RRsetWord.NEXT;
    return link;
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
    if (this.#nameCount++ >= this.#heads.length) this.#rehash();
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
    const hash = index ? hashCanonical(draft.type, draft.rdata, draft.rdataLength) : 0;
    if (this.#hasRecord(set, draft, index && { index, hash })) return DUPLICATE;
    if (isSingle(draft.type)) return { kind: 'not single' };
    const need = recordWords(draft.rdataLength);
    const grown = this.#withRoom(node, set, need);
    const record = this.#takeRecord(grown, need);
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
      index.add(hashCanonical(type, rdata, rdata.length), record - first);
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
    words[this.#linkTo(node, set)] = moved;
    this.#waste += end - set;
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

/** Room for a change that is not large. */
const EDIT_WORDS = 4096;

const ADDED: Insertion = { kind: 'added' };
const DUPLICATE: Insertion = { kind: 'duplicate' };
/** Of records that are looked up by hash. */
const INDEXED_COUNT = 16;

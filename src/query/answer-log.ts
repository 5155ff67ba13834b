/**
 * Memory of finished answers: one ring of octets outside the heap, in which entries follow one
 * another in the order in which they were put, and an index of buckets of eight slots.
 *
 *     index: hash, place │ hash, place │ …          ring: entry │ entry │ … │ (free) │ entry
 *                                                                        ▲ head    ▲ tail
 *     entry (words of 32 bits):
 *       0 words of the entry, and whether it was used    4 TTLs, octets of text, limit
 *       1 hash                                           5 life in ms, or FOREVER
 *       2 revision                                       6 when it was put, a double
 *       3 length of the key, length of the answer        8 key │ TTLs │ answer │ log text
 *
 * Room is made at the tail, where the oldest entries are: what was used since it was put gets
 * another round (FIFO with reinsertion), the rest is forgotten. A million entries are one object to
 * the garbage collector, and what they cost is what they hold: 32 octets, key and answer, and 8 for
 * each TTL. Buckets do not overflow into one another: names chosen so that they fall into one push
 * out one another only.
 */

import assert from 'node:assert/strict';

export const Word = {
  SIZE: 0,
  HASH: 1,
  REVISION: 2,
  LENGTHS: 3,
  TTLS: 4,
  LIFE: 5,
  PUT_AT: 6,
  KEY: 8,
} as const;

export const FOREVER = 0xffffffff;

const logLimits = {
  /** Used entries that one put may keep: none pays for the round of many. */
  reinsertions: 4,
  /** Slots of a bucket. */
  ways: 8,
  /** Half of what an entry takes: so half of the slots stay free, and few buckets get full. */
  octetsPerSlot: 64,
} as const;

const USED = 0x80000000;
const FILLER = 0x40000000;
const SIZE_MASK = 0x3fffffff;

export interface LogStatistics {
  readonly entries: number;
  readonly octets: number;
  readonly evictions: number;
}

export class AnswerLog {
  readonly words: Uint32Array;
  readonly octets: Uint8Array;
  readonly doubles: Float64Array;
  readonly view: DataView;
  readonly #hashes: Uint32Array;
  /** The entry's first word, plus 1; 0: free. */
  readonly #places: Uint32Array;
  readonly #bucketMask: number;
  /** Positions that only grow: modulo the length of the ring, they are places in it. */
  #head = 0;
  #tail = 0;
  #entries = 0;
  #evictions = 0;
  readonly #moved: Uint32Array;

  constructor(octets: number, largestWords: number) {
    const length = Math.max(2 * largestWords, (octets >>> 3) << 1);
    const buffer = new ArrayBuffer(length * 4);
    this.words = new Uint32Array(buffer);
    this.octets = new Uint8Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.view = new DataView(buffer);
    const wanted = Math.max(logLimits.ways, octets / logLimits.octetsPerSlot);
    const slots = 2 ** Math.ceil(Math.log2(wanted));
    this.#hashes = new Uint32Array(slots);
    this.#places = new Uint32Array(slots);
    this.#bucketMask = slots / logLimits.ways - 1;
    this.#moved = new Uint32Array(largestWords);
  }

  get statistics(): LogStatistics {
    const octets = (this.#head - this.#tail) * 4 + this.#places.byteLength * 2;
    return { entries: this.#entries, octets, evictions: this.#evictions };
  }

  /** The first word of the entry with this key, or -1. */
  find(hash: number, key: Uint8Array, keyLength: number): number {
    const slot = this.#slotOf(hash, key, keyLength);
    return slot < 0 ? -1 : this.#places[slot]! - 1;
  }

  markUsed(entry: number): void {
    this.words[entry + Word.SIZE]! |= USED;
  }

  /**
   * Makes an entry of `size` words (even, at most `largestWords`) under a key that is not there.
   * The caller writes all but the first two words, at once.
   */
  put(hash: number, size: number): number {
    assert(size % 2 === 0 && size <= this.#moved.length, 'an entry fits');
    for (let kept = 0; !this.#fits(size);) if (this.#dropOldest(kept)) kept++;
    const entry = this.#append(size);
    this.words[entry + Word.SIZE] = size;
    this.words[entry + Word.HASH] = hash;
    this.#link(hash, entry);
    return entry;
  }

  remove(hash: number, key: Uint8Array, keyLength: number): void {
    const slot = this.#slotOf(hash, key, keyLength);
    if (slot >= 0) this.#free(slot);
  }

  #slotOf(hash: number, key: Uint8Array, keyLength: number): number {
    const first = (hash & this.#bucketMask) * logLimits.ways;
    for (let slot = first; slot < first + logLimits.ways; slot++) {
      if (this.#hashes[slot] !== hash || this.#places[slot] === 0) continue;
      if (this.#hasKey(this.#places[slot]! - 1, key, keyLength)) return slot;
    }
    return -1;
  }

  #hasKey(entry: number, key: Uint8Array, length: number): boolean {
    if ((this.words[entry + Word.LENGTHS]! & 0xffff) !== length) return false;
    const start = (entry + Word.KEY) * 4;
    for (let i = 0; i < length; i++) if (this.octets[start + i] !== key[i]) return false;
    return true;
  }

  #fits(size: number): boolean {
    const { length } = this.words;
    const toEnd = length - (this.#head % length);
    const needed = toEnd < size ? toEnd + size : size;
    return length - (this.#head - this.#tail) >= needed;
  }

  /** Where an entry of `size` words goes, which must fit. */
  #append(size: number): number {
    const { length } = this.words;
    const at = this.#head % length;
    if (length - at >= size) {
      this.#head += size;
      return at;
    }
    this.words[at] = (length - at) | FILLER;
    this.#head += length - at + size;
    return 0;
  }

  /** True when the entry was moved to the head instead. */
  #dropOldest(kept: number): boolean {
    const at = this.#tail % this.words.length;
    const head = this.words[at]!;
    const size = head & SIZE_MASK;
    this.#tail += size;
    if ((head & FILLER) !== 0) return false;
    const slot = this.#slotAt(this.words[at + Word.HASH]!, at);
    if (slot < 0) return false;
    const isWorthIt = (head & USED) !== 0 && kept < logLimits.reinsertions && this.#fits(size);
    if (!isWorthIt) {
      this.#free(slot);
      this.#evictions++;
      return false;
    }
    const moved = this.#moved.subarray(0, size);
    moved.set(this.words.subarray(at, at + size));
    moved[Word.SIZE] = size;
    const to = this.#append(size);
    this.words.set(moved, to);
    this.#places[slot] = to + 1;
    return true;
  }

  /** The slot of an entry that is still known. */
  #slotAt(hash: number, entry: number): number {
    const first = (hash & this.#bucketMask) * logLimits.ways;
    for (let slot = first; slot < first + logLimits.ways; slot++) {
      if (this.#places[slot] === entry + 1) return slot;
    }
    return -1;
  }

  /** From a full bucket somebody has to go: who was not used since it was put, if there is one. */
  #link(hash: number, entry: number): void {
    const first = (hash & this.#bucketMask) * logLimits.ways;
    let slot = first;
    while (slot < first + logLimits.ways && this.#places[slot] !== 0) slot++;
    if (slot === first + logLimits.ways) {
      slot = this.#leastOf(first, hash);
      this.#evictions++;
      this.#entries--;
    }
    this.#hashes[slot] = hash;
    this.#places[slot] = entry + 1;
    this.#entries++;
  }

  #leastOf(first: number, hash: number): number {
    for (let slot = first; slot < first + logLimits.ways; slot++) {
      if ((this.words[this.#places[slot]! - 1]! & USED) === 0) return slot;
    }
    return first + ((hash >>> 24) & (logLimits.ways - 1));
  }

  #free(slot: number): void {
    this.#places[slot] = 0;
    this.#entries--;
  }
}

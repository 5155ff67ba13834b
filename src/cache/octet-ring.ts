/**
 * Memory of entries outside the heap: chunks of 128 KiB, in which entries follow one another in the
 * order in which they came. Several rings share the chunks, so that a place is one number.
 *
 *     ring:  chunk │ entry │ entry │ (dead) │ …   chunk │ entry │ …      place = chunk, word in it
 *                      ▲ oldest                             newest ▲
 *
 * The oldest leave first; a chunk whose last entry has left is used again. What is taken out of the
 * middle stays as a hole until its turn comes. To the garbage collector a million entries are some
 * hundred objects that refer to nothing.
 */

import assert from 'node:assert/strict';

/** Words of 32 bits, from the place of an entry on. */
export const Word = {
  /** Words of the entry, and flags. */
  SIZE: 0,
  HASH: 1,
  /** Type and class. */
  KIND: 2,
  /** Octets of the name and of the value behind it. */
  LENGTHS: 3,
  TTL: 4,
  /** What the kind of entry has to say in eight bits, and how often it was found. */
  NOTE: 5,
  /** Doubles: milliseconds of the monotonic clock. */
  EXPIRES: 6,
  DUE: 8,
  /** The name as it came, then the value. */
  BODY: 10,
} as const;

const CHUNK_BITS = 15;
const CHUNK_WORDS = 2 ** CHUNK_BITS;
const OFFSET_MASK = CHUNK_WORDS - 1;

/** Somebody found it since it was put where it is. */
const USED = 0x80000000;
const DEAD = 0x40000000;
const SIZE_MASK = 0x3fffffff;

export const LARGEST_ENTRY_OCTETS: number = CHUNK_WORDS * 4;

export class Chunk {
  readonly words: Uint32Array = new Uint32Array(CHUNK_WORDS);
  readonly octets: Uint8Array = new Uint8Array(this.words.buffer);
  readonly doubles: Float64Array = new Float64Array(this.words.buffer);
  /** Whose entries it holds. */
  ring: OctetRing | undefined;
  /** Words in use. */
  end = 0;
  /** How often it was used before. */
  uses = 0;
}

/** The chunks of all rings. */
export class ChunkPool {
  readonly #chunks: Chunk[] = [];
  readonly #spare: number[] = [];

  at(place: number): Chunk {
    return this.#chunks[place >>> CHUNK_BITS]!;
  }

  /** The place of a chunk that is empty. */
  take(ring: OctetRing): number {
    const number = this.#spare.pop() ?? this.#chunks.push(new Chunk()) - 1;
    const chunk = this.#chunks[number]!;
    chunk.ring = ring;
    chunk.end = 0;
    chunk.uses++;
    return number << CHUNK_BITS;
  }

  free(place: number): void {
    this.at(place).ring = undefined;
    this.#spare.push(place >>> CHUNK_BITS);
  }

  size(place: number): number {
    return this.at(place).words[place & OFFSET_MASK]! & SIZE_MASK;
  }

  word(place: number, word: number): number {
    return this.at(place).words[(place & OFFSET_MASK) + word]!;
  }

  setWord(place: number, word: number, value: number): void {
    this.at(place).words[(place & OFFSET_MASK) + word] = value;
  }

  double(place: number, word: number): number {
    return this.at(place).doubles[((place & OFFSET_MASK) + word) >>> 1]!;
  }

  setDouble(place: number, word: number, value: number): void {
    this.at(place).doubles[((place & OFFSET_MASK) + word) >>> 1] = value;
  }

  /** Where its body begins in the octets of its chunk. */
  bodyAt(place: number): number {
    return ((place & OFFSET_MASK) + Word.BODY) * 4;
  }

  isUsed(place: number): boolean {
    return (this.word(place, Word.SIZE) & USED) !== 0;
  }

  markUsed(place: number): void {
    this.setWord(place, Word.SIZE, this.word(place, Word.SIZE) | USED);
  }

  isDead(place: number): boolean {
    return (this.word(place, Word.SIZE) & DEAD) !== 0;
  }

  markDead(place: number): void {
    this.setWord(place, Word.SIZE, this.word(place, Word.SIZE) | DEAD);
  }
}

export class OctetRing {
  readonly #pool: ChunkPool;
  /** Places of the chunks, the oldest first. */
  readonly #chunks: number[] = [];
  #tail = 0;
  #words = 0;
  /** The chunk of the entry that was let go last, where it was the last in it. */
  #emptied: number | undefined;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  /** From the oldest entry to the newest, holes included. */
  get octets(): number {
    return this.#words * 4;
  }

  /** Room for an entry of `size` words, an even number, whose size is written. */
  append(size: number): number {
    assert(size % 2 === 0 && size <= CHUNK_WORDS, 'an entry fits into a chunk');
    let place = this.#chunks.at(-1);
    if (place === undefined || this.#pool.at(place).end + size > CHUNK_WORDS) {
      if (place !== undefined) this.#words += CHUNK_WORDS - this.#pool.at(place).end;
      place = this.#pool.take(this);
      this.#chunks.push(place);
    }
    const chunk = this.#pool.at(place);
    const at = chunk.end;
    chunk.end += size;
    chunk.words[at] = size;
    this.#words += size;
    return place + at;
  }

  /** A copy of the entry at `from`, not used so far. */
  appendCopy(from: number): number {
    const size = this.#pool.size(from);
    const place = this.append(size);
    const { words } = this.#pool.at(place);
    const source = this.#pool.at(from).words;
    for (let i = 1; i < size; i++) {
      words[(place & OFFSET_MASK) + i] = source[(from & OFFSET_MASK) + i]!;
    }
    return place;
  }

  /**
   * Takes the oldest entry out and returns where it was, dead or not, or -1 when there is none. Its
   * octets stay until the next `shift`.
   */
  shift(): number {
    if (this.#emptied !== undefined) this.#pool.free(this.#emptied);
    this.#emptied = undefined;
    const first = this.#chunks[0];
    if (first === undefined) return -1;
    const entry = first + this.#tail;
    const { end } = this.#pool.at(first);
    const size = this.#pool.size(entry);
    this.#tail += size;
    this.#words -= size;
    if (this.#tail < end) return entry;
    // Only a closed chunk has a rest that nobody will use.
    if (this.#chunks.length > 1) this.#words -= CHUNK_WORDS - end;
    this.#chunks.shift();
    this.#tail = 0;
    this.#pool.at(first).ring = undefined;
    this.#emptied = first;
    return entry;
  }

  /** The living, the newest first, as far as they still are there when their turn comes. */
  *places(): Generator<number, void, undefined> {
    for (const place of this.#chunks.toReversed()) {
      const chunk = this.#pool.at(place);
      const { uses, end } = chunk;
      const tail = (): number => (place === this.#chunks[0] ? this.#tail : 0);
      const found: number[] = [];
      if (chunk.ring !== this) continue;
      for (let at = tail(); at < end; at += this.#pool.size(place + at)) found.push(at);
      for (const at of found.toReversed()) {
        if (chunk.ring !== this || chunk.uses !== uses || at < tail()) break;
        if (!this.#pool.isDead(place + at)) yield place + at;
      }
    }
  }

  clear(): void {
    for (const place of this.#chunks) this.#pool.free(place);
    if (this.#emptied !== undefined) this.#pool.free(this.#emptied);
    this.#emptied = undefined;
    this.#chunks.length = 0;
    this.#tail = 0;
    this.#words = 0;
  }
}

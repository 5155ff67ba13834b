/**
 * The memory that an image grows in. A large zone gets a SharedArrayBuffer at once with more room
 * than it is likely to need, which costs nothing: the system gives memory to the pages that are
 * written. Small ones are put together in a buffer that all share, one after the other, and copied
 * to their size: into a SharedArrayBuffer of their own, or into a slab beside others.
 */

import { imageLimits, type ZoneImage } from './image-layout.ts';

/** The zone does not fit into an image (`imageLimits.words`). */
export class ImageLimitError extends Error {}

const WORD_OCTETS = 4;
/** Zones up to here grow in the shared buffer. */
const SMALL_WORDS = 65536;

export class GrowingMemory {
  words: Int32Array;
  octets: Uint8Array;
  readonly #mostWords: number;
  #isScratch: boolean;

  constructor(expectedWords: number, mostWords: number = imageLimits.words) {
    this.#mostWords = mostWords;
    this.#isScratch = expectedWords <= SMALL_WORDS && scratch !== undefined;
    this.words = this.#isScratch ? scratch! : reserve(Math.min(expectedWords, mostWords));
    if (this.#isScratch) scratch = undefined;
    this.octets = new Uint8Array(this.words.buffer);
  }

  /** Room for `words` words, of which `used` are in use now. True when the memory moved. */
  grow(used: number, words: number): boolean {
    if (words > this.#mostWords) {
      const limit = this.#mostWords * WORD_OCTETS;
      throw new ImageLimitError(`a zone of at most ${limit} octets in memory`);
    }
    if (words <= this.words.length) return false;
    const larger = reserve(Math.min(this.#mostWords, Math.max(words, this.words.length * 2)));
    larger.set(this.words.subarray(0, used));
    this.release(used);
    this.words = larger;
    this.octets = new Uint8Array(larger.buffer);
    return true;
  }

  /** The image, in memory that nobody writes any more; `slab` has room for it if it is small. */
  finish(used: number, slab?: ImageSlab): ZoneImage {
    const { buffer } = this.words;
    // What lies behind costs nothing there, and a copy would.
    if (buffer instanceof SharedArrayBuffer && used > SMALL_WORDS) return new Int32Array(buffer);
    const exact = slab?.take(used) ?? reserve(used);
    exact.set(this.words.subarray(0, used));
    this.release(used);
    return exact;
  }

  /** Gives the shared buffer back. */
  release(used: number): void {
    if (!this.#isScratch) return;
    this.#isScratch = false;
    scratch = this.words.fill(0, 0, used);
  }
}

/**
 * Memory for the images of many small zones: a SharedArrayBuffer each would cost more than what is
 * in it. It is freed when the last of them is, so only for zones that are loaded together; one that
 * is loaded again later has memory of its own.
 */
export class ImageSlab {
  #words: ZoneImage = reserve(0);
  #used = 0;

  /** Undefined when the image is too large to share. */
  take(words: number): ZoneImage | undefined {
    if (words * SLAB_SHARE > SLAB_WORDS) return undefined;
    if (this.#used + words > this.#words.length) {
      this.#words = reserve(SLAB_WORDS);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += words;
    return this.#words.subarray(start, this.#used);
  }
}

/** One megabyte; pages that no image reaches cost nothing. */
const SLAB_WORDS = 262_144;
/** Images smaller than this part of a slab share one: what is left at its end is little. */
const SLAB_SHARE = 16;

/** Undefined while a zone grows in it. */
let scratch: Int32Array | undefined = new Int32Array(SMALL_WORDS);

function reserve(words: number): ZoneImage {
  return new Int32Array(new SharedArrayBuffer(words * WORD_OCTETS));
}

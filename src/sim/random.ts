/**
 * Seeded randomness: the generator sfc32 (Doty-Humphrey, PractRand). Each purpose of each host has
 * a stream of its own, seeded by its name, so that drawing in one place never shifts another.
 */

import type { Random } from '../net/ports.ts';
import { below } from '../net/unbiased.ts';
import { hashText } from './hash.ts';

/** Draws that are thrown away until the seed has reached every bit of the state. */
const WARM_UP_DRAWS = 12;

export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string, stream: string) {
    const name = `${seed}/${stream}`;
    this.#a = hashText(1, name) | 0;
    this.#b = hashText(2, name) | 0;
    this.#c = hashText(3, name) | 0;
    for (let draws = 0; draws < WARM_UP_DRAWS; draws += 1) this.uint32();
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  fill(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = this.uint32() >>> 24;
  }

  uint16(): number {
    return this.uint32() >>> 16;
  }

  below(bound: number): number {
    return below(bound, () => this.uint32());
  }
}

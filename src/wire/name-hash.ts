/**
 * Hashes of names for tables that strangers fill: HalfSipHash-1-3 over the folded octets. Without
 * the key nobody can choose names that fall into one place; letter case makes no difference.
 */

import { foldOctet } from './case-fold.ts';
import type { DnsName } from './name.ts';

export class NameHash {
  readonly #k0: number;
  readonly #k1: number;
  /** Whoever asks for one name asks for several of its types. */
  #last: DnsName | undefined;
  #lastHash = 0;

  /** Two secret words of 32 bits. */
  constructor(k0: number, k1: number) {
    this.#k0 = k0 | 0;
    this.#k1 = k1 | 0;
  }

  /** 32 bits, unsigned, for the name together with a number such as a type. */
  of(name: DnsName, kind: number): number {
    if (name !== this.#last) {
      this.#lastHash = this.#hash(name.wire);
      this.#last = name;
    }
    return mix(this.#lastHash ^ Math.imul(kind, 0x9e3779b1));
  }

  #hash(wire: Uint8Array): number {
    const { length } = wire;
    let v0 = this.#k0;
    let v1 = this.#k1;
    let v2 = 0x6c796765 ^ v0;
    let v3 = 0x74656462 ^ v1;
    // A last word says how many octets there were, and three rounds without one end it.
    for (let at = 0, left = 0; left < 4; at += 4) {
      let word = 0;
      if (left === 0) {
        for (let i = at; i < at + 4 && i < length; i++) word = (word << 8) | foldOctet(wire[i]!);
        if (at >= length) {
          word = length;
          left = 1;
        }
        v3 ^= word;
      } else {
        if (left === 1) v2 ^= 0xff;
        left++;
      }
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return v1 ^ v3;
  }
}

/** The finalizer of MurmurHash3: each bit of the result depends on all. */
function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * Which keys were pushed out a while ago, in a few bits each (a Bloom filter in two generations):
 * whoever comes back is not one that is asked for once. It may err in one of a thousand, which then
 * gets a better place than it deserves. Nobody gains by making keys collide: whoever wants that
 * place for a key can as well ask twice. So the hash needs no secret.
 */

const BITS_PER_KEY = 32;
const PROBES = 3;
/** What remembering one key takes. */
export const GHOST_OCTETS: number = (2 * BITS_PER_KEY) / 8;

export class Ghosts {
  readonly #keysMax: number;
  readonly #bits: number;
  #young: Uint32Array;
  #old: Uint32Array;
  #keys = 0;

  /** Remembers the last `keysMax` keys at least, and not many more than twice as many. */
  constructor(keysMax: number) {
    this.#keysMax = keysMax;
    this.#bits = keysMax * BITS_PER_KEY;
    this.#young = new Uint32Array(keysMax);
    this.#old = new Uint32Array(keysMax);
  }

  /** Keys are told by their hashes, of 32 bits (`hashOfKey`). */
  add(hash: number): void {
    if (this.#keys === this.#keysMax) {
      [this.#young, this.#old] = [this.#old.fill(0), this.#young];
      this.#keys = 0;
    }
    this.#keys++;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = this.#bitOf(hash, probe);
      this.#young[bit >>> 5]! |= 1 << (bit & 31);
    }
  }

  has(hash: number): boolean {
    return this.#isIn(this.#young, hash) || this.#isIn(this.#old, hash);
  }

  #isIn(filter: Uint32Array, hash: number): boolean {
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = this.#bitOf(hash, probe);
      if ((filter[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  #bitOf(hash: number, probe: number): number {
    return ((hash + Math.imul(probe, mix(hash) | 1)) >>> 0) % this.#bits;
  }
}

/** FNV-1a. */
export function hashOfKey(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: each bit of the result depends on all. */
function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * The CSPRNG of the machine. Octets are drawn in pools, because one call into OpenSSL costs more
 * than the thousands of ids and ports that a pool holds.
 */

import { randomFillSync } from 'node:crypto';

import type { Random } from '../ports.ts';
import { below } from '../unbiased.ts';

const POOL_OCTETS = 8192;
/** More than cookies and letter case take; longer ones are not worth a copy. */
const POOLED_FILL_OCTETS = 64;

export function createRandom(): Random {
  return new PooledRandom();
}

class PooledRandom implements Random {
  readonly #pool = new Uint8Array(POOL_OCTETS);
  readonly #view = new DataView(this.#pool.buffer);
  readonly #nextUint32 = (): number => this.#view.getUint32(this.#take(4));
  #used = POOL_OCTETS;

  fill(bytes: Uint8Array): void {
    if (bytes.length > POOLED_FILL_OCTETS) {
      randomFillSync(bytes);
      return;
    }
    const offset = this.#take(bytes.length);
    bytes.set(this.#pool.subarray(offset, offset + bytes.length));
    // It may become a key, of which no copy is to lie about.
    this.#pool.fill(0, offset, offset + bytes.length);
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  below(bound: number): number {
    return below(bound, this.#nextUint32);
  }

  /** The offset of `count` octets that nobody has seen yet. */
  #take(count: number): number {
    if (this.#used + count > POOL_OCTETS) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const offset = this.#used;
    this.#used += count;
    return offset;
  }
}

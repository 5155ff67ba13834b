/**
 * Small octet arrays cut from large ones. A typed array with a buffer of its own costs some 200
 * octets beside what it holds, and a zone has two for each record; views of one buffer cost half,
 * in memory and in the time of the garbage collector. What is cut lives as long as its
 * neighbours, so only for data that live and die together, such as a zone's.
 */

const LEAST_OCTETS = 256;
const MOST_OCTETS = 65536;
const NOTHING = new ArrayBuffer(0);

export class OctetPool {
  #buffer = NOTHING;
  #used = 0;

  /** `length` zero octets of the caller's own, at most 65536. */
  take(length: number): Uint8Array {
    if (this.#used + length > this.#buffer.byteLength) {
      const next = Math.min(MOST_OCTETS, Math.max(LEAST_OCTETS, 2 * this.#buffer.byteLength));
      this.#buffer = new ArrayBuffer(Math.max(next, length));
      this.#used = 0;
    }
    const octets = new Uint8Array(this.#buffer, this.#used, length);
    this.#used += length;
    return octets;
  }
}

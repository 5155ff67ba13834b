/**
 * Which rdata an RRset of many records holds, so that a duplicate is found without comparing with
 * all of them: a hash table of where records lie. Small RRsets are compared one by one.
 */

import { canonicalRdata, hasFoldedNames } from './canonical-rdata.ts';

/** Compares the record at a place with the octets that are looked for. */
type HasRdata = (place: number) => boolean;

export class RdataIndex {
  /** Places plus one, because 0 is a free slot; open addressing. */
  #slots = new Int32Array(64);
  #hashes = new Int32Array(64);
  #count = 0;

  has(hash: number, isAt: HasRdata): boolean {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] === hash && isAt(this.#slots[slot]! - 1)) return true;
    }
    return false;
  }

  add(hash: number, place: number): void {
    if (++this.#count * 2 > this.#slots.length) this.#grow();
    this.#put(hash, place + 1);
  }

  #put(hash: number, entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
    this.#hashes[slot] = hash;
  }

  #grow(): void {
    const [slots, hashes] = [this.#slots, this.#hashes];
    this.#slots = new Int32Array(slots.length * 2);
    this.#hashes = new Int32Array(slots.length * 2);
    for (const [i, entry] of slots.entries()) if (entry !== 0) this.#put(hashes[i]!, entry);
  }
}

/** Equal for rdata that are the same in canonical form (RFC 4034 §6.2). */
export function hashCanonical(type: number, rdata: Uint8Array, length: number): number {
  if (!hasFoldedNames(type)) return hashRdata(rdata, length);
  const canonical = canonicalRdata(type, rdata.slice(0, length));
  return hashRdata(canonical, canonical.length);
}

function hashRdata(rdata: Uint8Array, length: number): number {
  let hash = length;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ rdata[i]!, 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
}

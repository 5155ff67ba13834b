/**
 * Name compression for one message being written (RFC 1035 §4.1.4): remembers where names and their
 * suffixes stand, by a hash of the folded octets, and finds the longest suffix already there.
 * At most 64 places are remembered, so that a message of many names costs no more than its length.
 */

import { foldOctet } from './case-fold.ts';

const compressionTableLimits = {
  places: 64,
  /** A pointer has 14 bits. */
  offset: 0x3fff,
  /** RFC 1035 §2.3.4: 255 octets hold no more labels. */
  labels: 128,
  /**
   * A name that points to a name that points … costs every reader a jump each, and readers, our own
   * among them, stop following at some point. Names nested 34 deep (ip6.arpa) would get there.
   */
  hops: 8,
} as const;

const SLOTS = 128;

interface Place {
  readonly offset: number;
  readonly length: number;
  readonly hops: number;
}

/** Making a new one ends the use of the one before: they share their table. */
export class NameCompressor {
  readonly #out: Uint8Array;
  readonly #hashes = slotHashes;
  /** 0: free. No name can stand at offset 0. */
  readonly #offsets = slotOffsets;
  /** Octets of the suffix: what differs here need not be compared, even if the hash was forged. */
  readonly #lengths = slotLengths;
  /** Pointers behind the suffix at the place. */
  readonly #hops = slotHops;
  #places = 0;

  constructor(out: Uint8Array) {
    this.#out = out;
    slotOffsets.fill(0);
  }

  /**
   * Writes the uncompressed `name` at `at`, pointing where it can. Returns the offset behind, or -1
   * when that would pass `limit`.
   */
  write(name: Uint8Array, at: number, limit: number): number {
    const labelCount = hashSuffixes(name);
    let from = 0;
    for (let i = 0; i < labelCount; i++) {
      const slot = this.#find(suffixHashes[i]!, name, suffixOffsets[i]!);
      if (slot >= 0) return this.#writePart(name, at, { labels: i, slot, limit });
      from = i + 1;
    }
    return this.#writePart(name, at, { labels: from, slot: -1, limit });
  }

  /** The first `labels` labels, then a pointer to the place of `slot`, or for -1 the root. */
  #writePart(
    name: Uint8Array,
    at: number,
    part: { readonly labels: number; readonly slot: number; readonly limit: number },
  ): number {
    const target = part.slot < 0 ? 0 : this.#offsets[part.slot]!;
    const hops = part.slot < 0 ? 0 : this.#hops[part.slot]! + 1;
    const octets = part.labels === 0 ? 0 : labelEnd(name, suffixOffsets[part.labels - 1]!);
    const end = at + octets + (target > 0 ? 2 : 1);
    if (end > part.limit) return -1;
    for (let i = 0; i < octets; i++) this.#out[at + i] = name[i]!;
    if (hops < compressionTableLimits.hops) {
      for (let i = 0; i < part.labels; i++) {
        const suffix = suffixOffsets[i]!;
        this.#remember(suffixHashes[i]!, {
          offset: at + suffix,
          length: name.length - suffix,
          hops,
        });
      }
    }
    if (target > 0) {
      this.#out[at + octets] = 0xc0 | (target >> 8);
      this.#out[at + octets + 1] = target & 0xff;
    } else {
      this.#out[at + octets] = 0;
    }
    return end;
  }

  /** Forgets every place at or behind `length`: what stood there was taken back. */
  truncate(length: number): void {
    for (let slot = 0; slot < SLOTS; slot++) {
      // The slot stays taken, with a hash that its offset 0xffff never confirms.
      if (this.#offsets[slot]! >= length && this.#offsets[slot]! !== GONE)
        this.#offsets[slot] = GONE;
    }
  }

  /** The slot of a place where the name from `suffix` on stands, or -1. */
  #find(hash: number, name: Uint8Array, suffix: number): number {
    const length = name.length - suffix;
    for (let slot = hash % SLOTS; this.#offsets[slot] !== 0; slot = (slot + 1) % SLOTS) {
      const offset = this.#offsets[slot]!;
      if (this.#hashes[slot] !== hash || this.#lengths[slot] !== length || offset === GONE)
        continue;
      if (this.#standsAt(offset, name, suffix)) return slot;
    }
    return -1;
  }

  #remember(hash: number, place: Place): void {
    if (
      place.offset > compressionTableLimits.offset ||
      this.#places >= compressionTableLimits.places
    )
      return;
    let slot = hash % SLOTS;
    while (this.#offsets[slot] !== 0) slot = (slot + 1) % SLOTS;
    this.#hashes[slot] = hash;
    this.#offsets[slot] = place.offset;
    this.#lengths[slot] = place.length;
    this.#hops[slot] = place.hops;
    this.#places++;
  }

  /** Whether the name from `suffix` on equals the one that we wrote at `offset`. */
  #standsAt(offset: number, name: Uint8Array, suffix: number): boolean {
    let at = offset;
    for (let i = suffix; ;) {
      while (this.#out[at]! >= 0xc0) at = ((this.#out[at]! & 0x3f) << 8) | this.#out[at + 1]!;
      const length = name[i]!;
      if (this.#out[at] !== length) return false;
      if (length === 0) return true;
      for (let k = 1; k <= length; k++) {
        if (foldOctet(this.#out[at + k]!) !== foldOctet(name[i + k]!)) return false;
      }
      at += length + 1;
      i += length + 1;
    }
  }
}

const GONE = 0xffff;

/** The table of the last compressor made: messages are written one at a time, without a pause. */
const slotHashes = new Uint32Array(SLOTS);
const slotOffsets = new Uint16Array(SLOTS);
const slotLengths = new Uint8Array(SLOTS);
const slotHops = new Uint8Array(SLOTS);

/** Scratch of the last `hashSuffixes`; names are written one at a time. */
const suffixOffsets = new Uint8Array(compressionTableLimits.labels);
const suffixHashes = new Uint32Array(compressionTableLimits.labels);

/** Fills the scratch with every suffix's offset and hash; returns the number of labels. */
function hashSuffixes(name: Uint8Array): number {
  let count = 0;
  for (let at = 0; name[at] !== 0; at = labelEnd(name, at)) suffixOffsets[count++] = at;
  let hash = 0x811c9dc5;
  for (let i = count - 1; i >= 0; i--) {
    const start = suffixOffsets[i]!;
    for (let k = start + name[start]!; k >= start; k--) {
      hash = Math.imul(hash ^ foldOctet(name[k]!), 0x01000193);
    }
    suffixHashes[i] = hash;
  }
  return count;
}

function labelEnd(name: Uint8Array, at: number): number {
  return at + name[at]! + 1;
}

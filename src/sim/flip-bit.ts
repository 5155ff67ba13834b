/** What a link does that changes what it carries. */

/** A copy with one bit the other way; bit 0 is the first octet's highest. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  const place = Math.floor(bit / 8);
  changed[place] = (changed[place] ?? 0) ^ (0x80 >> (bit % 8));
  return changed;
}

/**
 * HalfSipHash-2-4: the little brother of SipHash on words of 32 bits, for tables that strangers
 * fill. Without the key nobody can choose what falls into one row of such a table; it is no
 * signature. Nothing is allocated, and all of its state stays in registers.
 */

/** 32 bits of two words, as an unsigned integer, under a key of two words. */
export function keyedHash(key: Int32Array, first: number, second: number): number {
  let v0 = key[0]!;
  let v1 = key[1]!;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  // Two words, and a last block that says how many octets there were.
  for (let step = 0; step < 4; step++) {
    let word = 8 << 24;
    if (step === 0) word = first;
    if (step === 1) word = second;
    if (step < 3) v3 ^= word;
    else v2 ^= 0xff;
    for (let round = step < 3 ? 2 : 4; round > 0; round--) {
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
    }
    if (step < 3) v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}

/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash of short inputs that nobody can foresee or
 * make collide without the key. DNS cookies are made of it (RFC 9018 §4.4).
 *
 * JavaScript has no 64-bit integers that cost nothing, so the four words of the state are eight
 * halves. The state is one per process: nothing is allocated, and no call is inside another.
 */

import assert from 'node:assert/strict';

export const SIP_HASH_KEY_OCTETS = 16;

/** The 8 octets of the hash of `input` under `key`, written to the start of `out`. */
export function sipHash(key: Uint8Array, input: Uint8Array, out: Uint8Array): void {
  absorb(key, input);
  finish();
  writeLittle(out, 0, low(0) ^ low(1) ^ low(2) ^ low(3));
  writeLittle(out, 4, high(0) ^ high(1) ^ high(2) ^ high(3));
}

/** v0 to v3, each as its low half and its high half. */
const state = new Int32Array(8);

function low(word: number): number {
  return state[word * 2]!;
}

function high(word: number): number {
  return state[word * 2 + 1]!;
}

function absorb(key: Uint8Array, input: Uint8Array): void {
  assert.equal(key.length, SIP_HASH_KEY_OCTETS, 'a key of 16 octets');
  const k0 = readLittle(key, 0);
  const k1 = readLittle(key, 4);
  const k2 = readLittle(key, 8);
  const k3 = readLittle(key, 12);
  // 'somepseudorandomlygeneratedbytes'
  state[0] = k0 ^ 0x70736575;
  state[1] = k1 ^ 0x736f6d65;
  state[2] = k2 ^ 0x6e646f6d;
  state[3] = k3 ^ 0x646f7261;
  state[4] = k0 ^ 0x6e657261;
  state[5] = k1 ^ 0x6c796765;
  state[6] = k2 ^ 0x79746573;
  state[7] = k3 ^ 0x74656462;
  const whole = input.length & ~7;
  for (let at = 0; at < whole; at += 8) {
    compress(readLittle(input, at), readLittle(input, at + 4));
  }
  // The last block: the octets that are left, and the length in the highest octet.
  let lowLeft = 0;
  let highLeft = input.length << 24;
  for (let i = whole; i < input.length; i++) {
    const shift = (i - whole) * 8;
    if (shift < 32) lowLeft |= input[i]! << shift;
    else highLeft |= input[i]! << (shift - 32);
  }
  compress(lowLeft, highLeft);
}

function compress(lowHalf: number, highHalf: number): void {
  state[6]! ^= lowHalf;
  state[7]! ^= highHalf;
  round();
  round();
  state[0]! ^= lowHalf;
  state[1]! ^= highHalf;
}

function finish(): void {
  state[4]! ^= 0xff;
  for (let i = 0; i < 4; i++) round();
}

function round(): void {
  add(0, 1);
  rotate(1, 13);
  mix(1, 0);
  swap(0);
  add(2, 3);
  rotate(3, 16);
  mix(3, 2);
  add(0, 3);
  rotate(3, 21);
  mix(3, 0);
  add(2, 1);
  rotate(1, 17);
  mix(1, 2);
  swap(2);
}

/** v[a] += v[b], modulo 2^64. */
function add(a: number, b: number): void {
  const sum = (state[a * 2]! >>> 0) + (state[b * 2]! >>> 0);
  state[a * 2] = sum | 0;
  state[a * 2 + 1] = (state[a * 2 + 1]! + state[b * 2 + 1]! + (sum > 0xffffffff ? 1 : 0)) | 0;
}

/** v[word] <<<= bits, for bits below 32. */
function rotate(word: number, bits: number): void {
  const lowHalf = state[word * 2]!;
  const highHalf = state[word * 2 + 1]!;
  state[word * 2] = (lowHalf << bits) | (highHalf >>> (32 - bits));
  state[word * 2 + 1] = (highHalf << bits) | (lowHalf >>> (32 - bits));
}

/** v[word] <<<= 32. */
function swap(word: number): void {
  const lowHalf = state[word * 2]!;
  state[word * 2] = state[word * 2 + 1]!;
  state[word * 2 + 1] = lowHalf;
}

/** v[a] ^= v[b]. */
function mix(a: number, b: number): void {
  state[a * 2]! ^= state[b * 2]!;
  state[a * 2 + 1]! ^= state[b * 2 + 1]!;
}

function readLittle(octets: Uint8Array, at: number): number {
  return octets[at]! | (octets[at + 1]! << 8) | (octets[at + 2]! << 16) | (octets[at + 3]! << 24);
}

function writeLittle(octets: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) octets[at + i] = (value >>> (i * 8)) & 0xff;
}

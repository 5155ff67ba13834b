/**
 * Response rate limiting for answers to strangers over UDP: whoever forges the address of a victim
 * must not make us flood it. Each network gets so many answers a second; of those above, every
 * second one is an empty reply with TC set, which is no larger than its query and brings a real
 * client back over TCP, and the others are nothing.
 *
 * One bucket of tokens for a network, in a table of fixed size that is indexed by a keyed hash:
 * what a packet costs does not depend on how many networks there are, and nobody can choose
 * addresses that share a bucket. A network without a bucket takes the fullest of its row: those
 * who are limited keep theirs, however many addresses are forged.
 *
 *     hash ─► row ─► [bucket][bucket][bucket][bucket]      bucket: tag, tokens, when, slips
 */

import type { Clock, Random } from '../net/ports.ts';
import { keyedHash } from './keyed-hash.ts';

export interface ResponseRateLimits {
  /** Answers a second for one network, errors included; 0: no limit. */
  readonly perSecond: number;
  /** Of the answers above, every so many is sent truncated; 0: none, 1: all. */
  readonly slip: number;
  /** How much of an address is a network: what one stranger may be taken to own. */
  readonly ipv4Bits: number;
  readonly ipv6Bits: number;
}

export const responseRateLimits: ResponseRateLimits = {
  perSecond: 50,
  slip: 2,
  ipv4Bits: 24,
  ipv6Bits: 56,
};

const tableLimits = {
  /** 65,536 buckets: about a megabyte. */
  rows: 16_384,
  bucketsPerRow: 4,
} as const;

export class ResponseRate {
  readonly #limits: ResponseRateLimits;
  readonly #clock: Clock;
  readonly #key: Int32Array;
  readonly #masks: Masks;
  readonly #tags: Uint32Array;
  readonly #tokens: Float64Array;
  readonly #times: Float64Array;
  readonly #slips: Uint8Array;

  constructor(limits: ResponseRateLimits, clock: Clock, random: Random) {
    const count = tableLimits.rows * tableLimits.bucketsPerRow;
    this.#limits = limits;
    this.#clock = clock;
    this.#key = Int32Array.from({ length: 2 }, () => random.below(2 ** 32) | 0);
    this.#masks = masksOf(limits);
    this.#tags = new Uint32Array(count);
    this.#tokens = new Float64Array(count);
    this.#times = new Float64Array(count);
    this.#slips = new Uint8Array(count);
  }

  /** Whether one more answer may go to this address; counts it. */
  take(address: Uint8Array): boolean {
    if (this.#limits.perSecond === 0) return true;
    const bucket = this.#bucketOf(address);
    if (this.#tokens[bucket]! < 1) return false;
    this.#tokens[bucket]!--;
    return true;
  }

  /** Whether an answer that `take` forbade is to be sent truncated instead. */
  slips(address: Uint8Array): boolean {
    const { slip } = this.#limits;
    if (slip === 0) return false;
    const bucket = this.#bucketOf(address);
    const count = (this.#slips[bucket]! + 1) % slip;
    this.#slips[bucket] = count;
    return count === 0;
  }

  /** The index of the network's bucket, refilled for the time that has passed. */
  #bucketOf(address: Uint8Array): number {
    const hash = this.#hashOf(address);
    const nowMs = this.#clock.monotonic();
    const first = (hash % tableLimits.rows) * tableLimits.bucketsPerRow;
    const end = first + tableLimits.bucketsPerRow;
    for (let bucket = first; bucket < end; bucket++) {
      if (this.#tags[bucket] !== hash) continue;
      this.#tokens[bucket] = this.#tokensAt(bucket, nowMs);
      this.#times[bucket] = nowMs;
      return bucket;
    }
    return this.#takeOver(first, hash, nowMs);
  }

  /** A bucket for a network that has none: that of whoever used it least. */
  #takeOver(first: number, hash: number, nowMs: number): number {
    let fullest = first;
    for (let bucket = first + 1; bucket < first + tableLimits.bucketsPerRow; bucket++) {
      if (this.#tokensAt(bucket, nowMs) > this.#tokensAt(fullest, nowMs)) fullest = bucket;
    }
    this.#tags[fullest] = hash;
    this.#tokens[fullest] = this.#limits.perSecond;
    this.#times[fullest] = nowMs;
    this.#slips[fullest] = 0;
    return fullest;
  }

  #tokensAt(bucket: number, nowMs: number): number {
    const { perSecond } = this.#limits;
    const earned = ((nowMs - this.#times[bucket]!) * perSecond) / 1000;
    return Math.min(perSecond, this.#tokens[bucket]! + earned);
  }

  #hashOf(address: Uint8Array): number {
    const { ipv4, ipv6 } = this.#masks;
    if (address.length === 4) return keyedHash(this.#key, wordAt(address, 0) & ipv4, 4);
    return keyedHash(this.#key, wordAt(address, 0) & ipv6[0], wordAt(address, 4) & ipv6[1]);
  }
}

/** Of the words of an address. Networks of IPv6 are /64 at most, so its first half says it. */
interface Masks {
  readonly ipv4: number;
  readonly ipv6: readonly [number, number];
}

function masksOf({ ipv4Bits, ipv6Bits }: ResponseRateLimits): Masks {
  return { ipv4: maskOf(ipv4Bits), ipv6: [maskOf(ipv6Bits), maskOf(ipv6Bits - 32)] };
}

/** A word of so many leading ones. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : (-1 << (32 - bits)) | 0;
}

function wordAt(octets: Uint8Array, at: number): number {
  return (octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!;
}

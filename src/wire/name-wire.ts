/**
 * Names in messages: reading them through compression pointers (RFC 1035 §4.1.4).
 *
 * A hostile message can point anywhere, so: a pointer must lead to before the name part that it
 * stands in, and not into the header; the parts' starts strictly decrease, so no loop is possible;
 * and no name takes more than 16 of them (a name of a well-meaning encoder takes one or two; long
 * chains only burn time, RFC 9267 §2).
 */

import { DnsName, nameLimits } from './name.ts';

export const compressionLimits = {
  /** Pointers followed in one name. */
  hops: 16,
  /** The header can hold no name. */
  firstTarget: 12,
} as const;

/**
 * The offset just behind the name that starts at `start`, or -1 when it is malformed: it leaves
 * [0, limit), is over 255 octets, or has a bad pointer. Allocates nothing.
 */
export function skipName(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  let end = limit;
  let partStart = at;
  let behind = -1;
  let octets = 0;
  let hops = 0;
  while (at < end) {
    const length = bytes[at]!;
    if (length >= 0xc0) {
      if (at + 1 >= end || ++hops > compressionLimits.hops) return -1;
      const target = ((length & 0x3f) << 8) | bytes[at + 1]!;
      if (target >= partStart || target < compressionLimits.firstTarget) return -1;
      if (behind < 0) behind = at + 2;
      // What lies before this part is message already seen, so a record's own end binds no more.
      end = partStart;
      at = target;
      partStart = target;
      continue;
    }
    if (length > nameLimits.labelOctets || at + 1 + length > end) return -1;
    if (octets + 1 + length > nameLimits.octets) return -1;
    octets += length + 1;
    at += length + 1;
    if (length === 0) return behind < 0 ? at : behind;
  }
  return -1;
}

/** The name at `start`, decompressed. The name must have passed `skipName`. */
export function readName(bytes: Uint8Array, start: number): DnsName {
  return DnsName.fromWire(scratch.slice(0, copyName(bytes, start, { out: scratch, at: 0 })));
}

/**
 * Writes the name at `start`, decompressed, into `to.out` from `to.at` on; returns the offset
 * behind it there. The name must have passed `skipName`.
 */
export function copyName(
  bytes: Uint8Array,
  start: number,
  to: { readonly out: Uint8Array; readonly at: number },
): number {
  let from = start;
  let at = to.at;
  for (let step = 0; step < MOST_STEPS; step++) {
    const length = bytes[from]!;
    if (length >= 0xc0) {
      from = ((length & 0x3f) << 8) | bytes[from + 1]!;
      continue;
    }
    for (let i = 0; i <= length; i++) to.out[at + i] = bytes[from + i]!;
    from += length + 1;
    at += length + 1;
    if (length === 0) return at;
  }
  throw new Error('a name was read that nobody had checked, or its message changed since');
}

/** The offset behind an uncompressed name in rdata, or -1 when malformed or compressed. */
export function skipPlainName(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const length = bytes[at]!;
    if (length > nameLimits.labelOctets) return -1;
    at += length + 1;
    if (at - start > nameLimits.octets || at > end) return -1;
    if (length === 0) return at;
  }
  return -1;
}

/** 127 labels, the root, and pointers between them. */
const MOST_STEPS = 128 + compressionLimits.hops;

const scratch = new Uint8Array(nameLimits.octets);

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

// Read at every octet of a label: an import is looked up each time where tests transform it.
const MOST_OCTETS: number = nameLimits.octets;
const MOST_LABEL_OCTETS: number = nameLimits.labelOctets;

/**
 * The offset just behind the name that starts at `start`, or -1 when it is malformed: it leaves
 * [0, limit), is over 255 octets, or has a bad pointer. Allocates nothing.
 */
export function skipName(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  let octets = 0;
  while (at < limit) {
    const length = bytes[at]!;
    if (length >= 0xc0) {
      const isRight = at + 1 < limit && isPointerRight(bytes, at, { partStart: start, octets });
      return isRight ? at + 2 : -1;
    }
    if (length > MOST_LABEL_OCTETS || at + 1 + length > limit) return -1;
    octets += length + 1;
    if (octets > MOST_OCTETS) return -1;
    at += length + 1;
    if (length === 0) return at;
  }
  return -1;
}

/**
 * Until `endMessage`, what pointers lead to in `bytes` is walked once, however many pointers lead
 * there: else a message of pointers to one long name would cost its length a hundred times over.
 * `bytes` must not change meanwhile.
 */
export function beginMessage(bytes: Uint8Array): void {
  message = bytes;
  // 0 is what the table starts with.
  if (++round > 0xffff_ffff) {
    targetRounds.fill(0);
    round = 1;
  }
}

export function endMessage(): void {
  message = undefined;
}

let message: Uint8Array | undefined;
let round = 0;

/** What is known of the target of a pointer, by its offset, if `targetRounds` has this round. */
const TARGETS = 0x4000;
const targetRounds = new Uint32Array(TARGETS);
/** Octets of the name from there on. */
const targetOctets = new Uint8Array(TARGETS);
/** Pointers behind it. */
const targetHops = new Uint8Array(TARGETS);
/** Where the part of the name that starts there ends: its zero or its pointer included. */
const targetEnds = new Uint16Array(TARGETS);

/** The targets of the name being walked, and the octets of the name before each of them. */
const walked = new Uint16Array(compressionLimits.hops);
const walkedOctets = new Uint8Array(compressionLimits.hops);

/** Whether the pointer at `pointer`, behind `octets` octets of labels, leads to a right rest. */
function isPointerRight(
  bytes: Uint8Array,
  pointer: number,
  name: { readonly partStart: number; readonly octets: number },
): boolean {
  const remembers = bytes === message;
  let at = pointer;
  let { partStart, octets } = name;
  for (let hops = 0; hops < compressionLimits.hops; hops++) {
    const target = ((bytes[at]! & 0x3f) << 8) | bytes[at + 1]!;
    if (target >= partStart || target < compressionLimits.firstTarget) return false;
    if (remembers && targetRounds[target] === round) {
      const isShort =
        octets + targetOctets[target]! <= MOST_OCTETS &&
        hops + 1 + targetHops[target]! <= compressionLimits.hops;
      if (!isShort || targetEnds[target]! > partStart) return false;
      const known = {
        hops,
        octets: octets + targetOctets[target]!,
        below: targetHops[target]! + 1,
      };
      rememberWalk(known);
      return true;
    }
    walked[hops] = target;
    walkedOctets[hops] = octets;
    // What lies before this part is message already seen, so a record's own end binds no more.
    at = labelsEnd(bytes, target, partStart);
    if (at < 0) return false;
    octets += at - target;
    const isLast = bytes[at] === 0;
    targetEnds[target] = at + (isLast ? 1 : 2);
    if (octets + (isLast ? 1 : 0) > MOST_OCTETS) return false;
    partStart = target;
    if (!isLast) continue;
    if (remembers) rememberWalk({ hops: hops + 1, octets: octets + 1, below: 0 });
    return true;
  }
  return false;
}

/** Where the labels from `start` on end: at a zero or a whole pointer before `limit`; or -1. */
function labelsEnd(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  while (at < limit) {
    const length = bytes[at]!;
    if (length === 0) return at;
    if (length >= 0xc0) return at + 1 < limit ? at : -1;
    if (length > MOST_LABEL_OCTETS || at - start > MOST_OCTETS) return -1;
    at += length + 1;
  }
  return -1;
}

/** `hops` targets were walked, for a name of `octets` octets; `below` pointers come behind them. */
function rememberWalk(walk: {
  readonly hops: number;
  readonly octets: number;
  readonly below: number;
}): void {
  for (let i = 0; i < walk.hops; i++) {
    const target = walked[i]!;
    targetRounds[target] = round;
    targetOctets[target] = walk.octets - walkedOctets[i]!;
    targetHops[target] = walk.below + walk.hops - 1 - i;
  }
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
    if (length > MOST_LABEL_OCTETS) return -1;
    at += length + 1;
    if (at - start > MOST_OCTETS || at > end) return -1;
    if (length === 0) return at;
  }
  return -1;
}

/** 127 labels, the root, and pointers between them. */
const MOST_STEPS = 128 + compressionLimits.hops;

const scratch = new Uint8Array(MOST_OCTETS);

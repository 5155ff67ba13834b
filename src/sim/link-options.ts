/** What a directed link is like, as people say it and as it is computed with. */

import assert from 'node:assert/strict';

import { type Jitter, type Sampler, samplerOf } from './jitter.ts';
import { NS_PER_MS, NS_PER_S } from './units.ts';

/** Octets are those of the payload, without headers. Chances are from 0 to 1. */
export interface LinkOptions {
  readonly delayMs: number;
  /** Added to the delay, uniform in [0, jitterMs): packets may overtake each other. */
  readonly jitterMs?: number;
  /** Added to the delay, after another distribution. */
  readonly jitter?: Jitter;
  /** No packet arrives before one that was sent earlier, whatever the jitter. */
  readonly isFifo?: boolean;
  /** The chance of a packet to be lost, each alone. */
  readonly loss?: number;
  /** Loss that comes in bursts, besides `loss`. */
  readonly burst?: BurstLoss;
  /** The chance of a packet to arrive a second time, with a jitter of its own. */
  readonly duplicate?: number;
  /** The chance of a packet to overtake the one before it, when that is still under way. */
  readonly swap?: number;
  /** The chance of a packet to be late by `jumpMs` more, so that many overtake it. */
  readonly jump?: number;
  readonly jumpMs?: number;
  /** The chance of a packet to arrive with one bit flipped. */
  readonly corrupt?: number;
  /** Larger packets are lost. */
  readonly mtuOctets?: number;
  /** Packets leave one after the other at this rate; default: all at once. */
  readonly bitsPerSecond?: number;
  /**
   * What may wait for its turn, with what is leaving; a packet that finds no room is lost. Default:
   * any amount, the bufferbloat of one's dreams. Only with `bitsPerSecond`.
   */
  readonly queueOctets?: number;
}

/**
 * The model of Gilbert (1960) and Elliott (1963): the link is good or bad, changes between packets,
 * and loses with another chance in each. It begins good.
 */
export interface BurstLoss {
  /** The chance to turn bad before a packet; a share of enter / (enter + leave) meets it bad. */
  readonly enter: number;
  /** The chance to turn good before a packet: 1 / leave is the mean length of a burst. */
  readonly leave: number;
  /** The chance of loss while bad; default 1. */
  readonly lossBad?: number;
  /** The chance of loss while good; default 0. */
  readonly lossGood?: number;
}

/** All members, with what is meant when they are not there. */
const PLAIN = {
  jitterMs: 0,
  isFifo: false,
  loss: 0,
  duplicate: 0,
  swap: 0,
  jump: 0,
  jumpMs: 0,
  corrupt: 0,
  mtuOctets: Infinity,
  bitsPerSecond: Infinity,
  queueOctets: Infinity,
} as const satisfies Omit<Required<LinkOptions>, 'delayMs' | 'jitter' | 'burst'>;
const PLAIN_BURST = { lossBad: 1, lossGood: 0 } as const;

type Kept =
  'isFifo' | 'loss' | 'duplicate' | 'swap' | 'jump' | 'corrupt' | 'mtuOctets' | 'queueOctets';

/** The options as the link computes with them. */
export interface LinkModel extends Pick<Required<LinkOptions>, Kept> {
  readonly delayNs: number;
  readonly sampler: Sampler | undefined;
  readonly burst: Required<BurstLoss> | undefined;
  readonly jumpNs: number;
  readonly nsPerOctet: number;
}

/** Throws when no link can be like that. */
export function modelOf(options: LinkOptions): LinkModel {
  checkLink(options);
  const full = { ...PLAIN, ...options };
  const { delayMs, jitterMs, jumpMs, bitsPerSecond, burst } = full;
  const uniform = { kind: 'uniform', maxMs: jitterMs } as const;
  const jitter = options.jitter ?? (jitterMs > 0 ? uniform : undefined);
  return {
    ...full,
    delayNs: Math.round(delayMs * NS_PER_MS),
    sampler: jitter && samplerOf(jitter),
    burst: burst && { ...PLAIN_BURST, ...burst },
    jumpNs: Math.round(jumpMs * NS_PER_MS),
    nsPerOctet: (8 * NS_PER_S) / bitsPerSecond,
  };
}

function checkLink(options: LinkOptions): void {
  const { delayMs, jitterMs, jumpMs, ...rest } = { ...PLAIN, ...options };
  const isForward = delayMs >= 0 && jitterMs >= 0 && jumpMs >= 0;
  assert(isForward, 'a link does not deliver before it is asked to');
  const { loss, duplicate, swap, jump, corrupt } = rest;
  const burst = { enter: 0, leave: 0, ...PLAIN_BURST, ...options.burst };
  const chances = { loss, duplicate, swap, jump, corrupt, ...burst };
  for (const [name, chance] of Object.entries(chances)) {
    assert(chance >= 0 && chance <= 1, `${name} is a chance from 0 to 1`);
  }
  assert(rest.bitsPerSecond > 0, 'a link carries some bits a second');
  const hasRoom = rest.mtuOctets >= 0 && rest.queueOctets >= 0;
  assert(hasRoom, 'a link has room for nothing or for something');
  const isTwice = options.jitter !== undefined && options.jitterMs !== undefined;
  assert(!isTwice, 'a link has one jitter');
}

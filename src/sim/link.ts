/**
 * A directed link: what becomes of each packet on it. The same in the simulated world, in the
 * laboratory, on real sockets and in the relay.
 *
 * Whatever is random about the n-th packet is a hash of (seed, link, n, purpose). So a fate depends
 * on nothing else: two protocols meet the same losses, taking one event away reshuffles no other
 * link, and a link that also doubles packets loses the same ones as before.
 */

import { finish, mix } from './hash.ts';
import type { Fractions } from './jitter.ts';
import { type LinkModel, type LinkOptions, modelOf } from './link-options.ts';

export type LinkLoss =
  | 'loss' // by chance
  | 'queue' // no room left
  | 'size'; // larger than the link takes

/** What becomes of one packet. */
export interface Fate {
  readonly loss: LinkLoss | undefined;
  /** From sending to arrival. */
  readonly delayNs: number;
  /** Of the second copy; −1 when there is none. */
  readonly copyDelayNs: number;
  /** Which bit of the payload arrives flipped, from 0; −1 for none. */
  readonly flippedBit: number;
  /** Whether it overtakes the one before. */
  readonly isSwapped: boolean;
}

/** Each with draws of its own. */
const purposes = {
  loss: 1,
  jitter: 2,
  duplicate: 3,
  copyJitter: 4,
  corrupt: 5,
  flippedBit: 6,
  swap: 7,
  jump: 8,
  burst: 9,
  burstLoss: 10,
} as const;
type Purpose = keyof typeof purposes;

export class Link {
  readonly #nameHash: number;
  #model: LinkModel;
  /** Packets so far. */
  #count = 0;
  /** The hash of the packet that is being judged. */
  #packetHash = 0;
  #isBad = false;
  /** When the last packet has left. */
  #freeAtNs = 0;
  #lastArrivalNs = 0;
  readonly #fate: { -readonly [Key in keyof Fate]: Fate[Key] } = {
    loss: undefined,
    delayNs: 0,
    copyDelayNs: -1,
    flippedBit: -1,
    isSwapped: false,
  };

  /** `nameHash`: of the seed and of the names of both ends (`hashText`). */
  constructor(nameHash: number, options: LinkOptions) {
    this.#nameHash = mix(0, nameHash);
    this.#model = modelOf(options);
  }

  /** Without jitter, and without waiting. */
  get delayNs(): number {
    return this.#model.delayNs;
  }

  /** The largest payload that it takes. */
  get mtuOctets(): number {
    return this.#model.mtuOctets;
  }

  /** Whether a packet may overtake the one before. */
  get maySwap(): boolean {
    return this.#model.swap > 0;
  }

  /** The link is another from now on; the count of packets goes on. */
  change(options: LinkOptions): void {
    this.#model = modelOf(options);
  }

  /** Counts a packet that somebody else decides about, so that those after it keep their fates. */
  skip(): void {
    this.#packetHash = mix(this.#nameHash, this.#count);
    this.#count += 1;
    const { burst } = this.#model;
    if (burst === undefined) return;
    if (this.#fraction('burst') < (this.#isBad ? burst.leave : burst.enter)) {
      this.#isBad = !this.#isBad;
    }
  }

  /** The fate of the next packet, which is sent now; valid until the next call. */
  next(octets: number, nowNs: number): Fate {
    this.skip();
    const fate = this.#fate;
    fate.loss = this.#lossOf(octets, nowNs);
    if (fate.loss !== undefined) return fate;
    const { duplicate, corrupt, swap, jump, jumpNs, isFifo } = this.#model;
    const waitNs = this.#leave(octets, nowNs);
    let delayNs = waitNs + this.#delayNs('jitter');
    if (isFifo) {
      delayNs = Math.max(delayNs, this.#lastArrivalNs - nowNs);
      this.#lastArrivalNs = nowNs + delayNs;
    }
    fate.delayNs = jump > 0 && this.#fraction('jump') < jump ? delayNs + jumpNs : delayNs;
    const isDoubled = duplicate > 0 && this.#fraction('duplicate') < duplicate;
    fate.copyDelayNs = isDoubled ? waitNs + this.#delayNs('copyJitter') : -1;
    fate.isSwapped = swap > 0 && this.#fraction('swap') < swap;
    const isChanged = corrupt > 0 && octets > 0 && this.#fraction('corrupt') < corrupt;
    fate.flippedBit = isChanged ? Math.floor(this.#fraction('flippedBit') * octets * 8) : -1;
    return fate;
  }

  #lossOf(octets: number, nowNs: number): LinkLoss | undefined {
    const { mtuOctets, loss, burst, queueOctets, nsPerOctet } = this.#model;
    if (octets > mtuOctets) return 'size';
    if (loss > 0 && this.#fraction('loss') < loss) return 'loss';
    if (burst !== undefined) {
      const chance = this.#isBad ? burst.lossBad : burst.lossGood;
      if (this.#fraction('burstLoss') < chance) return 'loss';
    }
    if (this.#freeAtNs <= nowNs) return undefined;
    const waiting = (this.#freeAtNs - nowNs) / nsPerOctet;
    return waiting + octets > queueOctets ? 'queue' : undefined;
  }

  /** How long until the last octet has left: waiting and serialization. */
  #leave(octets: number, nowNs: number): number {
    const { nsPerOctet } = this.#model;
    if (nsPerOctet === 0) return 0;
    const beginNs = Math.max(this.#freeAtNs, nowNs);
    this.#freeAtNs = beginNs + Math.ceil(octets * nsPerOctet);
    return this.#freeAtNs - nowNs;
  }

  #delayNs(purpose: 'jitter' | 'copyJitter'): number {
    const { delayNs, sampler } = this.#model;
    return sampler === undefined ? delayNs : delayNs + sampler(this.#fractionsOf[purpose]);
  }

  readonly #fractionsOf: Readonly<Record<'jitter' | 'copyJitter', Fractions>> = {
    jitter: (nth) => this.#fraction('jitter', nth),
    copyJitter: (nth) => this.#fraction('copyJitter', nth),
  };

  #fraction(purpose: Purpose, nth: number = 0): number {
    const hash = mix(this.#packetHash, purposes[purpose]);
    return finish(nth === 0 ? hash : mix(hash, nth)) / 2 ** 32;
  }
}

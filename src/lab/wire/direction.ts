/** One way through the relay: a link, its scripted drops, and what was counted on it. */

import { flipBit } from '../../sim/flip-bit.ts';
import { hashText } from '../../sim/hash.ts';
import type { Timeline, Traveller } from '../../sim/lane.ts';
import { Link } from '../../sim/link.ts';
import type { LinkOptions } from '../../sim/link-options.ts';
import { Channel } from '../run/channel.ts';
import type { LossReason } from '../run/trace-event.ts';

export interface DirectionOptions {
  readonly link: LinkOptions;
  /** Datagrams that are dropped by number, the first is 1, whatever the link would do. */
  readonly drops?: readonly number[];
}

export interface DirectionCounts {
  readonly datagrams: number;
  readonly octets: number;
  /** Copies count, so this may be more than came in. */
  readonly delivered: number;
  readonly lost: Readonly<Partial<Record<LossReason, number>>>;
}

export class Direction {
  readonly #channel: Channel;
  readonly #lost = new Map<LossReason, number>();
  #datagrams = 0;
  #octets = 0;
  #delivered = 0;

  /** `name` with the seed decides the fates: 'forth', 'back'. */
  constructor(
    name: string,
    { link, drops = [] }: DirectionOptions,
    { seed, timeline }: { readonly seed: string; readonly timeline: Timeline },
  ) {
    const nameHash = hashText(hashText(0, seed), name);
    this.#channel = new Channel(new Link(nameHash, link), timeline);
    for (const nth of drops) this.#channel.script({ kind: 'drop', nth, byNs: 0 });
  }

  get counts(): DirectionCounts {
    return {
      datagrams: this.#datagrams,
      octets: this.#octets,
      delivered: this.#delivered,
      lost: Object.fromEntries(this.#lost),
    };
  }

  /** Copies `bytes`, and hands each copy that comes to the other end to `deliver`. */
  carry(bytes: Uint8Array, deliver: (bytes: Uint8Array) => void): void {
    const kept = new Uint8Array(bytes);
    this.#datagrams += 1;
    this.#octets += kept.length;
    const traveller: Traveller = {
      isDoubled: false,
      arrive: (_copy, flippedBit) => {
        this.#delivered += 1;
        deliver(flippedBit < 0 ? kept : flipBit(kept, flippedBit));
      },
    };
    const reason = this.#channel.send(kept.length, traveller, false);
    if (reason !== undefined) this.#lost.set(reason, (this.#lost.get(reason) ?? 0) + 1);
  }
}

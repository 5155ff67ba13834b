/**
 * A link in use: packets under way on it, each an event to come. Knows time only through what it is
 * given, so that it runs in virtual time and with real timers.
 */

import type { Fate, Link } from './link.ts';

export interface Arrival {
  cancel(): void;
}

export interface Timeline {
  readonly nowNs: number;
  /** At one instant in the order of the calls. */
  arriveAfter(delayNs: number, action: () => void): Arrival;
}

/** A packet under way. */
export interface Traveller {
  /** Set when more than one copy of it is under way. */
  isDoubled: boolean;
  /** `copy` 0, and 1 for a duplicate; `flippedBit` −1 for none. */
  arrive(copy: number, flippedBit: number): void;
}

interface UnderWay {
  readonly arrival: Arrival;
  readonly action: () => void;
  readonly atNs: number;
}

export class Lane {
  readonly link: Link;
  readonly #timeline: Timeline;
  /** The packet that the next one may overtake; kept only where that can be. */
  #last: UnderWay | undefined;

  constructor(link: Link, timeline: Timeline) {
    this.link = link;
    this.#timeline = timeline;
  }

  /** Sends a packet, `extraNs` later than it would arrive. Returns what becomes of it. */
  send(octets: number, traveller: Traveller, extraNs: number = 0): Fate {
    const { nowNs } = this.#timeline;
    const fate = this.link.next(octets, nowNs);
    if (fate.loss !== undefined) return fate;
    const { delayNs, copyDelayNs, flippedBit, isSwapped } = fate;
    const action = (): void => traveller.arrive(0, flippedBit);
    const arrival = this.#timeline.arriveAfter(delayNs + extraNs, action);
    if (copyDelayNs >= 0) {
      traveller.isDoubled = true;
      this.#timeline.arriveAfter(copyDelayNs + extraNs, () => traveller.arrive(1, -1));
    }
    if (this.link.maySwap) {
      const atNs = nowNs + delayNs + extraNs;
      if (isSwapped) this.#putBehind(atNs, nowNs);
      this.#last = { arrival, action, atNs };
    }
    return fate;
  }

  /** The last packet arrives right after the one that arrives at `atNs`. */
  #putBehind(atNs: number, nowNs: number): void {
    const last = this.#last;
    if (last === undefined || last.atNs <= nowNs || last.atNs > atNs) return;
    last.arrival.cancel();
    this.#timeline.arriveAfter(atNs - nowNs, last.action);
  }
}

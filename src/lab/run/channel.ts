/** One direction between two nodes: its link, and what faults have done to it. */

import { Lane, type Timeline, type Traveller } from '../../sim/lane.ts';
import type { Link } from '../../sim/link.ts';
import type { LinkOptions } from '../../sim/link-options.ts';
import type { LossReason } from './trace-event.ts';

/** What is to happen to one datagram that is still to come. */
export interface Script {
  readonly kind: 'drop' | 'double' | 'delay';
  /** How many more until it is the one; 1 is the next. */
  nth: number;
  readonly byNs: number;
}

interface Held {
  readonly traveller: Traveller;
  /** When it would have arrived, had nobody held it. */
  readonly atNs: number;
  readonly copy: number;
  readonly flippedBit: number;
}

export class Channel {
  readonly #lane: Lane;
  readonly #timeline: Timeline;
  #isCut = false;
  /** Until then everything is late by so much. */
  #clog: { readonly untilNs: number; readonly byNs: number } | undefined;
  /** Most channels never have any. */
  #scripts: Script[] | undefined;
  #held: Held[] | undefined;

  constructor(link: Link, timeline: Timeline) {
    this.#lane = new Lane(link, timeline);
    this.#timeline = timeline;
  }

  /** Returns why it is lost, or undefined when it is under way. */
  send(octets: number, traveller: Traveller, isParted: boolean): LossReason | undefined {
    const script = this.#scripts && this.#takeScript(this.#scripts);
    if (isParted || this.#isCut || script?.kind === 'drop') {
      // Counted all the same: a fault must not change the fate of the packets after it.
      this.#lane.link.skip();
      return script?.kind === 'drop' ? 'script' : 'partition';
    }
    const lateNs = this.#clogNs() + (script?.kind === 'delay' ? script.byNs : 0);
    const double = script?.kind === 'double' ? script : undefined;
    if (this.#held !== undefined) return this.#hold(octets, traveller, { lateNs, double });
    const { loss, delayNs } = this.#lane.send(octets, traveller, lateNs);
    if (loss === undefined && double) {
      traveller.isDoubled = true;
      const copyNs = delayNs + lateNs + double.byNs;
      this.#timeline.arriveAfter(copyNs, () => traveller.arrive(1, -1));
    }
    return loss;
  }

  cut(): void {
    this.#isCut = true;
  }

  heal(): void {
    this.#isCut = false;
  }

  change(options: LinkOptions): void {
    this.#lane.link.change(options);
  }

  clog(byNs: number, forNs: number): void {
    this.#clog = { byNs, untilNs: this.#timeline.nowNs + forNs };
  }

  script(script: Script): void {
    this.#scripts ??= [];
    this.#scripts.push(script);
  }

  hold(): void {
    this.#held ??= [];
  }

  /** What was held arrives at once, or when it would have; in the order in which it was sent. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    const { nowNs } = this.#timeline;
    let lastNs = nowNs;
    for (const { traveller, atNs, copy, flippedBit } of held) {
      lastNs = Math.max(lastNs, atNs);
      this.#timeline.arriveAfter(lastNs - nowNs, () => traveller.arrive(copy, flippedBit));
    }
  }

  #hold(
    octets: number,
    traveller: Traveller,
    { lateNs, double }: { readonly lateNs: number; readonly double: Script | undefined },
  ): LossReason | undefined {
    const { nowNs } = this.#timeline;
    const { loss, delayNs, copyDelayNs, flippedBit } = this.#lane.link.next(octets, nowNs);
    if (loss !== undefined) return loss;
    const atNs = nowNs + lateNs + delayNs;
    this.#held?.push({ traveller, atNs, copy: 0, flippedBit });
    const copyNs = double ? delayNs + double.byNs : copyDelayNs;
    if (copyNs < 0) return undefined;
    traveller.isDoubled = true;
    this.#held?.push({ traveller, atNs: nowNs + lateNs + copyNs, copy: 1, flippedBit: -1 });
    return undefined;
  }

  #clogNs(): number {
    if (this.#clog === undefined) return 0;
    if (this.#timeline.nowNs < this.#clog.untilNs) return this.#clog.byNs;
    this.#clog = undefined;
    return 0;
  }

  /** Counts this datagram in all of them; of several that mean it the first decides. */
  #takeScript(scripts: Script[]): Script | undefined {
    for (const script of scripts) script.nth -= 1;
    const due = scripts.find(({ nth }) => nth === 0);
    if (due === undefined) return undefined;
    const rest = scripts.filter(({ nth }) => nth > 0);
    this.#scripts = rest.length > 0 ? rest : undefined;
    return due;
  }
}

/**
 * The addresses that one zone's question may go to, and in which order: those not asked yet by
 * their cost, then the silent ones again, then those known as lame. Addresses count once, however
 * many NS names share them: self-pointed glue multiplies names, not packets.
 *
 * Of those not asked yet, one is drawn among the best and those nearly as good: equal servers share
 * the work, and a forger cannot know whose address to send from. Now and then any of them is asked
 * first, so that one that has become better is noticed.
 */

import type { ResolverLimits } from './limits.ts';
import type { ServerTable } from './servers.ts';

interface Candidate {
  readonly address: string;
  tries: number;
  /** At the last look. */
  cost: number;
  isOut: boolean;
}

/** Which candidates are good enough: each level admits those before it. */
export type Level = 'fresh' | 'silent' | 'lame';

export class Candidates {
  readonly #servers: ServerTable;
  readonly #limits: ResolverLimits;
  readonly #zoneKey: string;
  /** Few, which are found sooner than hashed. */
  readonly #candidates: Candidate[] = [];
  #asked = 0;
  #lameAsked = 0;

  constructor(servers: ServerTable, limits: ResolverLimits, zoneKey: string) {
    this.#servers = servers;
    this.#limits = limits;
    this.#zoneKey = zoneKey;
  }

  add(address: string): void {
    if (this.#of(address)) return;
    this.#candidates.push({ address, tries: 0, cost: 0, isOut: false });
  }

  /** The best address of a level, or undefined when there is none. */
  best(level: Level): string | undefined {
    let least = Infinity;
    for (const candidate of this.#candidates) {
      const { address, tries } = candidate;
      const isAt = this.#isAt(level, address, candidate);
      candidate.cost = isAt ? tries * ONE_TRY_COST_MS + this.#servers.cost(address) : Infinity;
      if (candidate.cost < least) least = candidate.cost;
    }
    if (least === Infinity) return undefined;
    const most = least * (1 + BAND_SHARE) + BAND_MS;
    const explores = level === 'fresh' && this.#asked === 0 && this.#servers.drawsExploration();
    return (explores ? this.#drawOther(most) : undefined) ?? this.#drawUpTo(most);
  }

  /** One of those that would not be asked, to see whether it should be. */
  #drawOther(most: number): string | undefined {
    let drawn: string | undefined;
    let count = 0;
    for (const { address, cost, isOut } of this.#candidates) {
      const isOther = cost > most && !isOut && !this.#servers.isLame(address, this.#zoneKey);
      if (!isOther || !this.#servers.isExplorable(address)) continue;
      count++;
      if (this.#servers.below(count) === 0) drawn = address;
    }
    return drawn;
  }

  /** Each that costs no more is as likely as the others. */
  #drawUpTo(most: number): string | undefined {
    let drawn: string | undefined;
    let count = 0;
    for (const { address, cost } of this.#candidates) {
      if (cost > most) continue;
      count++;
      if (count === 1 || this.#servers.below(count) === 0) drawn = address;
    }
    return drawn;
  }

  /** Counts the asking; returns how often the address was asked before. */
  take(address: string): number {
    const candidate = this.#of(address)!;
    if (candidate.tries === 0) this.#asked++;
    if (this.#servers.isLame(address, this.#zoneKey)) this.#lameAsked++;
    return candidate.tries++;
  }

  /** The address is of no more use for this question. */
  exclude(address: string): void {
    this.#of(address)!.isOut = true;
  }

  #of(address: string): Candidate | undefined {
    for (const candidate of this.#candidates) if (candidate.address === address) return candidate;
    return undefined;
  }

  #isAt(level: Level, address: string, { tries, isOut }: Candidate): boolean {
    if (isOut) return false;
    if (tries === 0 && this.#asked >= this.#limits.addressesPerStep) return false;
    const isLame = this.#servers.isLame(address, this.#zoneKey);
    if (isLame) return level === 'lame' && tries === 0 && this.#lameAsked < this.#limits.lameTries;
    const isDead = this.#servers.isDead(address) || this.#servers.isFamilyDown(address);
    if (level === 'fresh') return tries === 0 && !isDead;
    const isProven = !isDead && this.#servers.hasAnswered(address);
    return tries < (isProven ? this.#limits.triesPerAddress : this.#limits.triesUnproven);
  }
}

/** Round trips differ by so much from one to the next: a fifth, and some milliseconds. */
const BAND_SHARE = 0.2;
const BAND_MS = 5;
/** More than any server costs: nobody is asked again before all others were. */
const ONE_TRY_COST_MS = 100_000;

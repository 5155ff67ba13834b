/**
 * The addresses that one zone's question may go to, and in which order: those not asked yet by
 * their cost, then the silent ones again, then those known as lame. Addresses count once, however
 * many NS names share them: self-pointed glue multiplies names, not packets.
 */

import type { ResolverLimits } from './limits.ts';
import type { ServerTable } from './servers.ts';

interface Candidate {
  tries: number;
  isOut: boolean;
}

/** Which candidates are good enough: each level admits those before it. */
export type Level = 'fresh' | 'silent' | 'lame';

export class Candidates {
  readonly #servers: ServerTable;
  readonly #limits: ResolverLimits;
  readonly #zoneKey: string;
  readonly #candidates = new Map<string, Candidate>();
  #asked = 0;
  #lameAsked = 0;

  constructor(servers: ServerTable, limits: ResolverLimits, zoneKey: string) {
    this.#servers = servers;
    this.#limits = limits;
    this.#zoneKey = zoneKey;
  }

  add(addresses: readonly string[]): void {
    for (const address of addresses) {
      if (!this.#candidates.has(address)) {
        this.#candidates.set(address, { tries: 0, isOut: false });
      }
    }
  }

  /** The best address of a level, or undefined when there is none. */
  best(level: Level): string | undefined {
    let best: { readonly address: string; readonly cost: number } | undefined;
    for (const [address, candidate] of this.#candidates) {
      if (!this.#isAt(level, address, candidate)) continue;
      const cost = candidate.tries * ONE_TRY_COST_MS + this.#servers.cost(address);
      if (!best || cost < best.cost) best = { address, cost };
    }
    return best?.address;
  }

  /** Counts the asking; returns how often the address was asked before. */
  take(address: string): number {
    const candidate = this.#candidates.get(address)!;
    if (candidate.tries === 0) this.#asked++;
    if (this.#servers.isLame(address, this.#zoneKey)) this.#lameAsked++;
    return candidate.tries++;
  }

  /** The address is of no more use for this question. */
  exclude(address: string): void {
    this.#candidates.get(address)!.isOut = true;
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

/** More than any server costs: nobody is asked again before all others were. */
const ONE_TRY_COST_MS = 100_000;

/**
 * Directed links: how long a packet takes and whether it is lost. The fate of a packet is a hash of
 * (seed, link, how many went before it on that link), so that it depends on nothing else: two
 * protocols meet the same losses, and taking one event away reshuffles no other link.
 */

import assert from 'node:assert/strict';

import { hashFraction, hashText } from './hash.ts';

export interface LinkOptions {
  readonly delayMs: number;
  /** Added to the delay, uniform in [0, jitterMs): packets may overtake each other. */
  readonly jitterMs?: number;
  /** The chance of a packet to be lost, 0 to 1. */
  readonly loss?: number;
}

/** One end of a directed link: a host's name, or one address for a link of its own. */
export interface LinkEnd {
  readonly host: string;
  readonly address: string;
}

const DEFAULT_LINK: LinkOptions = { delayMs: 10 };
/** A host talking to itself. */
const LOOPBACK_LINK: LinkOptions = { delayMs: 0.02 };

export class Links {
  readonly #seedHash: number;
  readonly #default: LinkOptions;
  readonly #overrides = new Map<string, LinkOptions>();
  readonly #counts = new Map<string, number>();

  constructor(seed: string, options: LinkOptions = DEFAULT_LINK) {
    checkLink(options);
    this.#seedHash = hashText(0, seed);
    this.#default = options;
  }

  /** `from` and `to` are names of hosts or addresses; addresses win over hosts. */
  set(from: string, to: string, options: LinkOptions): void {
    checkLink(options);
    this.#overrides.set(linkKey(from, to), options);
  }

  find(from: LinkEnd, to: LinkEnd): LinkOptions {
    return (
      this.#overrides.get(linkKey(from.address, to.address)) ??
      this.#overrides.get(linkKey(from.address, to.host)) ??
      this.#overrides.get(linkKey(from.host, to.address)) ??
      this.#overrides.get(linkKey(from.host, to.host)) ??
      (from.host === to.host ? LOOPBACK_LINK : this.#default)
    );
  }

  /** The delay of the next packet in milliseconds, or undefined when it is lost. */
  next(from: LinkEnd, to: LinkEnd): number | undefined {
    const key = linkKey(from.address, to.address);
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    const { delayMs, jitterMs = 0, loss = 0 } = this.find(from, to);
    const link = hashText(this.#seedHash, key);
    if (loss > 0 && hashFraction(link, count, 1) < loss) return undefined;
    return jitterMs > 0 ? delayMs + jitterMs * hashFraction(link, count, 2) : delayMs;
  }
}

function linkKey(from: string, to: string): string {
  return `${from} > ${to}`;
}

function checkLink({ delayMs, jitterMs = 0, loss = 0 }: LinkOptions): void {
  assert(delayMs >= 0 && jitterMs >= 0, 'a link does not deliver before it is asked to');
  assert(loss >= 0 && loss <= 1, 'loss is a chance from 0 to 1');
}

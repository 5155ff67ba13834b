/**
 * The servers of the root zone: the hints, until they have told who the servers are (RFC 8109). The
 * question goes over TCP, since whoever forged this one reply would own all names, and a root name
 * has no letters whose case a forger would have to guess.
 *
 *     first need ─► ". NS" to the hints ─┬─ NS set and glue ─► these, for their TTL
 *                                        └─ nothing of use ──► the hints go on
 *
 * Nobody waits for it: the walk that needs the root goes on with what is known. The hints stay what
 * they are, for when the primed servers have gone out of date.
 */

import type { Delegation, NameServer } from '../cache/delegation-cache.ts';
import type { Clock } from '../net/ports.ts';
import { DnsClass, RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { DnsName } from '../wire/name.ts';
import { isWellFormed, namesIn } from '../wire/rdata/rdata.ts';
import { ownName } from '../cache/packed-rrset.ts';
import { askZone } from './ask-zone.ts';
import { Budget } from './budget.ts';
import type { Core } from './core.ts';
import type { AddressFilter } from './do-not-query.ts';
import { primingLimits, type ResolverLimits } from './limits.ts';
import { Lookup } from './lookups.ts';

export interface RootServersOptions {
  readonly clock: Clock;
  readonly hints: Delegation;
  readonly mayAsk: AddressFilter;
  readonly limits: ResolverLimits;
  /** Whether to ask the hints who the servers are. */
  readonly isPrimed: boolean;
}

export class RootServers {
  readonly #options: RootServersOptions;
  #primed: Delegation | undefined;
  #primedUntilMs = 0;
  #nextPrimingMs = 0;

  constructor(options: RootServersOptions) {
    this.#options = options;
  }

  /** Whom to ask now. Begins to prime where that is due. */
  get(core: Core): Delegation {
    const nowMs = this.#options.clock.monotonic();
    if (this.#primed && nowMs < this.#primedUntilMs) return this.#primed;
    if (this.#options.isPrimed && nowMs >= this.#nextPrimingMs) {
      // Also the time after which a failure is tried again.
      this.#nextPrimingMs = nowMs + primingLimits.retryMs;
      void this.#prime(core);
    }
    return this.#options.hints;
  }

  async #prime(core: Core): Promise<void> {
    const { clock, hints, limits } = this.#options;
    const budget = new Budget(0, clock, limits);
    const lookup = new Lookup(question, { budget, depth: limits.depth, story: undefined });
    try {
      const asked = { delegation: hints, question, tcp: true, onMessage: this.#take };
      await askZone(core, asked, lookup);
    } catch (error) {
      core.logger.error({ err: error }, 'priming failed');
    }
  }

  /** What a server of the root says; replies of others never come here. */
  readonly #take = (message: Message): void => {
    const { clock, hints, mayAsk, limits } = this.#options;
    if (!message.aa) return;
    const nameServers: NameServer[] = [];
    let ttlSeconds = Infinity;
    for (const { name, type, class: dnsClass, ttl, rdata } of message.answers) {
      const isServer = type === RRType.NS && dnsClass === DnsClass.IN && name.isRoot;
      if (!isServer || nameServers.length === limits.nameServers) continue;
      if (!isWellFormed(type, rdata)) continue;
      const server = ownName(namesIn(type, rdata)[0]!);
      const glue = addressesOf(server, message).flatMap((octets) => mayAsk(octets) ?? []);
      const hint = hints.nameServers.find((one) => one.name.equals(server));
      const addresses = glue.length > 0 ? glue : (hint?.addresses ?? []);
      nameServers.push({ name: server, addresses: addresses.slice(0, limits.addressesPerName) });
      ttlSeconds = Math.min(ttlSeconds, ttl);
    }
    if (!nameServers.some(({ addresses }) => addresses.length > 0)) return;
    const nowMs = clock.monotonic();
    this.#primed = { ...hints, nameServers };
    this.#primedUntilMs = nowMs + Math.min(ttlSeconds * 1000, primingLimits.keptMs);
    this.#nextPrimingMs = nowMs + primingLimits.intervalMs;
  };
}

const question = { name: DnsName.root, type: RRType.NS, class: DnsClass.IN };

function addressesOf(server: DnsName, { additionals }: Message): readonly Uint8Array[] {
  return additionals
    .filter(({ name, type, class: dnsClass, rdata }) => {
      const isAddress = type === RRType.A || type === RRType.AAAA;
      return (
        isAddress && dnsClass === DnsClass.IN && name.equals(server) && isWellFormed(type, rdata)
      );
    })
    .map(({ rdata }) => rdata);
}

/**
 * Zone cuts as the parent granted them: NS names and glue, apart from everything that clients are
 * answered with. What the child says about itself never enters, so a delegation that its parent has
 * withdrawn dies with the TTL that the parent gave it, whatever the child goes on serving. Nor can
 * a child outlive its parent: a cut expires no later than the cut above it, through which it came.
 *
 * Each entry expires as a whole, with the first of its NS set and its glue.
 */

import type { Clock } from '../net/ports.ts';
import type { DnsName } from '../wire/name.ts';
import { ExpiringStore, type Expiring, type StoreStatistics } from './expiring-store.ts';
import { rrsetKeyOf } from './key.ts';
import type { CacheLimits } from './limits.ts';
import { ownName } from './packed-rrset.ts';
import { clampTtl, expiryMs } from './ttl.ts';

export interface NameServer {
  readonly name: DnsName;
  /** Glue, as text; empty when the parent gave none. */
  readonly addresses: readonly string[];
}

/** A zone cut: the zone's name and who serves it, as its parent says. */
export interface Delegation {
  readonly zone: DnsName;
  readonly nameServers: readonly NameServer[];
  /** Milliseconds of the monotonic clock; Infinity for what is configured. */
  readonly expiresAtMs: number;
  /** Only where the operator, not the parent, says who serves the zone. */
  readonly configured?: ConfiguredServers;
  /** What the zone said itself has taken the place of what its parent said. */
  readonly isOwnWord?: true;
}

/** How servers are asked that the operator names. */
export interface ConfiguredServers {
  /** Authorities, or resolvers that resolve for us. */
  readonly kind: 'stub' | 'forward';
  readonly tcp: boolean;
  readonly port?: number;
  /** When all of them fail, the zone is resolved as if it were not configured. */
  readonly first: boolean;
  /** False: what they answer is not kept. */
  readonly isCached: boolean;
}

/** A referral that arrived just now. */
export interface Grant {
  readonly zone: DnsName;
  readonly nameServers: readonly NameServer[];
  /** The least TTL of the NS set and its glue. */
  readonly ttlSeconds: number;
}

interface DelegationEntry extends Expiring {
  readonly delegation: Delegation;
}

export class DelegationCache {
  readonly #store: ExpiringStore<DelegationEntry>;
  readonly #limits: CacheLimits;

  constructor(clock: Clock, limits: CacheLimits) {
    this.#store = new ExpiringStore(clock, limits.delegationOctets);
    this.#limits = limits;
  }

  /** The deepest known cut at or above `name`; of those that hold beyond `untilMs`, if given. */
  closest(name: DnsName, untilMs: number = 0): Delegation | undefined {
    // Keys are wire forms, so the key of the name above begins behind the first label.
    let { key } = name;
    for (let labels = name.labelCount; labels > 0; labels--) {
      const entry = this.#store.get(key);
      if (entry && entry.expiresAtMs > untilMs) return entry.delegation;
      key = key.slice(key.charCodeAt(0) + 1);
    }
    return undefined;
  }

  /** Keeps what `parent` granted, unless its time is over at once, and returns it to go on with. */
  put(grant: Grant, parent: Delegation): Delegation {
    const { delegationTtlSecondsMin, ttlSeconds: ttlSecondsMax } = this.#limits;
    const ttlSeconds = clampTtl(grant.ttlSeconds, delegationTtlSecondsMin, ttlSecondsMax);
    const { nowMs } = this.#store;
    const expiresAtMs = Math.min(expiryMs(nowMs, ttlSeconds), parent.expiresAtMs);
    const zone = ownName(grant.zone);
    const nameServers = grant.nameServers.map(({ name, addresses }) => ({
      name: ownName(name),
      addresses: [...addresses],
    }));
    const delegation = { zone, nameServers, expiresAtMs };
    if (nowMs < expiresAtMs) this.#keep(delegation);
    return delegation;
  }

  /**
   * The zone itself gives its servers less time than its parent does: the parent is asked again as
   * soon as that is over, so that a zone can prepare a move. Never longer than the parent granted.
   */
  shorten(zone: DnsName, ttlSeconds: number): void {
    const present = this.#store.peek(zone.key);
    if (!present) return;
    const untilMs = expiryMs(this.#store.nowMs, Math.max(ttlSeconds, SHORTENED_SECONDS_MIN));
    if (untilMs < present.expiresAtMs) this.#keep({ ...present.delegation, expiresAtMs: untilMs });
  }

  /**
   * What the zone itself says of its servers, in place of what its parent said: not for our own
   * resolver, but for the kinds that it is compared with. Said again, it does not live on.
   */
  replace({ zone, nameServers, ttlSeconds }: Grant): void {
    const present = this.#store.peek(zone.key);
    const { nowMs } = this.#store;
    const isLive = present !== undefined && nowMs < present.expiresAtMs;
    if (isLive && present.delegation.isOwnWord === true) return;
    const { delegationTtlSecondsMin, ttlSeconds: ttlSecondsMax } = this.#limits;
    const kept = clampTtl(ttlSeconds, delegationTtlSecondsMin, ttlSecondsMax);
    const expiresAtMs = expiryMs(nowMs, kept);
    this.#keep({ zone: ownName(zone), nameServers, expiresAtMs, isOwnWord: true });
  }

  /** Keeps what was kept before, for as long as it has left, and no longer. */
  restore({ zone, nameServers, expiresAtMs: wantedMs }: Delegation): void {
    const { nowMs } = this.#store;
    const expiresAtMs = Math.min(wantedMs, expiryMs(nowMs, this.#limits.ttlSeconds));
    if (nowMs < expiresAtMs) this.#keep({ zone, nameServers, expiresAtMs });
  }

  #keep(delegation: Delegation): void {
    const { zone, expiresAtMs } = delegation;
    this.#store.set(zone.key, { delegation, expiresAtMs, octets: sizeOf(delegation) });
  }

  delete(zone: DnsName): void {
    this.#store.delete(zone.key);
  }

  clear(): void {
    this.#store.clear();
  }

  deleteWhere(test: (key: string) => boolean): number {
    return this.#store.deleteWhere((key) => test(rrsetKeyOf(key, 0)));
  }

  *entries(): Generator<Delegation, void, undefined> {
    for (const [, { delegation }] of this.#store.entries()) yield delegation;
  }

  get statistics(): StoreStatistics {
    return this.#store.statistics;
  }
}

/** A zone may have its parent asked once a minute on its behalf, not more often. */
const SHORTENED_SECONDS_MIN = 60;

/** Objects of their own, so each name and address counts more than its octets. */
const PART_OCTETS = 100;

function sizeOf({ nameServers }: Delegation): number {
  return nameServers.reduce(
    (sum, { name, addresses }) => sum + name.wire.length + PART_OCTETS * (1 + addresses.length),
    0,
  );
}

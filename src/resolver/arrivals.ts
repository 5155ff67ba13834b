/**
 * The TTLs of what came in last. A query that finds in the cache what came in while it was under
 * way shows it with the TTL that it came with, as if it had waited for that very lookup; else the
 * first answer that a client gets would look older than it is. The cache rounds down, so this gives
 * back the one second that was lost by rounding, and never more.
 */

import type { Clock } from '../net/ports.ts';
import { Rcode } from '../wire/iana.ts';
import type { RRset } from '../wire/record.ts';
import type { Found } from './result.ts';

export class Arrivals {
  readonly #clock: Clock;
  readonly #arrivals = new Map<string, Arrival>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be called with what a lookup of `type` brought, as soon as it is kept. */
  add(found: Found, type: number): void {
    const atMs = this.#clock.monotonic();
    mapRRsets(found, type, (rrset, key) => {
      // Maps keep the order of insertion, so the first key is always the oldest.
      this.#arrivals.delete(key);
      this.#arrivals.set(key, { ttl: rrset.ttl, atMs });
      return rrset;
    });
    for (const oldest of this.#arrivals.keys()) {
      if (this.#arrivals.size <= ARRIVALS) return;
      this.#arrivals.delete(oldest);
    }
  }

  /** What the cache knew for a query that began at `sinceMs`. */
  restore(found: Found, type: number, sinceMs: number): Found {
    return mapRRsets(found, type, (rrset, key) => {
      const arrival = this.#arrivals.get(key);
      const isNew = arrival !== undefined && arrival.atMs >= sinceMs;
      return isNew && arrival.ttl === rrset.ttl + 1 ? { ...rrset, ttl: arrival.ttl } : rrset;
    });
  }
}

interface Arrival {
  readonly ttl: number;
  readonly atMs: number;
}

/** Those of a tenth of a second under full load: what is forgotten is merely rounded down. */
const ARRIVALS = 1000;

/** Every RRset under a key that says what the cache holds it for. */
function mapRRsets(
  found: Found,
  type: number,
  change: (rrset: RRset, key: string) => RRset,
): Found {
  const changeData = (rrset: RRset): RRset => change(rrset, `${rrset.type}/${rrset.name.key}`);
  const aliases = found.aliases.map((alias) => ({
    ...alias,
    rrsets: alias.rrsets.map(changeData),
  }));
  const { end, name } = found;
  switch (end.kind) {
    case 'data':
    case 'overflow':
      return { ...found, aliases, end: { ...end, rrsets: end.rrsets.map(changeData) } };
    case 'negative': {
      const what = end.rcode === Rcode.NXDOMAIN ? 'no name' : `no ${type}`;
      const soa = end.soa && change(end.soa, `${what}/${name.key}`);
      return { ...found, aliases, end: { ...end, soa } };
    }
    case 'open':
      return { ...found, aliases };
  }
}

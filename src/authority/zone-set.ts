/**
 * The zones that a server answers for. Finding the zone of a name takes one look-up a label; a zone
 * is replaced in one step, so a query sees the old version or the new one.
 */

import type { DnsName } from '../wire/name.ts';
import type { Zone } from '../zone/zone.ts';

/** Hears of every change after it was made, but not of what the set began with. */
export interface ZoneSetObserver {
  put(zone: Zone): void;
  delete(origin: DnsName): void;
}

export class ZoneSet {
  readonly #zones = new Map<string, Zone>();
  /** Labels of the longest origin: names are looked up from there on only. */
  #mostLabels = 0;
  #revision = 0;

  readonly #observer: ZoneSetObserver | undefined;

  constructor(zones: Iterable<Zone> = [], observer?: ZoneSetObserver) {
    for (const zone of zones) this.put(zone);
    this.#observer = observer;
  }

  /** Grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#zones.size;
  }

  /** In the order in which their origins were first put. */
  [Symbol.iterator](): Iterator<Zone> {
    return this.#zones.values();
  }

  /** Adds a zone, or replaces the one of the same origin. */
  put(zone: Zone): void {
    this.#revision++;
    this.#zones.set(zone.origin.key, zone);
    this.#mostLabels = Math.max(this.#mostLabels, zone.origin.labelCount);
    this.#observer?.put(zone);
  }

  /** Names of the zone are answered out of the zone above, if there is one, from now on. */
  delete(origin: DnsName): void {
    this.#revision++;
    this.#zones.delete(origin.key);
    this.#observer?.delete(origin);
  }

  get(origin: DnsName): Zone | undefined {
    return this.#zones.get(origin.key);
  }

  /** The zone with the longest origin at or above `name` (RFC 1034 §4.3.2 step 2). */
  enclosing(name: DnsName): Zone | undefined {
    let labels = Math.min(name.labelCount, this.#mostLabels);
    for (let ancestor = name.ancestor(labels); ; ancestor = ancestor.parent) {
      const zone = this.#zones.get(ancestor.key);
      if (zone || labels-- === 0) return zone;
    }
  }
}

/**
 * The zones that a server answers for. Finding the zone of a name takes one look-up a label; a zone
 * is replaced in one step, so a query sees the old version or the new one.
 */

import type { DnsName } from '../wire/name.ts';
import type { Zone } from '../zone/zone.ts';

/** Hears of every change after it was made. */
export interface ZoneSetObserver {
  put?(zone: Zone, before: Zone | undefined): void;
  delete?(origin: DnsName): void;
  withhold?(origin: DnsName): void;
}

export class ZoneSet {
  readonly #zones = new Map<string, Zone>();
  /** Ours, and without data. */
  readonly #withheld = new Map<string, DnsName>();
  /** Labels of the longest origin: names are looked up from there on only. */
  #mostLabels = 0;
  #revision = 0;

  readonly #observers: ZoneSetObserver[] = [];

  /** A set as it is, or a new one. */
  static of(zones: readonly Zone[] | ZoneSet): ZoneSet {
    return zones instanceof ZoneSet ? zones : new ZoneSet(zones);
  }

  constructor(zones: Iterable<Zone> = []) {
    for (const zone of zones) this.put(zone);
  }

  /** From now on the observer hears of every change. */
  observe(observer: ZoneSetObserver): void {
    this.#observers.push(observer);
  }

  /** Grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#zones.size;
  }

  /** No name is ours. */
  get isEmpty(): boolean {
    return this.#zones.size === 0 && this.#withheld.size === 0;
  }

  /** In the order in which their origins were first put. */
  [Symbol.iterator](): Iterator<Zone> {
    return this.#zones.values();
  }

  /** Adds a zone, or replaces the one of the same origin. */
  put(zone: Zone): void {
    this.#revision++;
    const before = this.#zones.get(zone.origin.key);
    this.#withheld.delete(zone.origin.key);
    this.#zones.set(zone.origin.key, zone);
    this.#mostLabels = Math.max(this.#mostLabels, zone.origin.labelCount);
    for (const observer of this.#observers) observer.put?.(zone, before);
  }

  /** Names of the zone are answered out of the zone above, if there is one, from now on. */
  delete(origin: DnsName): void {
    this.#revision++;
    this.#withheld.delete(origin.key);
    this.#zones.delete(origin.key);
    for (const observer of this.#observers) observer.delete?.(origin);
  }

  /** The zone is ours to serve, and has no data, or none any more. */
  withhold(origin: DnsName): void {
    this.#revision++;
    this.#zones.delete(origin.key);
    this.#withheld.set(origin.key, origin);
    this.#mostLabels = Math.max(this.#mostLabels, origin.labelCount);
    for (const observer of this.#observers) observer.withhold?.(origin);
  }

  /** The origins of those. */
  get withheld(): Iterable<DnsName> {
    return this.#withheld.values();
  }

  isWithheld(origin: DnsName): boolean {
    return this.#withheld.has(origin.key);
  }

  /** The one that `name` lies in, if no other zone of ours is closer to it. */
  withheldFor(name: DnsName): DnsName | undefined {
    if (this.#withheld.size === 0) return undefined;
    for (let labels = Math.min(name.labelCount, this.#mostLabels); labels >= 0; labels--) {
      const { key } = name.ancestor(labels);
      if (this.#zones.has(key)) return undefined;
      const origin = this.#withheld.get(key);
      if (origin) return origin;
    }
    return undefined;
  }

  /** Whether the name lies in a zone of ours, with data or without. */
  holds(name: DnsName): boolean {
    if (this.isEmpty) return false;
    return this.enclosing(name) !== undefined || this.withheldFor(name) !== undefined;
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

/**
 * A zone with changes on top that nobody sees yet: RRsets that are other than in the image, by name
 * and type. What they come to in the end is a difference.
 */

import { RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { recordsOf, type ResourceRecord, type RRset } from '../wire/record.ts';
import { compareSets, soaOf } from './compare-zones.ts';
import type { ZoneDifference } from './difference.ts';
import type { Zone } from './zone.ts';

interface Change {
  readonly name: DnsName;
  readonly before: RRset | undefined;
  /** Undefined: there is none any more. */
  after: RRset | undefined;
}

export class ZoneDraft {
  readonly zone: Zone;
  /** By name, then type. */
  readonly #changes = new Map<string, Map<number, Change>>();

  constructor(zone: Zone) {
    this.zone = zone;
  }

  rrset(name: DnsName, type: number): RRset | undefined {
    const change = this.#changes.get(name.key)?.get(type);
    return change ? change.after : this.zone.rrset(name, type);
  }

  /** All that stands at the name. */
  rrsetsOf(name: DnsName): readonly RRset[] {
    const changes = this.#changes.get(name.key);
    const kept = this.zone.rrsetsOf(name);
    if (!changes) return kept;
    const changed = [...changes.values()].flatMap(({ after }) => (after ? [after] : []));
    return [...kept.filter(({ type }) => !changes.has(type)), ...changed];
  }

  put(rrset: RRset): void {
    this.#change(rrset.name, rrset.type).after = rrset;
  }

  delete(name: DnsName, type: number): void {
    this.#change(name, type).after = undefined;
  }

  /** Undefined when nothing is other than it was, the SOA included. */
  difference(): ZoneDifference | undefined {
    const deleted: ResourceRecord[] = [];
    const added: ResourceRecord[] = [];
    for (const changes of this.#changes.values()) {
      for (const [type, { before, after }] of changes) {
        if (type === RRType.SOA) continue;
        if (before && after) compareSets(before, after, { gone: deleted, come: added });
        else if (before) deleted.push(...recordsOf(before));
        else if (after) added.push(...recordsOf(after));
      }
    }
    const from = soaOf(this.zone);
    const to = recordsOf(this.rrset(this.zone.origin, RRType.SOA)!)[0]!;
    const isSameSoa = from.ttl === to.ttl && Buffer.compare(from.rdata, to.rdata) === 0;
    if (isSameSoa && deleted.length + added.length === 0) return undefined;
    return { from, to, deleted, added };
  }

  #change(name: DnsName, type: number): Change {
    let changes = this.#changes.get(name.key);
    if (!changes) this.#changes.set(name.key, (changes = new Map<number, Change>()));
    let change = changes.get(type);
    if (!change) {
      const before = this.zone.rrset(name, type);
      changes.set(type, (change = { name, before, after: before }));
    }
    return change;
  }
}

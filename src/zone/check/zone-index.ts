/**
 * The records of one master file by name and type, with their places: what the checks ask. Apart
 * from the zone that serves, so that a file can be judged in which some records cannot stand.
 */

import { isMetaType, RRType } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import type { LocatedRecord } from '../master-file.ts';

/** A name with its records, by type. */
export interface CheckedName {
  readonly name: DnsName;
  readonly types: ReadonlyMap<number, readonly LocatedRecord[]>;
}

/** What a resolver that comes to a name of the zone finds there. */
export type Arrival =
  | { readonly kind: 'node' | 'wildcard'; readonly node: CheckedName }
  /** At or below a zone cut: only glue may be here. */
  | { readonly kind: 'delegated'; readonly cut: DnsName }
  | { readonly kind: 'below DNAME'; readonly owner: DnsName }
  | { readonly kind: 'empty' | 'nothing' };

export class ZoneIndex {
  readonly origin: DnsName;
  readonly #names = new Map<string, GrowingName>();
  /** Empty non-terminals (RFC 4592 §2.2.2). */
  readonly #empty = new Set<string>();
  readonly #cuts = new Set<string>();
  readonly #dnames = new Set<string>();

  constructor(records: readonly LocatedRecord[], origin: DnsName) {
    this.origin = origin;
    for (const record of records) {
      if (record.name.isSubdomainOf(origin) && !isMetaType(record.type)) this.#add(record);
    }
  }

  names(): Iterable<CheckedName> {
    return this.#names.values();
  }

  node(name: DnsName): CheckedName | undefined {
    return this.#names.get(name.key);
  }

  recordsAt(name: DnsName, type: number): readonly LocatedRecord[] {
    return this.node(name)?.types.get(type) ?? [];
  }

  *ofType(type: number): Iterable<LocatedRecord> {
    for (const { types } of this.#names.values()) yield* types.get(type) ?? [];
  }

  /** The highest zone cut at or above a name. */
  cutOf(name: DnsName): DnsName | undefined {
    if (this.#cuts.size === 0) return undefined;
    return this.#highest(name, this.#cuts, name.labelCount);
  }

  /** The highest DNAME above a name. */
  dnameAbove(name: DnsName): DnsName | undefined {
    if (this.#dnames.size === 0) return undefined;
    return this.#highest(name, this.#dnames, name.labelCount - 1);
  }

  /** `name` must be at or below the origin. */
  arrive(name: DnsName): Arrival {
    const cut = this.cutOf(name);
    const owner = this.dnameAbove(name);
    if (owner && (!cut || owner.labelCount < cut.labelCount)) return { kind: 'below DNAME', owner };
    if (cut) return { kind: 'delegated', cut };
    const node = this.node(name);
    if (node) return { kind: 'node', node };
    if (this.#empty.has(name.key)) return { kind: 'empty' };
    const wildcard = this.#wildcardFor(name);
    return wildcard ? { kind: 'wildcard', node: wildcard } : { kind: 'nothing' };
  }

  /** RFC 4592 §3.3.1: the '*' child of the closest encloser. */
  #wildcardFor(name: DnsName): CheckedName | undefined {
    for (let labels = name.labelCount - 1; labels >= this.origin.labelCount; labels--) {
      const encloser = name.ancestor(labels);
      if (!this.#names.has(encloser.key) && !this.#empty.has(encloser.key)) continue;
      return this.#names.get('\x01*' + encloser.key);
    }
    return undefined;
  }

  #highest(name: DnsName, keys: ReadonlySet<string>, deepest: number): DnsName | undefined {
    for (let labels = this.origin.labelCount; labels <= deepest; labels++) {
      const ancestor = name.ancestor(labels);
      if (keys.has(ancestor.key)) return ancestor;
    }
    return undefined;
  }

  #add(record: LocatedRecord): void {
    const { name, type } = record;
    let node = this.#names.get(name.key);
    if (node === undefined) {
      node = { name, types: new Map() };
      this.#names.set(name.key, node);
      this.#addAncestors(name);
    }
    const list = node.types.get(type);
    if (list === undefined) node.types.set(type, [record]);
    else list.push(record);
    if (type === RRType.NS && !name.equals(this.origin)) this.#cuts.add(name.key);
    if (type === RRType.DNAME) this.#dnames.add(name.key);
  }

  #addAncestors(name: DnsName): void {
    this.#empty.delete(name.key);
    for (let labels = name.labelCount - 1; labels >= this.origin.labelCount; labels--) {
      const { key } = name.ancestor(labels);
      if (this.#names.has(key) || this.#empty.has(key)) return;
      this.#empty.add(key);
    }
  }
}

interface GrowingName {
  readonly name: DnsName;
  readonly types: Map<number, LocatedRecord[]>;
}

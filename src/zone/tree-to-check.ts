/**
 * A zone's image as the checks see it: with objects for records, made one at a time, and only of
 * those that a check can be about.
 */

import { RRType } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import type { ImageTree } from './image-tree.ts';
import type { LocatedRecord } from './master-file.ts';
import type { Notable } from './tree-builder.ts';
import type { CheckedTree } from './zone-checks.ts';

export class TreeToCheck implements CheckedTree {
  readonly soaLine: number;
  readonly hasDname: boolean;
  readonly #tree: ImageTree;
  readonly #origin: DnsName;
  readonly #nodesWithNs: readonly number[];

  constructor(
    tree: ImageTree,
    { origin, notable }: { readonly origin: DnsName; readonly notable: Notable },
  ) {
    this.#tree = tree;
    this.#origin = origin;
    this.#nodesWithNs = notable.nodesWithNs;
    this.hasDname = notable.hasDname;
    this.soaLine = tree.lineOf(tree.firstRecord(tree.find(tree.apex, RRType.SOA)));
  }

  owns(name: DnsName, type: number): boolean {
    const node = this.#tree.descend(name, this.#origin);
    return node !== 0 && this.#tree.find(node, type) !== 0;
  }

  *recordsToCheck(): Iterable<LocatedRecord> {
    for (const node of this.#nodesWithNs) {
      if (this.hasDname || !this.#serversHaveAddresses(node)) {
        yield* this.#recordsAt(node, RRType.NS);
      }
    }
    if (!this.hasDname) return;
    for (const node of this.#tree.nodes()) {
      if (this.#isBelowDname(node)) yield* this.#recordsAt(node);
    }
  }

  /** Then no check complains, as in nearly all zones: thousands of them are loaded at once. */
  #serversHaveAddresses(node: number): boolean {
    const tree = this.#tree;
    const set = tree.find(node, RRType.NS);
    let record = tree.firstRecord(set);
    for (let left = tree.countOf(set); left > 0; left--, record = tree.nextRecord(record)) {
      const server = tree.descend(DnsName.fromWire(tree.rdataOf(record)), this.#origin);
      if (server === 0) return false;
      if (tree.find(server, RRType.A) === 0 && tree.find(server, RRType.AAAA) === 0) return false;
    }
    return true;
  }

  /** Of one type, or all but NS. */
  *#recordsAt(node: number, type?: number): Iterable<LocatedRecord> {
    const tree = this.#tree;
    for (let set = tree.first(node); set !== 0; set = tree.next(set)) {
      if (type === undefined ? tree.typeOf(set) === RRType.NS : tree.typeOf(set) !== type) continue;
      const { rdatas, ...rrset } = tree.read(set, tree.name(node));
      let record = tree.firstRecord(set);
      for (const rdata of rdatas) {
        yield { ...rrset, rdata, line: tree.lineOf(record) };
        record = tree.nextRecord(record);
      }
    }
  }

  #isBelowDname(node: number): boolean {
    const tree = this.#tree;
    for (let above = node; above !== tree.apex;) {
      above = tree.parent(above);
      if (tree.redirects(above) && tree.find(above, RRType.DNAME) !== 0) return true;
    }
    return false;
  }
}

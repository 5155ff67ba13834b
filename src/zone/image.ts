/**
 * A zone's image, opened: the `Zone` over octets that all threads share. Whoever has the buffer,
 * in whatever thread, opens it and has the same zone. `image-layout.ts` draws what is inside,
 * `image-builder.ts` makes it.
 */

import assert from 'node:assert/strict';
import { RRType } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import { readU32 } from '../wire/rdata/field.ts';
import type { RRset } from '../wire/record.ts';
import { APEX, HeaderWord, MAGIC, NameWord } from './image-layout.ts';
import { ImageTree } from './image-tree.ts';
import { findInZone, type Found, type ZoneTree } from './lookup.ts';
import type { ZoneProblem } from './problem.ts';
import type { Zone } from './zone.ts';

/** `buffer` must be one that an `ImageBuilder` of this very version made. */
export function openImage(buffer: SharedArrayBuffer, warnings?: readonly ZoneProblem[]): Zone {
  return new ZoneInImage(buffer, warnings ?? NONE);
}

/** The tree alone, for whoever looks through all of it. */
export function treeIn(buffer: SharedArrayBuffer): ImageTree {
  const words = new Int32Array(buffer);
  assert.equal(words[HeaderWord.MAGIC], MAGIC, 'an image of this version');
  const at = words[HeaderWord.HEADS]! * 4;
  const heads = new Int32Array(buffer, at, words[HeaderWord.HEAD_COUNT]);
  return new ImageTree({ words, octets: new Uint8Array(buffer), heads });
}

const NONE: readonly ZoneProblem[] = [];

class ZoneInImage implements Zone, ZoneTree {
  readonly origin: DnsName;
  readonly image: SharedArrayBuffer;
  readonly warnings: readonly ZoneProblem[];
  readonly apex: number = APEX;
  readonly #tree: ImageTree;
  #soa: RRset | undefined;
  #negativeSoa: RRset | undefined;

  constructor(image: SharedArrayBuffer, warnings: readonly ZoneProblem[]) {
    this.image = image;
    this.warnings = warnings;
    this.#tree = treeIn(image);
    const [octets] = new Int32Array(image, HeaderWord.ORIGIN_OCTETS * 4, 1);
    const origin = new Uint8Array(image, (APEX + NameWord.LABEL) * 4, octets);
    this.origin = DnsName.fromWire(new Uint8Array(origin));
  }

  get soa(): RRset {
    this.#soa ??= this.#tree.rrset(APEX, RRType.SOA);
    assert(this.#soa, 'the apex owns the SOA');
    return this.#soa;
  }

  get serial(): number {
    const [rdata] = this.soa.rdatas;
    return readU32(rdata!, rdata!.length - 20);
  }

  get recordCount(): number {
    return new Int32Array(this.image)[HeaderWord.RECORD_COUNT]!;
  }

  /** RFC 2308 §3, §5: with the lesser of the SOA's TTL and its minimum field. */
  get negativeSoa(): RRset {
    if (this.#negativeSoa === undefined) {
      const { soa } = this;
      const [rdata] = soa.rdatas;
      const minimum = readU32(rdata!, rdata!.length - 4);
      this.#negativeSoa = { ...soa, ttl: Math.min(soa.ttl, minimum) };
    }
    return this.#negativeSoa;
  }

  find(name: DnsName, type: number): Found {
    return findInZone(this, name, type);
  }

  rrset(name: DnsName, type: number): RRset | undefined {
    const node = this.#tree.descend(name, this.origin);
    return node === 0 ? undefined : this.#tree.rrset(node, type);
  }

  *names(): Iterable<DnsName> {
    for (const node of this.#tree.nodes()) {
      if (this.#tree.first(node) !== 0) yield this.#tree.name(node);
    }
  }

  *rrsets(): Iterable<RRset> {
    yield this.soa;
    for (const node of this.#tree.nodes()) {
      for (const rrset of this.#tree.rrsets(node)) if (rrset.type !== RRType.SOA) yield rrset;
    }
  }

  child(parent: number, wire: Uint8Array, at: number): number {
    return this.#tree.child(parent, wire, at);
  }

  redirects(node: number): boolean {
    return this.#tree.redirects(node);
  }

  nameOf(node: number): DnsName {
    return this.#tree.name(node);
  }

  rrsetAt(node: number, type: number, likely?: DnsName): RRset | undefined {
    return this.#tree.rrset(node, type, likely);
  }

  rrsetsAt(node: number): readonly RRset[] {
    return this.#tree.rrsets(node);
  }
}

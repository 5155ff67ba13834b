/**
 * A zone's image, opened: the `Zone` over words that all threads share. Whoever has the image, in
 * whatever thread, opens it and has the same zone. `image-layout.ts` draws what is inside,
 * `image-builder.ts` makes it.
 */

import assert from 'node:assert/strict';
import { RRType } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import { readU32 } from '../wire/rdata/field.ts';
import type { RRset } from '../wire/record.ts';
import { APEX, HeaderWord, MAGIC, NameWord, type ZoneImage } from './image-layout.ts';
import { ImageTree } from './image-tree.ts';
import { findInZone, type Found, type ZoneTree } from './lookup.ts';
import type { ZoneProblem } from './problem.ts';
import type { Zone } from './zone.ts';

/** `image` must be one that an `ImageBuilder` of this very version made. */
export function openImage(image: ZoneImage, known: ZoneFacts = {}): Zone {
  assert.equal(image[HeaderWord.MAGIC], MAGIC, 'an image of this version');
  return new ZoneInImage(image, known);
}

export interface ZoneFacts {
  /** As it is spelled in the image, for whoever has it at hand. */
  readonly origin?: DnsName;
  readonly warnings?: readonly ZoneProblem[] | undefined;
}

/** One for all zones without: there may be thousands. */
const NONE: readonly ZoneProblem[] = [];

function treeIn(words: ZoneImage): ImageTree {
  const at = words[HeaderWord.HEADS]!;
  const heads = words.subarray(at, at + words[HeaderWord.HEAD_COUNT]!);
  return new ImageTree({ words, octets: octetsIn(words), heads });
}

function originIn(image: ZoneImage): DnsName {
  const start = (APEX + NameWord.LABEL) * 4;
  const octets = octetsIn(image).subarray(start, start + image[HeaderWord.ORIGIN_OCTETS]!);
  return DnsName.fromWire(new Uint8Array(octets));
}

function octetsIn({ buffer, byteOffset, byteLength }: ZoneImage): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

class ZoneInImage implements Zone, ZoneTree {
  readonly origin: DnsName;
  readonly image: ZoneImage;
  readonly warnings: readonly ZoneProblem[];
  readonly apex: number = APEX;
  /** Made for the first query: of thousands of zones, most are not asked for. */
  #openTree: ImageTree | undefined;
  #soa: RRset | undefined;
  #negativeSoa: RRset | undefined;

  constructor(image: ZoneImage, { origin, warnings }: ZoneFacts) {
    this.image = image;
    this.warnings = warnings ?? NONE;
    this.origin = origin ?? originIn(image);
  }

  get #tree(): ImageTree {
    return (this.#openTree ??= treeIn(this.image));
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
    return this.image[HeaderWord.RECORD_COUNT]!;
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

  rrsetsOf(name: DnsName): readonly RRset[] {
    const node = this.#tree.descend(name, this.origin);
    return node === 0 ? [] : this.#tree.rrsets(node);
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

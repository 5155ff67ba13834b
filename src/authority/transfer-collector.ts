/**
 * Puts together what a transfer brings (RFC 5936 §2.2, RFC 1995 §4), record by record, and refuses
 * what no primary in its right mind would send: records outside the zone, of other classes or of
 * types that hold no data, a zone without NS, an end that is not how it began.
 */

import { DnsClass, isMetaType, RRType, typeText } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { isWellFormed } from '../wire/rdata/rdata.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { isNewer, serialOf, type ZoneDifference } from '../zone/difference.ts';
import { editZone } from '../zone/edit-zone.ts';
import { ImageBuilder } from '../zone/image-builder.ts';
import { openImage } from '../zone/image.ts';
import type { Zone } from '../zone/zone.ts';

export type Collected =
  /** There is nothing newer. */
  | { readonly kind: 'current' }
  | { readonly kind: 'zone'; readonly zone: Zone }
  | {
      readonly kind: 'differences';
      readonly zone: Zone;
      readonly differences: readonly ZoneDifference[];
    }
  | { readonly kind: 'failed'; readonly why: string };

interface Growing {
  readonly from: ResourceRecord;
  to: ResourceRecord | undefined;
  readonly deleted: ResourceRecord[];
  readonly added: ResourceRecord[];
}

export class TransferCollector {
  readonly #origin: DnsName;
  /** What the client of an IXFR has. */
  readonly #have: Zone | undefined;
  #first: ResourceRecord | undefined;
  #builder: ImageBuilder | undefined;
  #differences: Growing[] | undefined;
  #hasEnded = false;

  constructor(origin: DnsName, have: Zone | undefined) {
    this.#origin = origin;
    this.#have = have;
  }

  /** What is wrong with it; undefined when it may go on. */
  take(view: ResourceRecord): string | undefined {
    const { name, type, class: dnsClass, ttl, rdata } = view;
    // A view of a message would keep all of the message.
    const record = { name, type, class: dnsClass, ttl, rdata };
    const flaw = this.#flawOf(record);
    if (flaw !== undefined) return flaw;
    if (this.#hasEnded) return 'records behind the end';
    if (this.#first === undefined) return this.#begin(record);
    if (!this.#builder && !this.#differences) this.#choose(record);
    return this.#differences ? this.#takeDifference(record) : this.#takeOfZone(record);
  }

  /** After the last record. Throws `ImageLimitError` when the zone is too large. */
  finish(): Collected {
    const first = this.#first;
    if (!first) return { kind: 'failed', why: 'nothing came' };
    const isAlone = !this.#builder && !this.#differences;
    if (isAlone && this.#have && !isNewer(serialOf(first), this.#have.serial)) {
      return { kind: 'current' };
    }
    if (!this.#hasEnded) return { kind: 'failed', why: 'it has no end' };
    return this.#differences ? this.#applied(this.#differences) : this.#whole(this.#builder!);
  }

  /** Frees what is not finished. */
  discard(): void {
    this.#builder?.discard();
  }

  #begin(record: ResourceRecord): string | undefined {
    if (record.type !== RRType.SOA) return 'it does not begin with a SOA';
    this.#first = record;
    return undefined;
  }

  /** RFC 1995 §4: a second SOA at once begins differences, but for that of an empty zone. */
  #choose(record: ResourceRecord): void {
    const isDifference =
      this.#have && record.type === RRType.SOA && serialOf(record) !== serialOf(this.#first!);
    if (isDifference === true) {
      this.#differences = [];
      return;
    }
    this.#builder = new ImageBuilder(this.#origin);
    this.#builder.insert(this.#first!);
  }

  #takeOfZone(record: ResourceRecord): string | undefined {
    if (record.type === RRType.SOA) {
      this.#hasEnded = true;
      const isSame = Buffer.compare(record.rdata, this.#first!.rdata) === 0;
      return isSame ? undefined : 'it ends with another SOA than it began with';
    }
    const { kind } = this.#builder!.insert(record);
    const isBad = kind === 'not single' || kind === 'conflict';
    return isBad ? `${describe(record)} cannot stand where it is` : undefined;
  }

  #takeDifference(record: ResourceRecord): string | undefined {
    const differences = this.#differences!;
    const last = differences.at(-1);
    if (record.type !== RRType.SOA) {
      (last!.to ? last!.added : last!.deleted).push(record);
      return undefined;
    }
    if (last && !last.to) {
      last.to = record;
      return undefined;
    }
    if (last && serialOf(record) === serialOf(this.#first!)) {
      this.#hasEnded = true;
      return serialOf(last.to!) === serialOf(record) ? undefined : 'its last difference is missing';
    }
    const before = last ? serialOf(last.to!) : this.#have!.serial;
    if (serialOf(record) !== before) return 'its differences do not follow each other';
    differences.push({ from: record, to: undefined, deleted: [], added: [] });
    return undefined;
  }

  #whole(builder: ImageBuilder): Collected {
    const { tree } = builder;
    if (tree.find(tree.apex, RRType.NS) === 0) {
      return { kind: 'failed', why: 'the zone has no NS at its apex' };
    }
    return { kind: 'zone', zone: openImage(builder.finish(), { origin: this.#origin }) };
  }

  #applied(grown: readonly Growing[]): Collected {
    const differences = grown.map(({ from, to, deleted, added }) => {
      return { from, to: to!, deleted, added };
    });
    let zone = this.#have!;
    for (const difference of differences) {
      const edited = editZone(zone, difference);
      if (!edited.ok) return { kind: 'failed', why: `it does not fit: ${edited.error}` };
      zone = edited.value;
    }
    if (!zone.rrset(this.#origin, RRType.NS)) {
      return { kind: 'failed', why: 'it leaves the zone without NS at its apex' };
    }
    return { kind: 'differences', zone, differences };
  }

  #flawOf(record: ResourceRecord): string | undefined {
    const { name, type, class: dnsClass, rdata } = record;
    if (!name.isSubdomainOf(this.#origin)) return `${describe(record)} is outside the zone`;
    if (dnsClass !== DnsClass.IN || isMetaType(type)) return `${describe(record)} is no data`;
    const isSoa = type === RRType.SOA;
    if (isSoa && !name.equals(this.#origin)) return 'a SOA stands below the apex';
    // Of other types a secondary keeps what it is given, but on a SOA all depends.
    return isSoa && !isWellFormed(type, rdata) ? 'a SOA has not the form of one' : undefined;
  }
}

function describe({ name, type }: ResourceRecord): string {
  return `${name.toString()} ${typeText(type)}`;
}

/**
 * Where a zone transfer ends (RFC 5936 §2.2, RFC 1995 §4), told from its records in their order:
 *
 *     AXFR   SOA  everything else  SOA
 *     IXFR   SOA new [ SOA old  deletions  SOA next  additions ]…  SOA new
 *
 * An answer to IXFR may also be a whole zone, or the SOA alone where there is nothing new. Nothing
 * is kept but the serial of the first SOA.
 */

import { RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { skipPlainName } from '../wire/name-wire.ts';
import type { ResourceRecord } from '../wire/record.ts';

export type TransferStep =
  /** Belongs to the transfer, which goes on. */
  | 'more'
  /** The last record. */
  | 'end'
  /** The first record is not the zone's SOA. */
  | 'no SOA';

export class TransferSequence {
  readonly #zone: DnsName;
  /** What an IXFR's client has; undefined for AXFR. */
  readonly #knownSerial: number | undefined;
  /** Of the first SOA. */
  #serial = 0;
  #state: 'start' | 'second' | 'whole zone' | 'deletions' | 'additions' | 'over' = 'start';

  constructor(zone: DnsName, knownSerial?: number) {
    this.#zone = zone;
    this.#knownSerial = knownSerial;
  }

  /** Not to be called after the end. */
  take(record: ResourceRecord): TransferStep {
    const serial = this.#serialOf(record);
    switch (this.#state) {
      case 'start':
        return this.#first(serial);
      case 'second':
        // RFC 1995 §4: a second SOA begins differences, but for one that ends an empty zone.
        if (serial === undefined) this.#state = 'whole zone';
        else if (serial === this.#serial) return this.#end();
        else this.#state = 'deletions';
        return 'more';
      case 'whole zone':
        return serial === undefined ? 'more' : this.#end();
      case 'deletions':
        if (serial !== undefined) this.#state = 'additions';
        return 'more';
      case 'additions':
        if (serial === this.#serial) return this.#end();
        if (serial !== undefined) this.#state = 'deletions';
        return 'more';
      case 'over':
        return 'end';
    }
  }

  #first(serial: number | undefined): TransferStep {
    if (serial === undefined) return 'no SOA';
    this.#serial = serial;
    if (this.#knownSerial === undefined) this.#state = 'whole zone';
    else if (isSerialAtLeast(this.#knownSerial, serial)) return this.#end();
    else this.#state = 'second';
    return 'more';
  }

  #end(): TransferStep {
    this.#state = 'over';
    return 'end';
  }

  /** Undefined where it is not the SOA of the zone. */
  #serialOf({ type, name, rdata }: ResourceRecord): number | undefined {
    if (type !== RRType.SOA || !name.equals(this.#zone)) return undefined;
    const contact = skipPlainName(rdata, 0, rdata.length);
    const at = contact < 0 ? -1 : skipPlainName(rdata, contact, rdata.length);
    if (at < 0 || at + 4 > rdata.length) return undefined;
    return new DataView(rdata.buffer, rdata.byteOffset, rdata.byteLength).getUint32(at);
  }
}

/** Serial number arithmetic (RFC 1982 §3.2): `a` is `b`, or comes after it. */
function isSerialAtLeast(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0;
}

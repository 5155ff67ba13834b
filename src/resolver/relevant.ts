/**
 * The bailiwick rule: of everything in a reply, only what the asked zone may speak about. Records
 * of names outside the zone, of other classes and with malformed data are gone after this, before
 * anybody can look at them.
 */

import { DnsClass, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { isWellFormed } from '../wire/rdata/rdata.ts';
import { groupRRsets, type ResourceRecord, type RRset } from '../wire/record.ts';

/** The RRsets of one section that are at or below `zone`, found by owner and type. */
export class RelevantSection {
  readonly rrsets: readonly RRset[];
  readonly #byOwner = new Map<string, RRset[]>();

  constructor(records: readonly ResourceRecord[], zone: DnsName) {
    this.rrsets = groupRRsets(
      records.filter((record) => whyIrrelevant(record, zone) === undefined),
    );
    for (const rrset of this.rrsets) {
      const sameOwner = this.#byOwner.get(rrset.name.key);
      if (sameOwner) sameOwner.push(rrset);
      else this.#byOwner.set(rrset.name.key, [rrset]);
    }
  }

  /** All RRsets of a name. */
  at(name: DnsName): readonly RRset[] {
    return this.#byOwner.get(name.key) ?? [];
  }

  find(name: DnsName, type: number): RRset | undefined {
    return this.at(name).find((rrset) => rrset.type === type);
  }

  ofType(type: number): readonly RRset[] {
    return this.rrsets.filter((rrset) => rrset.type === type);
  }
}

/** The rule that keeps a record out; undefined for one that the asked zone may speak about. */
export function whyIrrelevant(record: ResourceRecord, zone: DnsName): string | undefined {
  if (record.class !== DnsClass.IN) return 'its class is not IN';
  if (!record.name.isSubdomainOf(zone)) return 'out of bailiwick of the zone asked';
  if (OPAQUE_TYPES.has(record.type)) return undefined;
  return isWellFormed(record.type, record.rdata) ? undefined : 'its data are malformed';
}

/**
 * A resolver passes these on as they are, like types that it does not know (RFC 9460 §4.2, RFC 3597
 * §3): whoever uses them judges them, and what he rejects is more than we would leave him.
 */
const OPAQUE_TYPES: ReadonlySet<number> = new Set([RRType.SVCB, RRType.HTTPS]);

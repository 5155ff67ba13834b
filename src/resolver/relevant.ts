/**
 * The bailiwick rule: of everything in a reply, only what the asked zone may speak about. Records
 * of names outside the zone, of other classes and with malformed data are gone after this, before
 * anybody can look at them.
 */

import { DnsClass, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { isWellFormed } from '../wire/rdata/rdata.ts';
import { groupRRsets, type ResourceRecord, type RRset } from '../wire/record.ts';

/** So many RRsets are compared sooner than put into a table; a packet may hold thousands. */
const FEW = 8;
const NO_RRSETS: readonly RRset[] = [];

/** The RRsets of one section that are at or below `zone`, found by owner and type. */
export class RelevantSection {
  readonly rrsets: readonly RRset[];
  /** Where there are many RRsets. */
  #byOwner: Map<string, RRset[]> | undefined;

  constructor(records: readonly ResourceRecord[], zone: DnsName) {
    this.rrsets = records.length === 0 ? NO_RRSETS : groupRRsets(relevant(records, zone));
  }

  /** All RRsets of a name. */
  at(name: DnsName): readonly RRset[] {
    if (this.rrsets.length > FEW) return (this.#byOwner ??= this.#index()).get(name.key) ?? [];
    return this.rrsets.filter((rrset) => rrset.name.equals(name));
  }

  find(name: DnsName, type: number): RRset | undefined {
    const isWanted = (rrset: RRset): boolean => rrset.type === type && rrset.name.equals(name);
    if (this.rrsets.length <= FEW) return this.rrsets.find(isWanted);
    return this.at(name).find(isWanted);
  }

  ofType(type: number): readonly RRset[] {
    return this.rrsets.filter((rrset) => rrset.type === type);
  }

  #index(): Map<string, RRset[]> {
    const byOwner = new Map<string, RRset[]>();
    for (const rrset of this.rrsets) {
      const sameOwner = byOwner.get(rrset.name.key);
      if (sameOwner) sameOwner.push(rrset);
      else byOwner.set(rrset.name.key, [rrset]);
    }
    return byOwner;
  }
}

/** Most replies have nothing else, and then no list of them is made. */
function relevant(records: readonly ResourceRecord[], zone: DnsName): readonly ResourceRecord[] {
  const isRelevant = (record: ResourceRecord): boolean => whyIrrelevant(record, zone) === undefined;
  return records.every(isRelevant) ? records : records.filter(isRelevant);
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

/**
 * A referral (RFC 1034 §4.3.1): an NS set for a zone strictly below the one that was asked and at
 * or above the name, with glue for exactly these NS names, and only where the asked zone may speak
 * about them (RFC 9471 §2: in-domain, or siblings under the same parent).
 */

import { RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import type { Question, RRset } from '../wire/record.ts';
import { RelevantSection } from './relevant.ts';

export interface Referral {
  readonly zone: DnsName;
  readonly nameServers: readonly GluedName[];
  /** The least of the NS set and its glue. */
  readonly ttl: number;
}

export interface GluedName {
  readonly name: DnsName;
  /** Addresses of 4 or 16 octets, as they came. */
  readonly glue: readonly Uint8Array[];
}

export interface ReferralContext {
  readonly zone: DnsName;
  readonly question: Question;
  readonly authorities: RelevantSection;
}

export function readReferral(message: Message, context: ReferralContext): Referral | undefined {
  const { zone, question, authorities } = context;
  const nsSet = authorities
    .ofType(RRType.NS)
    .find((rrset) => rrset.name.isBelow(zone) && covers(rrset, question));
  if (!nsSet) return undefined;
  const additionals = new RelevantSection(message.additionals, zone);
  let { ttl } = nsSet;
  const nameServers = nsSet.rdatas.map((rdata) => {
    const name = namesIn(RRType.NS, rdata)[0]!;
    const rrsets = [RRType.A, RRType.AAAA].flatMap((type) => additionals.find(name, type) ?? []);
    for (const rrset of rrsets) ttl = Math.min(ttl, rrset.ttl);
    return { name, glue: rrsets.flatMap(({ rdatas }) => rdatas) };
  });
  return { zone: nsSet.name, nameServers, ttl };
}

/** DS stands in the parent, so a referral to the name itself does not answer for it (RFC 4035). */
function covers(nsSet: RRset, { name, type }: Question): boolean {
  return type === RRType.DS ? name.isBelow(nsSet.name) : name.isSubdomainOf(nsSet.name);
}

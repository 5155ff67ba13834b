/**
 * Additional data: the addresses of hosts that an answer names, which its reader asks for next
 * (RFC 1035 §3.3.11 for NS, §3.3.9 for MX; RFC 2782 for SRV; RFC 9460 §4.1 for SVCB and HTTPS;
 * RFC 3403 §4.2 for NAPTR with the flag 'a').
 * Only what our zones know with authority.
 */

import { RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import type { RRset } from '../wire/record.ts';
import type { ZoneSet } from './zone-set.ts';

const additionalLimits = {
  /** Host names looked up for one answer: many would make one query cost many (CVE-2024-11187). */
  names: 13,
} as const;

export function additionalFor(zones: ZoneSet, answers: readonly RRset[]): RRset[] {
  const additionals: RRset[] = [];
  const seen = new Set(answers.map(({ name, type }) => `${type}/${name.key}`));
  for (const host of hostsIn(answers)) {
    for (const type of [RRType.A, RRType.AAAA]) {
      if (seen.has(`${type}/${host.key}`)) continue;
      seen.add(`${type}/${host.key}`);
      const found = zones.enclosing(host)?.find(host, type);
      if (found?.kind === 'answer' && !found.wildcard) additionals.push(...found.rrsets);
    }
  }
  return additionals;
}

function hostsIn(answers: readonly RRset[]): readonly DnsName[] {
  const hosts = new Map<string, DnsName>();
  for (const rrset of answers) {
    if (!NAMES_HOSTS.has(rrset.type)) continue;
    for (const rdata of rrset.rdatas) {
      if (hosts.size === additionalLimits.names) return [...hosts.values()];
      const host = hostOf(rrset, rdata);
      if (host) hosts.set(host.key, host);
    }
  }
  return [...hosts.values()];
}

function hostOf(rrset: RRset, rdata: Uint8Array): DnsName | undefined {
  const [named] = namesIn(rrset.type, rdata);
  if (rrset.type === RRType.NAPTR) return hasAddressFlag(rdata) ? named : undefined;
  if (named?.isRoot !== true) return named;
  // RFC 9460 §2.5.2: the root as a target stands for the owner. To MX and SRV it means nobody.
  return rrset.type === RRType.SVCB || rrset.type === RRType.HTTPS ? rrset.name : undefined;
}

/** RFC 3404 §4.3: behind order and preference, flags of the one letter 'a' lead to addresses. */
function hasAddressFlag(rdata: Uint8Array): boolean {
  return rdata[4] === 1 && (rdata[5] === 0x61 || rdata[5] === 0x41);
}

const NAMES_HOSTS: ReadonlySet<number> = new Set([
  RRType.NS,
  RRType.MX,
  RRType.SRV,
  RRType.NAPTR,
  RRType.SVCB,
  RRType.HTTPS,
]);

/**
 * Additional data: the addresses of hosts that an answer names, which its reader asks for next
 * (RFC 1035 §3.3.11 for NS, §3.3.9 for MX; RFC 2782 for SRV; RFC 9460 §4.1 for SVCB and HTTPS;
 * RFC 3403 §4.2 for NAPTR with the flag 'a'), and for the targets of SVCB and HTTPS their records
 * of the same type.
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
  for (const { name, types } of hostsIn(answers)) {
    for (const type of types) {
      if (seen.has(`${type}/${name.key}`)) continue;
      seen.add(`${type}/${name.key}`);
      const found = zones.enclosing(name)?.find(name, type);
      if (found?.kind === 'answer' && !found.wildcard) additionals.push(...found.rrsets);
    }
  }
  return additionals;
}

interface Host {
  readonly name: DnsName;
  readonly types: readonly number[];
}

function hostsIn(answers: readonly RRset[]): Iterable<Host> {
  const hosts = new Map<string, Host>();
  for (const rrset of answers) {
    const types = TYPES_WANTED.get(rrset.type);
    if (types === undefined) continue;
    for (const rdata of rrset.rdatas) {
      if (hosts.size === additionalLimits.names) return hosts.values();
      const name = hostOf(rrset, rdata);
      if (name) hosts.set(`${types.length}/${types.at(-1)}/${name.key}`, { name, types });
    }
  }
  return hosts.values();
}

function hostOf(rrset: RRset, rdata: Uint8Array): DnsName | undefined {
  const [named] = namesIn(rrset.type, rdata);
  if (rrset.type === RRType.NAPTR) return hasAddressFlag(rdata) ? named : undefined;
  if (named?.isRoot !== true) return named;
  // To MX and SRV the root means nobody (RFC 7505, RFC 2782).
  if (rrset.type !== RRType.SVCB && rrset.type !== RRType.HTTPS) return undefined;
  // RFC 9460 §2.5: the root as a target stands for the owner, but of an alias for no service.
  const isAlias = rdata[0] === 0 && rdata[1] === 0;
  return isAlias ? undefined : rrset.name;
}

/** RFC 3404 §4.3: behind order and preference, flags of the one letter 'a' lead to addresses. */
function hasAddressFlag(rdata: Uint8Array): boolean {
  return rdata[4] === 1 && (rdata[5] === 0x61 || rdata[5] === 0x41);
}

const ADDRESSES: readonly number[] = [RRType.A, RRType.AAAA];

/** By the type that names a host. */
const TYPES_WANTED: ReadonlyMap<number, readonly number[]> = new Map([
  [RRType.NS, ADDRESSES],
  [RRType.MX, ADDRESSES],
  [RRType.SRV, ADDRESSES],
  [RRType.NAPTR, ADDRESSES],
  [RRType.SVCB, [...ADDRESSES, RRType.SVCB]],
  [RRType.HTTPS, [...ADDRESSES, RRType.HTTPS]],
]);

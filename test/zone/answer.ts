/**
 * The rest of RFC 1034 §4.3.2 around `Zone.find`, for tests: follows aliases within the zone and
 * prints sections as sorted lines of zone text. The server's own is in `authority`.
 */
import { Rcode, rcodeText, typeText } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { DnsName } from '../../src/wire/name.ts';
import { printRdata } from '../../src/wire/rdata/rdata.ts';
import type { RRset } from '../../src/wire/record.ts';
import type { ImageSlab } from '../../src/zone/image-memory.ts';
import type { Found } from '../../src/zone/lookup.ts';
import { formatProblem } from '../../src/zone/problem.ts';
import { loadZone, type Zone } from '../../src/zone/zone.ts';

export interface Sections {
  readonly rcode: string;
  readonly aa: boolean;
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
}

export function zoneOf(text: string, origin?: string, slab?: ImageSlab): Zone {
  const octets = new TextEncoder().encode(text);
  const options = origin === undefined ? {} : { origin: nameOf(origin) };
  const result = loadZone(octets, { file: 'test.zone', slab, ...options });
  if (!result.ok) throw new Error(result.error.map(formatProblem).join('\n'));
  return result.value;
}

/** Names followed in one answer; a zone can hold loops. */
const MAX_ALIASES = 20;

export function answerFrom(zone: Zone, qname: DnsName, qtype: number): Sections {
  const answer: RRset[] = [];
  const visited = new Set<string>();
  let name = qname;
  for (let i = 0; i < MAX_ALIASES; i++) {
    visited.add(name.key);
    const found = zone.find(name, qtype);
    if (found.kind === 'dname') answer.push(found.rrset, found.cname);
    else if (found.kind === 'cname') answer.push(found.rrset);
    else return sectionsOf(found, answer);
    name = found.target;
    if (!name.isSubdomainOf(zone.origin) || visited.has(name.key)) break;
  }
  return { rcode: 'NOERROR', aa: true, answer: linesOf(answer), authority: [], additional: [] };
}

function sectionsOf(found: Found, aliases: readonly RRset[]): Sections {
  const sections = { rcode: 'NOERROR', answer: linesOf(aliases), authority: [], additional: [] };
  const followed = aliases.length > 0;
  switch (found.kind) {
    case 'answer':
      return { ...sections, aa: true, answer: linesOf([...aliases, ...found.rrsets]) };
    case 'nodata':
      return { ...sections, aa: true, authority: linesOf([found.negativeSoa]) };
    case 'nxdomain': {
      const rcode = rcodeText(Rcode.NXDOMAIN);
      return { ...sections, rcode, aa: true, authority: linesOf([found.negativeSoa]) };
    }
    case 'dname too long': {
      const rcode = rcodeText(Rcode.YXDOMAIN);
      return { ...sections, rcode, aa: true, answer: linesOf([...aliases, found.rrset]) };
    }
    case 'referral': {
      const authority = linesOf(found.ds ? [found.ns, found.ds] : [found.ns]);
      const additional = linesOf([...found.glue, ...found.siblingGlue]);
      return { ...sections, aa: followed, authority, additional };
    }
    case 'cname':
    case 'dname':
      break;
  }
  throw new Error(`${found.kind} is an alias`);
}

/** 'name ttl TYPE rdata', sorted, without repetitions. */
export function linesOf(rrsets: readonly RRset[]): readonly string[] {
  const lines = rrsets.flatMap(({ name, ttl, type, rdatas }) =>
    rdatas.map((rdata) => `${name.toString()} ${ttl} ${typeText(type)} ${printRdata(type, rdata)}`),
  );
  return [...new Set(lines)].toSorted();
}

/**
 * What the zones of a plan say about a name, found by looking at all of them at once, without any
 * server, network or cache: RFC 1034 §4.3.2, RFC 4592, RFC 6672, as plainly as can be.
 */
import { Rcode, RRType } from '../../src/wire/iana.ts';
import type { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { namesIn } from '../../src/wire/rdata/rdata.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';
import type { Plan, ZonePlan } from './plan.ts';

/** What one zone says about a name, as its own servers do. */
export type Finding =
  | { readonly kind: 'data'; readonly records: readonly ResourceRecord[] }
  | {
      readonly kind: 'alias';
      readonly records: readonly ResourceRecord[];
      readonly target: DnsName;
    }
  | { readonly kind: 'no data' }
  | { readonly kind: 'no name' };

export interface Truth {
  /** Undefined: no answer exists (a loop, or too many aliases). */
  readonly rcode: number | undefined;
  readonly answers: readonly ResourceRecord[];
  /** Every zone whose servers may be needed on the way. */
  readonly zones: readonly ZonePlan[];
}

const ALIASES = 11;

export function truthOf(plan: Plan, name: DnsName, type: number): Truth {
  const answers: ResourceRecord[] = [];
  const zones: ZonePlan[] = [];
  const visited = new Set<string>();
  let at = name;
  for (let aliases = 0; aliases <= ALIASES; aliases++) {
    if (visited.has(at.key)) break;
    visited.add(at.key);
    const zone = zoneOf(plan, at, type);
    zones.push(zone);
    const finding = findIn(zone, at, type);
    switch (finding.kind) {
      case 'data':
        answers.push(...finding.records);
        return { rcode: Rcode.NOERROR, answers, zones };
      case 'no data':
        return { rcode: Rcode.NOERROR, answers, zones };
      case 'no name':
        return { rcode: Rcode.NXDOMAIN, answers, zones };
      case 'alias':
        answers.push(...finding.records);
        // There is no more to it than that.
        if (finding.target.equals(at)) return { rcode: Rcode.NOERROR, answers, zones };
        at = finding.target;
    }
  }
  return { rcode: undefined, answers: [], zones };
}

/** The deepest zone at or above the name; for DS, above it. */
export function zoneOf({ zones }: Pick<Plan, 'zones'>, name: DnsName, type: number): ZonePlan {
  const isDs = type === RRType.DS;
  return zones.findLast(({ apex }) =>
    isDs && !apex.isRoot ? name.isBelow(apex) : name.isSubdomainOf(apex),
  )!;
}

export function findIn({ records, cuts }: ZonePlan, name: DnsName, type: number): Finding {
  const dname = records.find((rr) => rr.type === RRType.DNAME && name.isBelow(rr.name));
  if (dname) {
    const target = name.rebased(dname.name, namesIn(RRType.DNAME, dname.rdata)[0]!)!;
    const cname = { ...dname, name, type: RRType.CNAME, rdata: target.wire };
    return { kind: 'alias', records: [dname, cname], target };
  }
  const here = records.filter((rr) => rr.name.equals(name));
  if (here.length > 0) return pick(here, name, type);
  const isAbove = records.some((rr) => rr.name.isBelow(name));
  if (isAbove || cuts.some((cut) => cut.isSubdomainOf(name))) return { kind: 'no data' };
  const wild = wildcardFor(records, name);
  return wild.length > 0 ? pick(wild, name, type) : { kind: 'no name' };
}

function pick(here: readonly ResourceRecord[], name: DnsName, type: number): Finding {
  const found = here.filter((rr) => rr.type === type);
  if (found.length > 0) return { kind: 'data', records: found };
  const cname = here.find((rr) => rr.type === RRType.CNAME);
  if (!cname) return { kind: 'no data' };
  const target = namesIn(RRType.CNAME, cname.rdata)[0]!;
  return { kind: 'alias', records: [{ ...cname, name }], target };
}

/** RFC 4592 §3.3.1: of the closest encloser. */
function wildcardFor(records: readonly ResourceRecord[], name: DnsName): readonly ResourceRecord[] {
  let encloser = name.parent;
  while (!encloser.isRoot && !records.some((rr) => rr.name.isSubdomainOf(encloser))) {
    encloser = encloser.parent;
  }
  const source = nameOf(`*.${encloser.isRoot ? '' : encloser.toString()}`);
  return records.filter((rr) => rr.name.equals(source)).map((rr) => ({ ...rr, name }));
}

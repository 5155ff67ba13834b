/**
 * The timetable of a planned change: lower the TTL, wait, change, wait, raise it again (RFC 1034
 * §4.2.2 and RFC 9199 §3.5 advise so), worked out of the zone as it is and as it shall be. For name
 * servers that move, the parent's TTL rules beside the zone's own.
 */

import { RRType } from '../../wire/iana.ts';
import type { RRset } from '../../wire/record.ts';
import type { Zone } from '../../zone/zone.ts';
import { replaceRRsets } from './zone-edit.ts';
import { allServers, serversOf, unionRRsets, type ZoneServer } from './zone-servers.ts';

/** One RRset that is not the same in both zones. */
export interface ChangedRRset {
  /** As it is; undefined when it is new. */
  readonly before: RRset | undefined;
  /** As it shall be; undefined when it goes. */
  readonly after: RRset | undefined;
}

export interface ChangePlan {
  readonly changed: readonly ChangedRRset[];
  /** The zone's own name servers, or their addresses, change. */
  readonly movesNameServers: boolean;
  /** For how long the parent's word is believed; 0 where it does not matter. */
  readonly parentTtlSeconds: number;
  readonly steps: readonly PlanStep[];
  /** From the first step on, in seconds; then nobody is told the old data any more. */
  readonly safeAfterSeconds: number;
}

export interface PlanStep {
  /** Seconds from the first step on. */
  readonly atSeconds: number;
  /** What to do, for people. */
  readonly text: string;
  /** What the zone's servers publish from now on; undefined when nothing is published. */
  readonly zone: Zone | undefined;
  /** Whom the parent names from now on; undefined when that stays. */
  readonly servers?: readonly ZoneServer[];
  /** From now on the servers that the zone has left are off. */
  readonly endsOldService?: true;
}

export interface PlanOptions {
  /** The TTL for the time of the change. Default 60. */
  readonly lowTtlSeconds?: number;
  /** Of the delegation at the parent; undefined when nobody gave the parent's zone. */
  readonly parentTtlSeconds?: number;
}

const LOW_TTL_SECONDS = 60;
/** Of delegations in large top-level domains, where nobody says otherwise. */
const USUAL_PARENT_TTL_SECONDS = 172_800;

/** Undefined when the two zones say the same. */
export function planChange(
  before: Zone,
  after: Zone,
  options: PlanOptions = {},
): ChangePlan | undefined {
  const changed = changesBetween(before, after);
  if (changed.length === 0) return undefined;
  const low = options.lowTtlSeconds ?? LOW_TTL_SECONDS;
  const servers = serverNames(before, after);
  const movesNameServers = changed.some((change) => isOfServers(change, before, servers));
  const parentTtl = movesNameServers ? (options.parentTtlSeconds ?? USUAL_PARENT_TTL_SECONDS) : 0;
  const longest = Math.max(
    0,
    ...changed.map((change) => change.before?.ttl ?? negativeTtl(before)),
  );
  const lowered = replaceRRsets(before, [
    ...withLowTtl(
      changed.flatMap((one) => one.before ?? []),
      low,
    ),
    ...(movesNameServers ? unionRRsets(before, after, low) : []),
  ]);
  const switched = replaceRRsets(
    after,
    withLowTtl(
      changed.flatMap((one) => one.after ?? []),
      low,
    ),
  );
  const changeAt = Math.max(longest, parentTtl);
  const wait = Math.max(Math.min(low, longest), parentTtl);
  const steps: PlanStep[] = [
    { atSeconds: 0, text: `lower the TTL of what changes to ${low} s`, zone: lowered },
    ...(movesNameServers ? [bothServers(before, after, parentTtl)] : []),
    {
      atSeconds: changeAt,
      text: movesNameServers
        ? 'change the records, here and at the parent; keep the old servers running'
        : 'change the records; keep the old service running',
      zone: switched,
      ...(movesNameServers && { servers: serversOf(after) }),
    },
    {
      atSeconds: changeAt + wait,
      text: 'the old service may be switched off',
      zone: undefined,
      endsOldService: true,
    },
    { atSeconds: changeAt + wait, text: 'raise the TTL again', zone: after },
  ];
  return {
    ...{ changed, movesNameServers, parentTtlSeconds: parentTtl },
    ...{ steps, safeAfterSeconds: changeAt + wait },
  };
}

function bothServers(before: Zone, after: Zone, parentTtl: number): PlanStep {
  return {
    atSeconds: 0,
    text:
      'let the new servers serve the zone too, and name old and new ones, here and at the ' +
      `parent, which is believed for ${parentTtl} s`,
    zone: undefined,
    servers: allServers(serversOf(before), serversOf(after)),
  };
}

/** Of every name and type; the SOA changes with any change. */
function changesBetween(before: Zone, after: Zone): readonly ChangedRRset[] {
  const old = byKey(before);
  const next = byKey(after);
  const keys = new Set([...old.keys(), ...next.keys()]);
  return [...keys].flatMap((key) => {
    const change = { before: old.get(key), after: next.get(key) };
    return isSameData(change) ? [] : [change];
  });
}

function byKey(zone: Zone): ReadonlyMap<string, RRset> {
  const all = [...zone.rrsets()].filter(({ type }) => type !== RRType.SOA);
  return new Map(all.map((rrset) => [`${rrset.type} ${rrset.name.key}`, rrset]));
}

/** Another TTL alone is no change of what clients are told. */
function isSameData({ before, after }: ChangedRRset): boolean {
  if (!before || !after) return false;
  const text = ({ rdatas }: RRset): string =>
    rdatas
      .map((rdata) => rdata.join())
      .toSorted()
      .join('/');
  return text(before) === text(after);
}

function withLowTtl(rrsets: readonly RRset[], low: number): readonly RRset[] {
  return rrsets.map((rrset) => ({ ...rrset, ttl: Math.min(rrset.ttl, low) }));
}

/** For how long it is known that a name does not exist (RFC 2308 §5). */
function negativeTtl({ soa }: Zone): number {
  const [rdata] = soa.rdatas;
  const minimum = rdata
    ? new DataView(rdata.buffer, rdata.byteOffset).getUint32(rdata.length - 4)
    : 0;
  return Math.min(soa.ttl, minimum);
}

function serverNames(...zones: readonly Zone[]): ReadonlySet<string> {
  const names = zones.flatMap((zone) => zone.rrset(zone.origin, RRType.NS)?.rdatas ?? []);
  return new Set(names.map((rdata) => rdata.join()));
}

function isOfServers(
  { before, after }: ChangedRRset,
  zone: Zone,
  servers: ReadonlySet<string>,
): boolean {
  const { name, type } = (before ?? after)!;
  if (type === RRType.NS) return name.equals(zone.origin);
  const isAddress = type === RRType.A || type === RRType.AAAA;
  return isAddress && servers.has(name.wire.join());
}

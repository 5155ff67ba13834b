/**
 * Names that are answered here, whatever the internet says: zones of the operator's own policy with
 * data of its own, as Unbound's `local-zone` and `local-data`, and the special-use names
 * (`special-use.ts`). The deepest zone at or above the name decides; a DS record stands above the
 * zone that it is for (RFC 4035 §3.1.4.1).
 *
 *     kind             data here      name without data     other types of the name
 *     static           answered       NXDOMAIN              NODATA
 *     transparent      answered       resolved              NODATA
 *     typetransparent  answered       resolved              resolved
 *     redirect         the apex's, for every name below     NODATA
 *     refuse, deny     answered       REFUSED, no reply     REFUSED, no reply
 *     always_…         not looked at: NXDOMAIN, NODATA, REFUSED, 0.0.0.0 and ::, resolved
 *     block_a          not looked at: NODATA for A, resolved for other types
 *
 * An alias in local data is followed like any other. Deliberately not here: who asks (no views or
 * tags), wildcards, DNSSEC.
 */

import { soaMinimum } from '../cache/negative-cache.ts';
import { DnsClass, ExtendedError, Rcode, RRType } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import { groupRRsets, type Question, type ResourceRecord, type RRset } from '../wire/record.ts';
import type { ChainEnd } from './classify.ts';
import type { Found, Remarks } from './result.ts';

export const LOCAL_ZONE_KINDS = [
  'static',
  'transparent',
  'typetransparent',
  'redirect',
  'refuse',
  'deny',
  'always_transparent',
  'always_refuse',
  'always_deny',
  'always_nxdomain',
  'always_nodata',
  'always_null',
  'block_a',
  // Takes back a zone that is there by default.
  'nodefault',
] as const;

export type LocalZoneKind = (typeof LOCAL_ZONE_KINDS)[number];

export interface LocalZone {
  readonly name: DnsName;
  readonly kind: LocalZoneKind;
}

export interface LocalZonesOptions {
  readonly zones: readonly LocalZone[];
  /** Records outside of `zones` make a transparent zone of their owner. */
  readonly data: readonly ResourceRecord[];
  /** Those that are there by default, with their data. */
  readonly builtIn: readonly BuiltInZone[];
  /** Whether somebody is configured to answer below a built-in zone: then it is not for us. */
  readonly isDelegated: (name: DnsName, zone: DnsName) => boolean;
}

export interface BuiltInZone extends LocalZone {
  readonly records: readonly ResourceRecord[];
}

interface Zone {
  readonly name: DnsName;
  readonly kind: LocalZoneKind;
  readonly isBuiltIn: boolean;
  readonly byOwner: Map<string, RRset[]>;
  /** Names with data, and the empty ones between them and the apex, by key. */
  readonly names: Set<string>;
}

/** By class: data of CHAOS are local by nature. */
interface ZonesOfClass {
  readonly byName: Map<string, Zone>;
  /** The last labels of those names, in wire form: most names asked for end in none of them. */
  readonly ends: Set<string>;
}

export class LocalZones {
  readonly #byClass = new Map<number, ZonesOfClass>();
  readonly #isDelegated: LocalZonesOptions['isDelegated'];

  constructor({ zones, data: records, builtIn, isDelegated }: LocalZonesOptions) {
    this.#isDelegated = isDelegated;
    for (const zone of builtIn) {
      const added = this.#add(zone, true);
      for (const rrset of groupRRsets(zone.records)) keep(added, rrset);
    }
    for (const zone of zones) {
      if (zone.kind === 'nodefault') this.#byClass.get(DnsClass.IN)?.byName.delete(zone.name.key);
      else this.#add(zone, false);
    }
    for (const rrset of groupRRsets(records)) keep(this.#zoneFor(rrset), rrset);
  }

  /** The answer, or undefined: the question is for the cache and the servers. */
  answer(question: Question): Found | undefined {
    const { name, type, class: dnsClass } = question;
    const top = type === RRType.DS && !name.isRoot ? name.parent : name;
    const zone = this.#closest(top, dnsClass);
    if (!zone || (zone.isBuiltIn && this.#isDelegated(name, zone.name))) return undefined;
    const answered = ANSWERS[zone.kind](zone, question);
    return answered && remarked(answered, { localZone: zone });
  }

  #zoneFor({ name, class: dnsClass }: RRset): Zone {
    const zone = this.#closest(name, dnsClass);
    if (zone && !zone.isBuiltIn) return zone;
    return this.#add({ name, kind: 'transparent' }, false, dnsClass);
  }

  #add({ name, kind }: LocalZone, isBuiltIn: boolean, dnsClass: number = DnsClass.IN): Zone {
    const zone: Zone = { name, kind, isBuiltIn, byOwner: new Map(), names: new Set() };
    let zones = this.#byClass.get(dnsClass);
    if (!zones) this.#byClass.set(dnsClass, (zones = { byName: new Map(), ends: new Set() }));
    zones.byName.set(name.key, zone);
    zones.ends.add(endOf(name));
    return zone;
  }

  #closest(name: DnsName, dnsClass: number): Zone | undefined {
    const zones = this.#byClass.get(dnsClass);
    if (!zones || !(zones.ends.has(endOf(name)) || zones.ends.has(ROOT_END))) return undefined;
    // Keys are wire forms, so the key of the name above begins behind the first label.
    let { key } = name;
    for (let labels = name.labelCount; labels >= 0; labels--) {
      const zone = zones.byName.get(key);
      if (zone) return zone;
      key = key.slice(key.charCodeAt(0) + 1);
    }
    return undefined;
  }
}

const ROOT_END = endOf(DnsName.root);

/** Of a key, the last label and the root. */
function endOf({ key, labelCount }: DnsName): string {
  let at = 0;
  for (let left = labelCount; left > 1; left--) at += key.charCodeAt(at) + 1;
  return at === 0 ? key : key.slice(at);
}

type AnswerOf = (zone: Zone, question: Question) => Found | undefined;

const ANSWERS: Readonly<Record<LocalZoneKind, AnswerOf>> = {
  static: (zone, question) => data(zone, question) ?? nothing(zone, question),
  transparent: (zone, question) => {
    const answered = data(zone, question);
    if (answered) return answered;
    return zone.byOwner.has(question.name.key) ? noData(zone, question) : undefined;
  },
  typetransparent: data,
  redirect: (zone, question) => redirected(zone, question) ?? noData(zone, question),
  refuse: (zone, question) => data(zone, question) ?? refused(zone, question),
  deny: (zone, question) => data(zone, question) ?? denied(zone, question),
  always_transparent: () => undefined,
  always_refuse: refused,
  always_deny: denied,
  always_nxdomain: (zone, question) => blocked(noName(zone, question), zone),
  always_nodata: (zone, question) => blocked(noData(zone, question), zone),
  always_null: nullAddress,
  block_a: (zone, question) =>
    question.type === RRType.A ? blocked(noData(zone, question), zone) : undefined,
  nodefault: () => undefined,
};

function keep({ name: apex, byOwner, names }: Zone, rrset: RRset): void {
  const { key, labelCount } = rrset.name;
  byOwner.set(key, [...(byOwner.get(key) ?? []), rrset]);
  for (let labels = labelCount; labels >= apex.labelCount; labels--) {
    names.add(rrset.name.ancestor(labels).key);
  }
}

function data({ byOwner }: Zone, { name, type }: Question): Found | undefined {
  return pick(byOwner.get(name.key) ?? [], name, type);
}

function redirected({ name: apex, byOwner }: Zone, question: Question): Found | undefined {
  const { name, type } = question;
  const own = byOwner.get(apex.key) ?? [];
  if (name.equals(apex)) return pick(own, name, type);
  // The zone's own records stay where they are.
  const moved = own
    .filter((rrset) => rrset.type !== RRType.SOA && rrset.type !== RRType.NS)
    .map((rrset) => ({ ...rrset, name }));
  return expanded(moved, question) ?? pick(moved, name, type);
}

/** An alias to `*.target.` leads to the whole name that was asked, below the target. */
function expanded(rrsets: readonly RRset[], { name }: Question): Found | undefined {
  const alias = rrsets.find((rrset) => rrset.type === RRType.CNAME);
  const wildcard = alias && namesIn(RRType.CNAME, alias.rdatas[0]!)[0]!;
  if (wildcard?.isWildcard !== true) return undefined;
  const target = name.rebased(DnsName.root, wildcard.parent);
  if (target) return followed(name, alias!, target);
  const text = 'the name is too long for the alias that local policy makes of it';
  const extendedErrors = [{ code: ExtendedError.OTHER, text }];
  return remarked(answer(name, { kind: 'overflow', rrsets: [] }), { extendedErrors });
}

function pick(rrsets: readonly RRset[], name: DnsName, type: number): Found | undefined {
  const wanted = rrsets.filter((rrset) => rrset.type === type || type === RRType.ANY);
  if (wanted.length > 0) return answer(name, { kind: 'data', rrsets: wanted });
  const alias = rrsets.find((rrset) => rrset.type === RRType.CNAME);
  return alias && followed(name, alias, namesIn(RRType.CNAME, alias.rdatas[0]!)[0]!);
}

function followed(name: DnsName, alias: RRset, target: DnsName): Found {
  const rrsets = [{ ...alias, rdatas: [target.wire] }];
  const aliases = [{ name, rrsets, target }];
  return {
    kind: 'found',
    aliases,
    name: target,
    end: { kind: 'open' },
    remarks: { isLocal: true },
  };
}

/** NXDOMAIN, or NODATA for names that have other data or names below. */
function nothing(zone: Zone, question: Question): Found {
  const exists = zone.names.has(question.name.key);
  return exists ? noData(zone, question) : noName(zone, question);
}

function noName(zone: Zone, question: Question): Found {
  return negative(zone, question, Rcode.NXDOMAIN);
}

function noData(zone: Zone, question: Question): Found {
  return negative(zone, question, Rcode.NOERROR);
}

function refused(zone: Zone, question: Question): Found {
  const end: ChainEnd = { kind: 'negative', rcode: Rcode.REFUSED, soa: undefined };
  return blocked(answer(question.name, end), zone);
}

function denied(zone: Zone, question: Question): Found {
  return remarked(refused(zone, question), { isDenied: true });
}

function nullAddress(zone: Zone, question: Question): Found {
  const { name, type } = question;
  const octets = NULL_OCTETS.get(type);
  if (octets === undefined) return blocked(noData(zone, question), zone);
  const rdatas = [new Uint8Array(octets)];
  const rrset = { name, type, class: DnsClass.IN, ttl: NULL_TTL_SECONDS, rdatas };
  const text = `${zone.name.toString()} leads nowhere by local policy`;
  const extendedErrors = [{ code: ExtendedError.FORGED_ANSWER, text }];
  return remarked(answer(name, { kind: 'data', rrsets: [rrset] }), { extendedErrors });
}

const NULL_OCTETS: ReadonlyMap<number, number> = new Map<number, number>([
  [RRType.A, 4],
  [RRType.AAAA, 16],
]);

/** Unbound's. */
const NULL_TTL_SECONDS = 3600;

/** With the zone's SOA where it has one, so that the answer can be kept (RFC 2308 §3). */
function negative({ name: apex, byOwner }: Zone, question: Question, rcode: number): Found {
  const soa = byOwner.get(apex.key)?.find((rrset) => rrset.type === RRType.SOA);
  const kept = soa && { ...soa, ttl: Math.min(soa.ttl, soaMinimum(soa)) };
  return answer(question.name, { kind: 'negative', rcode, soa: kept });
}

function answer(name: DnsName, end: ChainEnd): Found {
  return { kind: 'found', aliases: [], name, end, remarks: { isLocal: true } };
}

function blocked(answered: Found, { name }: Zone): Found {
  const text = `${name.toString()} is blocked by local policy`;
  return remarked(answered, { extendedErrors: [{ code: ExtendedError.BLOCKED, text }] });
}

function remarked(found: Found, remarks: Remarks): Found {
  return { ...found, remarks: { ...found.remarks, ...remarks } };
}

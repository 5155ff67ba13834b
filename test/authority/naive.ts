/**
 * The answer of an authoritative server, a second time: a list of records, the text of the RFCs,
 * and loops. No index, no tree, nothing shared with `src/zone` or `src/authority`. It is here to be
 * obviously right; the differential test compares the server with it.
 *
 * RFC 1034 §4.3.2 (the algorithm), RFC 2181 §5 (RRsets), RFC 2308 §3 and §5 (negative answers),
 * RFC 4592 (wildcards), RFC 6672 §3.2 (DNAME), RFC 4035 §3.1.4.1 (DS), RFC 8482 §4.1 (ANY),
 * RFC 6604 §3 (rcodes of chains), RFC 9471 §2 (glue), RFC 9460 §4.1 (SVCB).
 *
 * Names are arrays of labels in lower case, leftmost first; labels hold letters, digits and '*'.
 */

export type Name = readonly string[];

export interface NaiveRecord {
  readonly owner: Name;
  readonly ttl: number;
  /** 'A', 'NS'…; data in presentation form, in lower case, names absolute. */
  readonly type: string;
  readonly data: string;
}

export interface NaiveZone {
  readonly origin: Name;
  readonly records: readonly NaiveRecord[];
}

/** Records as 'owner ttl TYPE data', sorted. */
export interface NaiveAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'YXDOMAIN';
  readonly aa: boolean;
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  /** Addresses of servers inside the delegated zone (RFC 9471 §2.1): without them nobody arrives. */
  readonly inDomainGlue: readonly string[];
  /** All of the additional section, the glue included. */
  readonly additional: readonly string[];
}

export interface NaiveQuery {
  readonly name: Name;
  readonly type: string;
  /** Whether positive answers name the servers of their zone. */
  readonly isMinimal: boolean;
  /** DO (RFC 3225). */
  readonly dnssecOk: boolean;
  /** All that there is, or one RRset (RFC 8482 §4.1). */
  readonly any: 'all' | 'one';
}

/** RFC 1034 §5.2.2 wants an end to chains of aliases; where, is the server's choice. */
const MAX_ALIASES = 16;
/** RFC 1035 §2.3.4. */
const MAX_NAME_OCTETS = 255;

/** Undefined: the name is in none of the zones. */
export function naiveAnswer(
  zones: readonly NaiveZone[],
  { name: qname, type, isMinimal, dnssecOk, any }: NaiveQuery,
): NaiveAnswer | undefined {
  const answer: NaiveRecord[] = [];
  const names = [textOf(qname)];
  for (let name = qname; ;) {
    const zone = chooseZone(zones, name, type);
    // Step 2: 'if there is no such zone', an alias leads out of what we know.
    if (!zone) return answer.length === 0 ? undefined : result({ answer });
    const cut = cutAbove(zone, name, type);
    if (cut) return referral({ zone, cut, owner: cut, dnssecOk }, answer);
    const dname = dnameAbove(zone, name);
    if (dname) {
      // RFC 6672 §3.2 step 3c.
      answer.push(dname);
      const kept = name.slice(0, name.length - dname.owner.length);
      const target = [...kept, ...parse(dname.data)];
      if (octetsOf(target) > MAX_NAME_OCTETS) return result({ rcode: 'YXDOMAIN', answer });
      answer.push({ owner: name, ttl: dname.ttl, type: 'CNAME', data: textOf(target) });
      // The text goes on; NSD, BIND and Knot take the CNAME that they made for the answer.
      if (type === 'CNAME') return result({ answer });
      if (names.length > MAX_ALIASES || names.includes(textOf(target))) return result({ answer });
      names.push(textOf(target));
      name = target;
      continue;
    }
    // Steps 3a and 3c: the name itself, or the wildcard that stands for it.
    const source = exists(zone, name) ? name : wildcardFor(zone, name);
    const authority = [negativeSoa(zone)];
    if (!exists(zone, source)) return result({ rcode: 'NXDOMAIN', answer, authority });
    const isSynthesised = !same(source, name);
    if (isSynthesised && type !== 'DS' && at(zone, source, 'NS').length > 0) {
      // RFC 4592 §4.2 leaves it open; what other servers do is to delegate the name.
      return referral({ zone, cut: source, owner: name, dnssecOk }, answer);
    }
    const all = at(zone, source, type).map((record) => ({ ...record, owner: name }));
    const found = any === 'one' ? smallestSet(all) : all;
    if (found.length > 0) return positive({ zones, zone, isMinimal }, [...answer, ...found]);
    const [cname] = at(zone, source, 'CNAME');
    // RFC 2308 §2.2: the name exists, the type does not.
    if (!cname) return result({ answer, authority });
    answer.push({ ...cname, owner: name });
    if (names.length > MAX_ALIASES || names.includes(cname.data)) return result({ answer });
    names.push(cname.data);
    name = parse(cname.data);
  }
}

/** RFC 1034 §4.3.2 step 2: 'the zone which is the nearest ancestor to QNAME'. */
function chooseZone(zones: readonly NaiveZone[], name: Name, type: string): NaiveZone | undefined {
  const nearest = nearestZone(zones, name);
  if (!nearest || type !== 'DS' || !same(nearest.origin, name)) return nearest;
  // RFC 4035 §3.1.4.1: the DS is the parent's; without a zone above, the child answers 'no data'.
  // A zone further up that delegates the parent refers to it, as in NSD, BIND and Knot: whoever
  // asks comes to the servers that have the DS.
  return (
    nearestZone(
      zones.filter((zone) => zone !== nearest),
      name,
    ) ?? nearest
  );
}

function nearestZone(zones: readonly NaiveZone[], name: Name): NaiveZone | undefined {
  let nearest: NaiveZone | undefined;
  for (const zone of zones) {
    if (!isWithin(name, zone.origin)) continue;
    if (!nearest || zone.origin.length > nearest.origin.length) nearest = zone;
  }
  return nearest;
}

/**
 * RFC 1034 §4.3.2 step 3b: the topmost cut at or above the name, unless a DNAME above redirects
 * first. The DS at a cut belongs to this side of it (RFC 4035 §3.1.4.1).
 */
function cutAbove(zone: NaiveZone, name: Name, type: string): Name | undefined {
  const lowest = type === 'DS' ? name.length - 1 : name.length;
  for (let labels = zone.origin.length; labels <= lowest; labels++) {
    const ancestor = name.slice(name.length - labels);
    const isCut = labels > zone.origin.length && at(zone, ancestor, 'NS').length > 0;
    if (isCut) return ancestor;
    if (labels < name.length && at(zone, ancestor, 'DNAME').length > 0) return undefined;
  }
  return undefined;
}

/** The topmost DNAME above the name: what is below it does not count (RFC 6672 §2.4). */
function dnameAbove(zone: NaiveZone, name: Name): NaiveRecord | undefined {
  return zone.records
    .filter(({ type, owner }) => type === 'DNAME' && isWithin(name, owner) && !same(name, owner))
    .toSorted((one, other) => one.owner.length - other.owner.length)[0];
}

/** RFC 4592 §2.2.2: a name exists when it or a name below it owns a record. */
function exists(zone: NaiveZone, name: Name): boolean {
  return zone.records.some(({ owner }) => isWithin(owner, name));
}

/** RFC 4592 §3.3.1: '*' below the closest encloser. */
function wildcardFor(zone: NaiveZone, name: Name): Name {
  let encloser = name;
  while (!exists(zone, encloser)) encloser = encloser.slice(1);
  return ['*', ...encloser];
}

/** RFC 2181 §5: a record that repeats another is none; §5.2: the least TTL of the others for all. */
function at(zone: NaiveZone, name: Name, type: string): readonly NaiveRecord[] {
  const found = zone.records.filter((record) => same(record.owner, name));
  const wanted = found.filter((record) => type === 'ANY' || record.type === type);
  const records = wanted.filter(
    (record, i) => !wanted.slice(0, i).some((first) => hasSameData(first, record)),
  );
  return records.map((record) => {
    const rrset = records.filter((other) => other.type === record.type);
    return { ...record, ttl: Math.min(...rrset.map(({ ttl }) => ttl)) };
  });
}

/** RFC 2308 §3 and §5: the SOA with the lesser of its TTL and its last field. */
function negativeSoa(zone: NaiveZone): NaiveRecord {
  const [soa] = at(zone, zone.origin, 'SOA');
  if (!soa) throw new Error('a zone has a SOA');
  return { ...soa, ttl: Math.min(soa.ttl, Number(soa.data.split(' ').at(-1))) };
}

interface Delegation {
  readonly zone: NaiveZone;
  /** Where the NS records stand, and the owner that they are shown with. */
  readonly cut: Name;
  readonly owner: Name;
  readonly dnssecOk: boolean;
}

/** RFC 1034 §4.3.2 step 3b: NS records of the cut and 'whatever addresses are available'. */
function referral(
  { zone, cut, owner, dnssecOk }: Delegation,
  answer: readonly NaiveRecord[],
): NaiveAnswer {
  const ns = at(zone, cut, 'NS').map((record) => ({ ...record, owner }));
  // RFC 4035 §3.1: nothing of DNSSEC without DO, nor from a zone that is not signed.
  const isSecure = dnssecOk && at(zone, zone.origin, 'DNSKEY').length > 0;
  const secured = isSecure ? at(zone, cut, 'DS') : [];
  const ds = secured.map((record) => ({ ...record, owner }));
  const servers = ns.map(({ data }) => parse(data)).filter((name) => isWithin(name, zone.origin));
  const glueOf = (name: Name): readonly NaiveRecord[] => addresses(zone, name);
  return result({
    // RFC 1035 §4.1.1: AA speaks of the first owner of the answer, which is an alias of ours.
    aa: answer.length > 0,
    answer,
    authority: [...ns, ...ds],
    inDomainGlue: servers.filter((name) => isWithin(name, cut)).flatMap(glueOf),
    additional: servers.flatMap(glueOf),
  });
}

/** RFC 1034 §4.3.2 step 6: addresses of the hosts in the answer, where a zone of ours owns them. */
function positive(
  context: { zones: readonly NaiveZone[]; zone: NaiveZone; isMinimal: boolean },
  answer: readonly NaiveRecord[],
): NaiveAnswer {
  const { zones, zone, isMinimal } = context;
  const apexNs = at(zone, zone.origin, 'NS');
  const hasNs = answer.some(({ owner, type }) => type === 'NS' && same(owner, zone.origin));
  const authority = isMinimal || hasNs ? [] : apexNs;
  const additional = [...answer, ...authority].flatMap((record) => {
    const host = hostIn(record);
    const home = host && nearestZone(zones, host);
    const isOwned = home && !cutAbove(home, host, 'A') && !dnameAbove(home, host);
    return isOwned ? [...addresses(home, host), ...services(home, host, record.type)] : [];
  });
  const isAnswered = (record: NaiveRecord): boolean => answer.some((one) => sameSet(one, record));
  return result({ answer, authority, additional: additional.filter((one) => !isAnswered(one)) });
}

/** RFC 1035 §3.3.9 and §3.3.11, RFC 2782, RFC 3404 §4.3, RFC 9460 §2.5. */
function hostIn({ owner, type, data }: NaiveRecord): Name | undefined {
  const host = data.split(' ').at(-1) ?? '';
  const isRoot = host === '.';
  switch (type) {
    case 'NS':
    case 'MX':
    case 'SRV':
      return isRoot ? undefined : parse(host);
    case 'NAPTR':
      return data.split(' ')[2] === '"a"' ? parse(host) : undefined;
    case 'SVCB':
    case 'HTTPS':
      if (!isRoot) return parse(host);
      // An alias to the root says that there is no service; a service there is the owner's.
      return data.startsWith('0 ') ? undefined : owner;
    default:
      return undefined;
  }
}

/** RFC 9460 §4.1: the records of the same type at the target, besides its addresses. */
function services(zone: NaiveZone, host: Name, type: string): readonly NaiveRecord[] {
  return ['SVCB', 'HTTPS'].includes(type) ? at(zone, host, type) : [];
}

/** RFC 8482 §4.1 leaves open which RRset to give; the server gives the one with the least data. */
function smallestSet(records: readonly NaiveRecord[]): readonly NaiveRecord[] {
  const types = [...new Set(records.map(({ type }) => type))];
  const sets = types.map((type) => records.filter((record) => record.type === type));
  const octets = (set: readonly NaiveRecord[]): number =>
    set.reduce((sum, record) => sum + dataOctets(record), 0);
  return sets.toSorted((one, other) => octets(one) - octets(other))[0] ?? [];
}

/** Of data as the small zones have them. */
function dataOctets({ type, data }: NaiveRecord): number {
  const fields = data.split(' ');
  const nameOctets = octetsOf(parse(fields.at(-1)!));
  switch (type) {
    case 'A':
      return 4;
    case 'AAAA':
      return 16;
    case 'TXT':
      return data.length - 1;
    case 'DS':
      return 4 + fields[3]!.length / 2;
    case 'DNSKEY':
      return 4 + (fields[3]!.length * 3) / 4;
    case 'SOA':
      return octetsOf(parse(fields[0]!)) + octetsOf(parse(fields[1]!)) + 20;
    case 'MX':
    case 'SVCB':
    case 'HTTPS':
      return 2 + nameOctets;
    case 'SRV':
      return 6 + nameOctets;
    case 'NAPTR':
      return 8 + nameOctets;
    default:
      return nameOctets;
  }
}

function addresses(zone: NaiveZone, name: Name): readonly NaiveRecord[] {
  return [...at(zone, name, 'A'), ...at(zone, name, 'AAAA')];
}

interface Parts {
  readonly rcode?: NaiveAnswer['rcode'];
  readonly aa?: boolean;
  readonly answer: readonly NaiveRecord[];
  readonly authority?: readonly NaiveRecord[];
  readonly inDomainGlue?: readonly NaiveRecord[];
  readonly additional?: readonly NaiveRecord[];
}

function result(parts: Parts): NaiveAnswer {
  return {
    rcode: parts.rcode ?? 'NOERROR',
    aa: parts.aa ?? true,
    answer: linesOf(parts.answer),
    authority: linesOf(parts.authority ?? []),
    inDomainGlue: linesOf(parts.inDomainGlue ?? []),
    additional: linesOf(parts.additional ?? []),
  };
}

/** RFC 2181 §5: a section holds a record once. */
function linesOf(records: readonly NaiveRecord[]): readonly string[] {
  const lines = records.map(
    ({ owner, ttl, type, data }) => `${textOf(owner)} ${ttl} ${type} ${data}`,
  );
  return [...new Set(lines)].toSorted();
}

export function parse(text: string): Name {
  return text.split('.').filter((label) => label !== '');
}

export function textOf(name: Name): string {
  return `${name.join('.')}.`;
}

function hasSameData(one: NaiveRecord, other: NaiveRecord): boolean {
  return one.type === other.type && one.data === other.data;
}

function octetsOf(name: Name): number {
  return name.reduce((octets, label) => octets + 1 + label.length, 1);
}

function same(one: Name, other: Name): boolean {
  return textOf(one) === textOf(other);
}

function sameSet(one: NaiveRecord, other: NaiveRecord): boolean {
  return one.type === other.type && same(one.owner, other.owner);
}

/** Whether the name is the ancestor or below it. */
function isWithin(name: Name, ancestor: Name): boolean {
  return (
    name.length >= ancestor.length && same(name.slice(name.length - ancestor.length), ancestor)
  );
}

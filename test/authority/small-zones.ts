/**
 * Zones of a few records and queries about them, over so small an alphabet that most pairs meet:
 * wildcards, empty non-terminals, aliases, cuts, occluded data, several zones in one server.
 */
import * as fc from 'fast-check';
import { parse, textOf, type NaiveRecord, type NaiveZone } from './naive.ts';

export interface SmallQuery {
  /** Absolute, in the letter case that is asked. */
  readonly name: string;
  readonly type: string;
}

export interface SmallCase {
  readonly zones: readonly SmallZone[];
  readonly queries: readonly SmallQuery[];
  readonly isMinimal: boolean;
  readonly dnssecOk: boolean;
  readonly any: 'all' | 'one';
}

export interface SmallZone {
  readonly origin: string;
  /** Lines 'owner ttl TYPE data' with absolute names, the SOA and NS of the apex among them. */
  readonly lines: readonly string[];
}

/** Makes 255 octets reachable: RFC 6672 §2.2 has YXDOMAIN for what is longer. */
const LONG = 'x'.repeat(60);
const label = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('a', 'b', '*') },
  { weight: 1, arbitrary: fc.constantFrom('A', LONG) },
);

/** Labels below an origin: few, so that names meet. */
const relative: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 6, arbitrary: fc.tuple(label) },
  { weight: 4, arbitrary: fc.tuple(label, label) },
  { weight: 2, arbitrary: fc.tuple(label, label, label) },
);

/** Which zones one server has: parent and child, a zone between missing, strangers, the root. */
const origins: fc.Arbitrary<readonly string[]> = fc.constantFrom<readonly string[]>(
  ['t.'],
  ['t.'],
  ['t.'],
  ['t.', 'a.t.'],
  ['t.', 'b.a.t.'],
  ['t.', 'a.t.', 'b.a.t.'],
  ['t.', 'o.'],
  ['.', 't.'],
  ['.', 'a.t.'],
);

const TTLS = [100, 200, 300] as const;
const ttl = fc.constantFrom(...TTLS);

const TARGETED = ['CNAME', 'DNAME', 'NS', 'MX', 'SRV', 'SVCB', 'HTTPS', 'NAPTR'];
/** What stands before the target; RFC 9460 §2.4.2 has priority 0 for aliases. */
const BEFORE_TARGET: Readonly<Record<string, readonly string[]>> = {
  MX: ['10 '],
  SRV: ['0 0 1 '],
  SVCB: ['0 ', '1 '],
  HTTPS: ['0 ', '1 '],
  NAPTR: ['1 1 "a" "" "" ', '1 1 "s" "" "" '],
};
/** Where the root is no host: nobody (RFC 7505, RFC 2782), or the owner (RFC 9460 §2.5). */
const MAY_BE_ROOT = ['MX', 'SRV', 'SVCB', 'HTTPS'];
const DNSKEY = 'DNSKEY 256 3 13 aaaa';
const DATA: Readonly<Record<string, readonly string[]>> = {
  A: ['192.0.2.1', '192.0.2.2'],
  AAAA: ['2001:db8::1'],
  TXT: ['"t"', '"u"'],
  DS: ['1 8 99 AA', '2 8 99 BB'],
};
const type = fc.constantFrom(
  ...['A', 'A', 'A', 'AAAA', 'TXT', 'CNAME', 'CNAME', 'CNAME', 'DNAME', 'DNAME'],
  ...['NS', 'NS', 'NS', 'DS', 'MX', 'SRV', 'SVCB', 'HTTPS', 'NAPTR'],
);
const queryType = fc.constantFrom(
  ...['A', 'A', 'A', 'AAAA', 'TXT', 'CNAME', 'DNAME', 'NS', 'DS', 'MX', 'SRV', 'SOA', 'ANY'],
  ...['ANY', 'SVCB', 'HTTPS', 'NAPTR'],
);

export const smallCase: fc.Arbitrary<SmallCase> = origins.chain((all) => {
  const name = absolute(fc.constantFrom(...all, ...all, ...all, ...all, ...all, ...all, 'out.'));
  return fc.record({
    zones: fc.tuple(...all.map((origin) => smallZone(origin, all))),
    queries: fc.array(fc.record({ name, type: queryType }), {
      minLength: 1,
      maxLength: QUERIES,
      size: 'max',
    }),
    isMinimal: fc.boolean(),
    dnssecOk: fc.boolean(),
    any: fc.constantFrom('all', 'one'),
  });
});

/** At most so many queries, and half as many on average, go to the zones of one case. */
const QUERIES = 40;

function smallZone(origin: string, all: readonly string[]): fc.Arbitrary<SmallZone> {
  const records = fc.array(line(origin, all), { minLength: 1, maxLength: 6, size: 'max' });
  const server = absolute(fc.constantFrom(...all, 'out.'));
  return fc
    .tuple(records, ttl, fc.constantFrom(50, 250), server, fc.boolean())
    .map(([rest, soaTtl, minimum, ns, isSigned]) => ({
      origin,
      lines: [
        `${origin} ${soaTtl} SOA m. h. 1 2 3 4 ${minimum}`,
        `${origin} 300 NS ${ns.toLowerCase()}`,
        ...(isSigned ? [`${origin} 300 ${DNSKEY}`] : []),
        ...withoutQuarrels(origin, rest),
      ],
    }));
}

function line(origin: string, all: readonly string[]): fc.Arbitrary<string> {
  const name = absolute(fc.constantFrom(...all, ...all, 'out.')).map((text) => text.toLowerCase());
  return type.chain((recordType) => {
    const target = MAY_BE_ROOT.includes(recordType)
      ? fc.oneof({ weight: 5, arbitrary: name }, { weight: 1, arbitrary: fc.constant('.') })
      : name;
    const before = fc.constantFrom(...(BEFORE_TARGET[recordType] ?? ['']));
    const data = TARGETED.includes(recordType)
      ? fc.tuple(before, target).map((parts) => parts.join(''))
      : fc.constantFrom(...DATA[recordType]!);
    return fc
      .tuple(absolute(fc.constant(origin)), ttl, data)
      .map(([owner, seconds, text]) => `${owner} ${seconds} ${recordType} ${text}`);
  });
}

function absolute(origin: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(relative, origin).map(([own, suffix]) => textOf([...own, ...parse(suffix)]));
}

/** Leaves out what no zone may hold, so that most zones load: what then does not is counted. */
function withoutQuarrels(origin: string, lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  const types = new Map([[origin, ['SOA', 'NS']]]);
  for (const one of lines) {
    const [owner, , added] = one.split(' ') as [string, string, string];
    const there = types.get(owner.toLowerCase()) ?? [];
    const isAlone = added === 'CNAME' ? there.length === 0 : !there.includes('CNAME');
    const isSecond = added === 'DNAME' && there.includes('DNAME');
    const isApexDs = added === 'DS' && owner === origin;
    if (!isAlone || isSecond || isApexDs) continue;
    types.set(owner.toLowerCase(), [...there, added]);
    kept.push(one);
  }
  return kept;
}

export function naiveZone({ origin, lines }: SmallZone): NaiveZone {
  return { origin: parse(origin), records: lines.map(naiveRecord) };
}

function naiveRecord(text: string): NaiveRecord {
  const [owner, seconds, recordType, ...data] = text.toLowerCase().split(' ');
  return {
    owner: parse(owner!),
    ttl: Number(seconds),
    type: recordType!.toUpperCase(),
    data: data.join(' '),
  };
}

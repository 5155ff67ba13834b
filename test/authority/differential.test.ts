/**
 * The server and a naive second implementation (naive.ts) answer alike, on small zones and queries
 * made at random. FUZZ_RUNS says how many pairs of zones and query (at least 50,000), FUZZ_SEED
 * repeats a run; fast-check shrinks a difference to the smallest zone that has it.
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { answerFromZones } from '../../src/authority/answer.ts';
import { ZoneSet } from '../../src/authority/zone-set.ts';
import { DnsClass, parseType, rcodeText, typeText } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { printRdata } from '../../src/wire/rdata/rdata.ts';
import type { RRset } from '../../src/wire/record.ts';
import { loadZone, type Zone } from '../../src/zone/zone.ts';
import { FUZZ_RUNS } from '../wire/support.ts';
import { naiveAnswer, parse, textOf, type NaiveAnswer, type NaiveZone } from './naive.ts';
import {
  naiveZone,
  smallCase,
  type SmallCase,
  type SmallQuery,
  type SmallZone,
} from './small-zones.ts';

const PAIRS = Math.max(FUZZ_RUNS, 50_000);
const MOST_PAIRS = 4 * PAIRS;
/** A million pairs take a minute; a busy machine may take some. */
const PATIENCE_MS = 600_000;
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

it(
  'a naive implementation of the RFCs gives the same answers (RFC 1034 §4.3.2)',
  () => {
    const tally = new Tally();
    const property = fc.property(smallCase, (one) => compareAll(one, tally));
    // Some kinds come up in few zones: of a hundred seeds one has too few of them in so many pairs.
    const isEnough = (): boolean => tally.pairs >= PAIRS && KINDS.every((kind) => tally.has(kind));
    for (let round = 0; !isEnough() && tally.pairs < MOST_PAIRS; round++) {
      fc.assert(property, { seed: SEED + round, numRuns: CASES_PER_ROUND });
    }
    console.log(`FUZZ_SEED=${SEED}: ${tally.toString()}`);
    expect(tally.refused).toBeLessThan(tally.cases / 2);
    for (const kind of KINDS) expect(tally.has(kind), kind).toBe(true);
  },
  PATIENCE_MS,
);

const CASES_PER_ROUND = 500;

/** Each must come up, or the pairs prove less than they seem to. */
const KINDS = [
  ...['answer', 'NODATA', 'NXDOMAIN', 'referral', 'outside'],
  ...['answer from a wildcard', 'answer behind CNAME', 'answer behind DNAME'],
  ...['NODATA behind CNAME', 'NODATA behind DNAME'],
  ...['NXDOMAIN behind CNAME', 'NXDOMAIN behind DNAME', 'YXDOMAIN behind DNAME'],
  ...['referral behind CNAME', 'referral behind DNAME'],
] as const;

class Tally {
  cases = 0;
  /** Cases with a zone that does not load. */
  refused = 0;
  pairs = 0;
  readonly #kinds = new Map<string, number>();

  add(kind: string): void {
    this.pairs++;
    this.#kinds.set(kind, this.count(kind) + 1);
  }

  count(kind: string): number {
    return this.#kinds.get(kind) ?? 0;
  }

  has(kind: string): boolean {
    return this.count(kind) > PAIRS / 10_000;
  }

  toString(): string {
    const kinds = [...this.#kinds].map(([kind, count]) => `${count} ${kind}`).toSorted();
    return `${this.pairs} pairs, ${this.refused} of ${this.cases} cases refused; ${kinds.join(', ')}`;
  }
}

function compareAll({ zones, queries, ...policy }: SmallCase, tally: Tally): void {
  tally.cases++;
  const loaded = zones.map(load).filter((zone) => zone !== undefined);
  if (loaded.length < zones.length) {
    tally.refused++;
    return;
  }
  const set = new ZoneSet(loaded);
  const naiveZones = zones.map(naiveZone);
  for (const query of queries) {
    const name = parse(query.name.toLowerCase());
    const expected = naiveAnswer(naiveZones, { name, type: query.type, ...policy });
    const actual = serverAnswer(set, query, policy);
    // The assertion tells more than a comparison, but costs more than the answers.
    if (JSON.stringify(actual) !== JSON.stringify(expected)) {
      expect({ query, ...actual }).toEqual({ query, ...expected });
    }
    tally.add(kindOf(expected, naiveZones));
  }
}

function kindOf(result: NaiveAnswer | undefined, zones: readonly NaiveZone[]): string {
  if (!result) return 'outside';
  const { rcode, answer, authority } = result;
  const has = (section: readonly string[], type: string): boolean =>
    section.some((line) => line.split(' ')[2] === type);
  const isApex = (name = ''): boolean => zones.some(({ origin }) => textOf(origin) === name);
  const isReferral = has(authority, 'NS') && !isApex(authority[0]?.split(' ')[0]);
  let kind: string = rcode;
  if (rcode === 'NOERROR') kind = isReferral ? 'referral' : 'answer';
  if (rcode === 'NOERROR' && has(authority, 'SOA')) kind = 'NODATA';
  if (has(answer, 'DNAME')) return `${kind} behind DNAME`;
  if (has(answer, 'CNAME')) return `${kind} behind CNAME`;
  const [owner] = answer[0]?.split(' ') ?? [];
  const owners = new Set(zones.flatMap(({ records }) => records.map((one) => textOf(one.owner))));
  return owner === undefined || owners.has(owner) ? kind : `${kind} from a wildcard`;
}

function load({ origin, lines }: SmallZone): Zone | undefined {
  const text = new TextEncoder().encode(`${lines.join('\n')}\n`);
  const zone = loadZone(text, { file: 'small', origin: nameOf(origin) });
  return zone.ok ? zone.value : undefined;
}

function serverAnswer(
  zones: ZoneSet,
  { name, type }: SmallQuery,
  policy: Pick<SmallCase, 'isMinimal' | 'dnssecOk' | 'any'>,
): NaiveAnswer | undefined {
  const question = { name: nameOf(name), type: parseType(type)!, class: DnsClass.IN };
  const answer = answerFromZones(zones, question, policy)?.answer;
  if (answer === undefined) return undefined;
  return {
    rcode: rcodeText(answer.rcode) as NaiveAnswer['rcode'],
    aa: answer.authoritative,
    answer: linesOf(answer.answers),
    authority: linesOf(answer.authorities),
    inDomainGlue: linesOf(answer.additionals.slice(0, answer.requiredAdditionals ?? 0)),
    additional: linesOf(answer.additionals),
  };
}

/** Repetitions stay, since no section may hold any (RFC 2181 §5). */
function linesOf(rrsets: readonly RRset[]): readonly string[] {
  return rrsets
    .flatMap(({ name, ttl, type, rdatas }) =>
      rdatas.map((rdata) => {
        const owner = name.toString().toLowerCase();
        return `${owner} ${ttl} ${typeText(type)} ${printRdata(type, rdata).toLowerCase()}`;
      }),
    )
    .toSorted();
}

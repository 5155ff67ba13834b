/**
 * Small zones with one query each, and what several authoritative servers answer alike (the Ferret
 * data set, NSDI 2022): wildcards, CNAME and DNAME, cuts, occluded data. TSDNS_SUITES names the
 * folder of the suites.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { startSystem } from '../../src/app/system.ts';
import { answerFromZones } from '../../src/authority/answer.ts';
import { ZoneSet } from '../../src/authority/zone-set.ts';
import { exchange } from '../../src/client/exchange.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { createRealRuntime } from '../../src/net/real/runtime.ts';
import { DnsClass, parseType, rcodeText } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { DnsName } from '../../src/wire/name.ts';
import { groupRRsets } from '../../src/wire/record.ts';
import { parseMasterFile } from '../../src/zone/master-file.ts';
import type { Zone } from '../../src/zone/zone.ts';
import { answerFrom, linesOf, zoneOf, type Sections } from '../zone/answer.ts';
import { expectReported, suiteFolder, type Outcome } from './report.ts';

interface FerretCase {
  readonly id: number;
  readonly zone: string;
  readonly qname: string;
  readonly qtype: string;
  readonly expect: {
    readonly rcode: string;
    readonly flags: readonly string[];
    readonly answer: readonly string[];
    readonly authority: readonly string[];
    readonly additional: readonly string[];
  };
}

const FOLDER = suiteFolder('ferret');

type Answerer = (zone: Zone, name: DnsName, type: number) => Sections | Promise<Sections>;

const ANSWERERS: readonly (readonly [layer: string, answerer: Answerer])[] = [
  ['zone', answerFrom],
  ['authority', answerFromAuthority],
  ['a server asked over UDP', answerOverUdp],
];

test.skipIf(FOLDER === undefined).each(ANSWERERS)(
  'what BIND, NSD, Knot and PowerDNS agree on is what %s says (RFC 1034 §4.3.2)',
  async (layer, answerer) => {
    const outcomes: Outcome[] = [];
    for (const one of casesOf(join(FOLDER!, 'valid.jsonl'))) {
      const detail = await differenceOf(one, answerer);
      outcomes.push({ name: String(one.id), passed: detail === undefined, detail });
    }
    expectReported({
      title: `Ferret, answered by ${layer}`,
      about: 'Small zones with one query each: rcode, AA, answer with TTLs, SOA or referral, glue.',
      outcomes,
    });
  },
  180_000,
);

function casesOf(file: string): FerretCase[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as FerretCase);
}

function answerFromAuthority(zone: Zone, name: DnsName, type: number): Sections {
  const question = { name, type, class: DnsClass.IN };
  const answer = answerFromZones(new ZoneSet([zone]), question)?.answer;
  if (answer === undefined) throw new Error(`no zone for ${name.toString()}`);
  return {
    rcode: rcodeText(answer.rcode),
    aa: answer.authoritative,
    answer: linesOf(answer.answers),
    authority: linesOf(answer.authorities),
    additional: linesOf(answer.additionals),
  };
}

/** A whole server on a loopback port, for this one zone. */
async function answerOverUdp(zone: Zone, name: DnsName, type: number): Promise<Sections> {
  const runtime = createRealRuntime();
  const listen = [{ address: '127.0.0.1', port: 0 }];
  const system = await startSystem({ runtime, logger: silentLogger, listen, zones: [zone] });
  try {
    const question = { name, type, class: DnsClass.IN };
    const [server] = system.endpoints;
    const outcome = await exchange(runtime, { server: server!, question, timeoutMs: 5000 });
    if (outcome.kind !== 'reply') throw new Error(outcome.kind);
    const { rcode, aa, answers, authorities, additionals } = outcome.message;
    return {
      rcode: rcodeText(rcode),
      aa,
      answer: linesOf(groupRRsets(answers)),
      authority: linesOf(groupRRsets(authorities)),
      additional: linesOf(groupRRsets(additionals)),
    };
  } finally {
    await system.close();
  }
}

async function differenceOf(
  { zone, qname, qtype, expect: wanted }: FerretCase,
  answerer: Answerer,
): Promise<object | undefined> {
  const [owner] = zone.split(/\s/);
  const got = await answerer(zoneOf(zone, owner), nameOf(qname), parseType(qtype)!);
  const soa = wanted.authority.filter((line) => line.includes(' SOA '));
  const isReferral = !wanted.flags.includes('AA');
  const expected = {
    rcode: wanted.rcode,
    aa: wanted.flags.includes('AA'),
    answer: normal(wanted.answer),
    authority: isReferral || soa.length > 0 ? normal(wanted.authority) : undefined,
  };
  const actual = {
    rcode: got.rcode,
    aa: got.aa,
    answer: got.answer,
    authority: expected.authority === undefined ? undefined : got.authority,
  };
  const missingGlue = isReferral
    ? inDomainGlue(wanted).filter((line) => !got.additional.includes(line))
    : [];
  const isSame = JSON.stringify(actual) === JSON.stringify(expected);
  return isSame && missingGlue.length === 0
    ? undefined
    : { zone, qname, actual, expected, missingGlue };
}

function inDomainGlue({ authority, additional }: FerretCase['expect']): readonly string[] {
  const cuts = authority.map((line) => nameOf(line.split(' ')[0]!));
  return normal(additional).filter((line) => {
    const owner = nameOf(line.split(' ')[0]!);
    return cuts.some((cut) => owner.isSubdomainOf(cut));
  });
}

/** Through our own parser and printer, so that only what differs differs. */
function normal(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => linesOf(recordsIn(line))).toSorted();
}

function recordsIn(line: string): Parameters<typeof linesOf>[0] {
  const { records, problems } = parseMasterFile(new TextEncoder().encode(line), {
    file: 'expected',
  });
  if (problems.length > 0) throw new Error(problems[0]!.message);
  return groupRRsets(records);
}

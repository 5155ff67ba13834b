/**
 * Record texts of the simdzone test suite against their exact octets, and zone files of BIND's
 * named-checkzone against their verdicts. TSDNS_SUITES names the folder of the suites.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { descriptionOf } from '../../src/wire/rdata/descriptions.ts';
import { checkZone } from '../../src/zone/check/check-zone.ts';
import type { ZoneProblem } from '../../src/zone/problem.ts';
import { expectReported, suiteFolder, suiteTitle } from './report.ts';
import { NO_FORM, readText } from './zone-text.ts';

const SIMDZONE = suiteFolder('zonefiles', 'simdzone');
const CHECKZONE = suiteFolder('zonefiles', 'bind-checkzone');

interface RdataCase {
  readonly name: string;
  readonly type: string;
  readonly origin?: string;
  readonly text: string;
  /** What an authority that is not the primary would do with the text. */
  readonly secondary?: boolean;
  /** Null: the text is refused. */
  readonly rdata: string | null;
}

describe.skipIf(SIMDZONE === undefined)(suiteTitle('simdzone', SIMDZONE), () => {
  test.each([
    ['cases-types.jsonl', 140],
    ['cases-svcb.jsonl', 97],
  ])('%s', (file, count) => {
    const cases = readFileSync(join(SIMDZONE!, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RdataCase);
    expect(cases).toHaveLength(count);
    const outcomes = cases.map((one) => {
      const detail = rdataOf(one);
      const passed = (detail ?? null) === one.rdata;
      return { name: one.name, passed, detail, reason: reasonFor(one) };
    });
    const about = 'Record texts, each with the octets of its data or refused; exact octets.';
    expectReported({ title: `simdzone, ${file}`, about, outcomes });
  });
});

/** Where we read records otherwise, and why. */
const DIFFERENT: readonly (readonly [name: RegExp, reason: string])[] = [
  [/^nsap_ptr_text$/, 'NSAP-PTR holds a name (RFC 1706 §6)'],
  [/^apl_text$/, 'trailing zero octets of a prefix are left out (RFC 3123 §4)'],
  [/^nsd_s05_https_/, 'a key that is mandatory anyway may be listed (RFC 9460 §8: SHOULD NOT)'],
];

function reasonFor({ name, secondary, type, text }: RdataCase): string | undefined {
  const number = parseType(/^\d+$/.test(type) ? `TYPE${type}` : type.replaceAll('_', '-'));
  const hasForm = number !== undefined && descriptionOf(number) !== undefined;
  if (!hasForm && !text.includes('\\#')) return NO_FORM;
  if (secondary === true)
    return 'a secondary takes over what a primary refuses; we read as primary';
  return DIFFERENT.find(([pattern]) => pattern.test(name))?.[1];
}

function rdataOf({ text, origin = 'example.com.' }: RdataCase): string | undefined {
  const { records, problem } = readText(`$TTL 3600\n${text}\n`, origin);
  if (problem !== undefined || records.length !== 1) return undefined;
  return Buffer.from(records[0]!.rdata).toString('hex');
}

interface CheckzoneCase {
  readonly zone: string;
  readonly verdict: 'good' | 'bad';
  readonly origin: string;
}

describe.skipIf(CHECKZONE === undefined)(suiteTitle('named-checkzone', CHECKZONE), () => {
  test('verdicts on zones', () => {
    const cases = JSON.parse(
      readFileSync(join(CHECKZONE!, 'EXPECTED.json'), 'utf8'),
    ) as readonly CheckzoneCase[];
    const outcomes = cases.map(({ zone, verdict, origin }) => {
      const octets = readFileSync(join(CHECKZONE!, zone));
      const { errors } = checkZone(octets, { file: zone, origin: nameOf(origin) });
      const detail = errors.map(({ code, message }) => `${code}: ${message}`);
      // Bad for the reason that the suite has in mind, not because a type cannot be read.
      const passed = verdict === 'good' ? errors.length === 0 : errors.some(isExpected);
      return { name: zone, passed, detail, reason: errors.some(isFormless) ? NO_FORM : undefined };
    });
    const about = 'Zone files of the system test `checkzone` of BIND: good or bad.';
    expectReported({ title: 'named-checkzone, BIND', about, outcomes });
  });
});

function isExpected({ code }: ZoneProblem): boolean {
  return code === 'cname-and-other-data';
}

function isFormless({ message }: ZoneProblem): boolean {
  return message.includes("'\\# length hex'");
}

/**
 * Record texts of the simdzone test suite against their exact octets, and zone files of BIND's
 * named-checkzone against their verdicts. TSDNS_SUITES names the folder of the suites. Types
 * without a description in `wire` are counted as skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { descriptionOf } from '../../src/wire/rdata/descriptions.ts';
import { parseMasterFile } from '../../src/zone/master-file.ts';
import { loadZone } from '../../src/zone/zone.ts';

const SUITES = process.env['TSDNS_SUITES'] ?? 'no-suites';
const SIMDZONE = join(SUITES, 'zonefiles', 'simdzone');
const CHECKZONE = join(SUITES, 'zonefiles', 'bind-checkzone');

interface RdataCase {
  readonly name: string;
  readonly type: string;
  readonly origin?: string;
  readonly text: string;
  /** What an authority that is not the primary would do with the text. */
  readonly secondary?: boolean;
  readonly rdata: string | null;
}

interface CheckzoneCase {
  readonly zone: string;
  readonly verdict: 'good' | 'bad';
  readonly origin: string;
}

describe.skipIf(!existsSync(SIMDZONE))('simdzone', () => {
  test.each(['cases-types.jsonl', 'cases-svcb.jsonl'])('%s', (file) => {
    const cases = readFileSync(join(SIMDZONE, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RdataCase);
    const known = cases.filter((one) => isReadable(one) && !isDifferent(one));
    const failures = known.flatMap((one) => {
      const got = rdataOf(one);
      return got === (one.rdata ?? undefined) ? [] : [{ ...one, got }];
    });
    const skipped = new Set(cases.filter((one) => !isReadable(one)).map(({ type }) => type));
    const different = cases.filter(isDifferent).map(({ name }) => name);
    console.log(
      `${file}: ${known.length - failures.length} of ${cases.length} pass, ` +
        `${cases.length - known.length} skipped ` +
        `(${[...skipped, ...different].join(' ')})`,
    );
    expect(failures).toEqual([]);
  });
});

/** Where we read records otherwise, and why. */
const DIFFERENT: readonly (readonly [name: RegExp, reason: string])[] = [
  [/^cds2_|^cdnskey2_/, 'RFC 8078 §4 as corrected by its errata: the empty field is one octet, 00'],
  [/^nsd_s02_/, 'an ech without a value is no ECHConfigList (RFC 9460 §7.3)'],
  [/^nsd_s05_/, 'parameters may stand in any order (RFC 9460 §2.1)'],
  [/^nsd_s09_/, 'the URI template is none (RFC 6570 §2.1)'],
  [/^tsg_|^docpath_|^pvd_|^oots_/, 'keys that we know only by their numbers'],
];

function isDifferent({ name, secondary }: RdataCase): boolean {
  // Secondaries take over what primaries refuse; we read master files as a primary.
  return secondary === true || DIFFERENT.some(([pattern]) => pattern.test(name));
}

/** The generic form needs no description. */
function isReadable({ type, text }: RdataCase): boolean {
  const number = parseType(/^\d+$/.test(type) ? `TYPE${type}` : type.replaceAll('_', '-'));
  if (number === undefined) return false;
  return descriptionOf(number) !== undefined || text.includes('\\#');
}

function rdataOf({ text, origin = 'example.com.' }: RdataCase): string | undefined {
  const octets = Buffer.from(`$TTL 3600\n${text}\n`, 'latin1');
  const file = { file: 'case', origin: nameOf(origin) };
  const { records, problems } = parseMasterFile(octets, file);
  if (problems.length > 0 || records.length !== 1) return undefined;
  return Buffer.from(records[0]!.rdata).toString('hex');
}

describe.skipIf(!existsSync(CHECKZONE))('named-checkzone', () => {
  test('verdicts on zones', () => {
    const cases = JSON.parse(
      readFileSync(join(CHECKZONE, 'EXPECTED.json'), 'utf8'),
    ) as readonly CheckzoneCase[];
    const results = cases.map((one) => ({ ...one, problems: problemsOf(one) }));
    const failures = results.filter(
      ({ verdict, problems }) => (problems.length === 0) !== (verdict === 'good'),
    );
    const unreadable = failures.filter(({ problems }) => problems.every(isUnsupported));
    console.log(
      `named-checkzone: ${cases.length - failures.length} of ${cases.length} verdicts, ` +
        `${unreadable.length} skipped (${unreadable.map(({ zone }) => zone).join(' ')})`,
    );
    expect(failures.filter((failure) => !unreadable.includes(failure))).toEqual([]);
  });
});

function problemsOf({ zone, origin }: CheckzoneCase): readonly string[] {
  const octets = readFileSync(join(CHECKZONE, zone));
  const result = loadZone(octets, { file: zone, origin: nameOf(origin) });
  return result.ok ? [] : result.error.map(({ message }) => message);
}

/** Types that have only the generic form here, and directives that are not built. */
function isUnsupported(message: string): boolean {
  return message.includes("'\\# length hex'") || message.includes('which is not supported');
}

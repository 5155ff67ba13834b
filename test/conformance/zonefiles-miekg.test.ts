/**
 * Pairs of record text out of the tests of a Go library, as written and as it prints them: both
 * have to be the same record here. TSDNS_SUITES names the folder of the suites.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printRecords } from '../../src/zone/print.ts';
import { expectReported, suiteFolder, suiteTitle, type Outcome } from './report.ts';
import { keyOf, missingForm, readText } from './zone-text.ts';

const FOLDER = suiteFolder('zonefiles', 'miekg');

interface Strings {
  readonly test: string;
  readonly kind: 'single' | 'pair' | 'list';
  readonly strings: readonly string[];
}

describe.skipIf(FOLDER === undefined)(suiteTitle('miekg', FOLDER), () => {
  test('strings.jsonl', () => {
    const pairs = readFileSync(join(FOLDER!, 'strings.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Strings)
      .filter(({ kind, strings }) => kind === 'pair' && RECORD.test(strings[1]!));
    expect(pairs.length).toBeGreaterThan(100);
    const about =
      'Record texts as written and as the library prints them: the same record, also after printing.';
    const outcomes = pairs.map(outcomeOf);
    expectReported({ title: 'miekg, strings.jsonl', about, outcomes });
  });
});

/** The library's own form of a record. */
const RECORD = /^[^\t]+\t\d+\t(?:IN|CH|HS|CLASS\d+)\t[A-Z0-9-]+\t/;

const DIFFERENT: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/"a\n/, 'a quoted string ends on its line, as in BIND'],
  [/\\2\/i/, 'one digit behind a backslash is no escape (RFC 1035 §5.1), as in BIND'],
  [/ (CH|CLASS255) /, 'zones have class IN'],
  [/^\(.*\(/, 'parentheses do not nest, as in NSD and Knot'],
  [/ HINFO /, 'HINFO has two strings (RFC 1035 §3.3.2)'],
];

function outcomeOf({ test: title, strings }: Strings): Outcome {
  const [written, printed] = [strings[0]!, strings[1]!];
  const got = recordsOf(written);
  const wanted = recordsOf(printed);
  const again = recordsOf(printRecords(readText(`$TTL 3600\n${written}\n`, '.').records));
  const passed = got === wanted && got === again && !got.startsWith('problem');
  const different = DIFFERENT.find(([pattern]) => pattern.test(written))?.[1];
  const name = `${title}: ${written.split('\n')[0]!.replaceAll('`', "'").slice(0, 60)}`;
  return {
    name,
    passed,
    detail: { written, printed, got, wanted },
    reason: missingForm(printed) ?? different,
  };
}

function recordsOf(text: string): string {
  const { records, problem } = readText(`$TTL 3600\n${text}\n`, '.');
  return problem === undefined ? records.map(keyOf).join('\n') : `problem: ${problem}`;
}

/**
 * A zone with every type out of the tests of a Python library, against the dumps that they compare
 * with. TSDNS_SUITES names the folder of the suites.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printRecords } from '../../src/zone/print.ts';
import { expectReported, suiteFolder, suiteTitle, type Outcome } from './report.ts';
import { keyOf, missingForm, readText } from './zone-text.ts';

const FOLDER = suiteFolder('zonefiles', 'dnspython', 'tests');

describe.skipIf(FOLDER === undefined)(suiteTitle('dnspython', FOLDER), () => {
  test.each(['example1.good', 'example2.good', 'example3.good', 'example4.good'])('%s', (file) => {
    const source = readText(textOf('example'), 'example.').records;
    const keys = new Set(source.map(keyOf));
    const again = readText(printRecords(source), 'example.').records;
    expect(again.map(keyOf)).toEqual(source.map(keyOf));
    const lines = textOf(file)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('$'));
    const outcomes = lines.map((line): Outcome => {
      const { records, problem } = readText(line, 'example.');
      const passed = records.length === 1 && keys.has(keyOf(records[0]!));
      const name = line.split(' ').slice(0, 4).join(' ');
      return { name, passed, detail: { line, problem }, reason: missingForm(line) };
    });
    const about = 'Each record of the dump is one of the zone `example`, octet for octet.';
    expectReported({ title: `dnspython, ${file}`, about, outcomes });
  });

  test('svcb_test_vectors', () => {
    const texts = rdatasOf('svcb_test_vectors.text', /^(?=\d)/gm);
    const generic = rdatasOf('svcb_test_vectors.generic', /^(?=\\#)/gm);
    expect(texts.length).toBeGreaterThan(5);
    const outcomes = texts.map((text, i): Outcome => ({
      name: String(i + 1),
      passed: text !== undefined && text === generic[i],
      detail: { text, generic: generic[i] },
    }));
    const about = 'The vectors of RFC 9460 Appendix D: text and generic form are the same octets.';
    expectReported({ title: 'dnspython, svcb_test_vectors', about, outcomes });
  });
});

function textOf(file: string): string {
  return readFileSync(join(FOLDER!, file), 'latin1');
}

/** The octets of the rdata in a file of rdata only. */
function rdatasOf(file: string, start: RegExp): readonly string[] {
  const { records, problem } = readText(textOf(file).replaceAll(start, 'x 1 SVCB '), 'example.');
  expect(problem).toBeUndefined();
  return records.map(({ rdata }) => Buffer.from(rdata).toString('hex'));
}

/**
 * The scenarios of Unbound and Deckard against our resolver. TSDNS_SUITES names the folder of the
 * suites; `rpl/tiers.txt` there tells plain ones (P) from those for features (F) and from those
 * about one resolver's own ways (U). What needs a feature that we lack is skipped, by name.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { replay, type Outcome } from '../../src/lab/replay/replay.ts';
import { latin1Of } from '../../src/wire/name-text.ts';
import { suiteFolder, suiteTitle } from '../conformance/report.ts';

const FOLDER = suiteFolder('rpl');
const SOURCES = ['unbound', 'deckard'];

/** Why a plain scenario does not pass, or another one fails. An entry that passes has to go. */
const KNOWN: Readonly<Record<string, string>> = {
  'unbound/edns_nsid_repeat.rpl':
    'DO is copied into the reply (RFC 3225 §3), which it is not there',
  'unbound/rrset_use_cached.rpl': 'in Unbound an answer expires with its authority records',
  'unbound/subnet_cached_ede.crpl': 'the file has a record outside of any entry',
};

interface Result {
  readonly name: string;
  readonly tier: string;
  readonly outcome: Outcome;
}

describe.skipIf(FOLDER === undefined)(suiteTitle('scenarios', FOLDER), () => {
  let results: readonly Result[] = [];

  beforeAll(async () => {
    const tiers = readTiers();
    const files = SOURCES.flatMap((source) =>
      readdirSync(join(FOLDER!, source))
        .filter((file) => /\.c?rpl$/.test(file))
        .map((file) => ({ name: `${source}/${file}`, tier: tiers.get(file) ?? '-' })),
    );
    const played: Result[] = [];
    for (const { name, tier } of files) {
      const text = latin1Of(readFileSync(join(FOLDER!, name)));
      played.push({ name, tier, outcome: await replay(name, text) });
    }
    results = played;
  }, 120_000);

  test('there are plain ones, of both dialects', () => {
    const passed = results.filter(({ tier, outcome }) => tier === 'P' && outcome.kind === 'passed');
    expect(passed.length).toBeGreaterThan(10);
    for (const source of SOURCES) {
      expect(passed.some(({ name }) => name.startsWith(source))).toBe(true);
    }
  });

  test('every plain one that needs no DNSSEC passes, but for the known ones', () => {
    const missing = results.filter(({ tier, outcome }) => tier === 'P' && !isExcused(outcome));
    expect(unknownOf(missing)).toEqual([]);
  });

  test('no other one fails or is unusable, but for the known ones', () => {
    const bad = results.filter(({ outcome: { kind } }) => kind === 'failed' || kind === 'unusable');
    expect(unknownOf(bad)).toEqual([]);
  });

  test('every known exception is there, and still is one', () => {
    const exceptions = results.filter(
      ({ tier, outcome }) => !isExcused(outcome) && (tier === 'P' || outcome.kind !== 'skipped'),
    );
    const names = new Set(exceptions.map(({ name }) => name));
    expect(Object.keys(KNOWN).filter((name) => !names.has(name))).toEqual([]);
  });
});

/** It passes, or it would need DNSSEC. */
function isExcused(outcome: Outcome): boolean {
  if (outcome.kind === 'passed') return true;
  return outcome.kind === 'skipped' && outcome.needs.some((need) => need.startsWith('DNSSEC'));
}

function unknownOf(results: readonly Result[]): readonly string[] {
  return results
    .filter(({ name }) => !Object.hasOwn(KNOWN, name))
    .map(({ name, outcome }) => `${name}: ${describeOutcome(outcome)}`);
}

function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'passed':
      return 'passed';
    case 'failed':
      return `step ${outcome.step}: expected ${outcome.expected}, got ${outcome.got}`;
    case 'skipped':
      return `needs ${outcome.needs.join(', ')}`;
    case 'unusable':
      return `line ${outcome.line}: ${outcome.problem}`;
  }
}

/** Lines of `file tier source`. */
function readTiers(): ReadonlyMap<string, string> {
  const lines = readFileSync(join(FOLDER!, 'tiers.txt'), 'utf8').trim().split('\n');
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

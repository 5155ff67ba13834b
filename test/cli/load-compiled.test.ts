/** Code that V8 compiled before: the same program, whatever has become of the cache. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { cacheOf, loadCompiled, requireFast } from '../../src/cli/load-compiled.ts';

let folder: string;
let part: string;
let program: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ts-dns-compiled-'));
  part = join(folder, 'part.cjs');
  program = join(folder, 'program.cjs');
  writeFileSync(part, 'let loads = 0; exports.count = () => (loads += 1);');
  writeFileSync(program, "exports.count = require('./part.cjs').count;");
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Counts calls within one load of the part. */
function count(loaded: unknown): unknown {
  return (loaded as { count: () => number }).count();
}

test('a cache is taken, and the part is loaded once', () => {
  writeFileSync(cacheOf(part), loadCompiled(part, undefined).createCachedData());
  expect(loadCompiled(part, readFileSync(cacheOf(part))).cachedDataRejected).toBe(false);
  expect(count(requireFast(program, part))).toBe(1);
  expect(count(createRequire(program)(part))).toBe(2);
});

test('without a cache, or with one that is none, the program is the same', () => {
  expect(count(requireFast(program, part))).toBe(1);
  writeFileSync(cacheOf(part), 'no code at all');
  expect(loadCompiled(part, readFileSync(cacheOf(part))).cachedDataRejected).toBe(true);
  writeFileSync(part, 'exports.count = () => 7;');
  const other = join(folder, 'other.cjs');
  writeFileSync(other, "exports.count = require('./part.cjs').count;");
  expect(count(requireFast(other, part))).toBe(7);
});

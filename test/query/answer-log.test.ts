/** The ring of finished answers against a plain map: what it gives back is what was put, or nothing. */

import { expect, test } from 'vitest';

import { AnswerLog, Word } from '../../src/query/answer-log.ts';
import { SeededRandom } from '../../src/sim/random.ts';

const RUNS = 20_000;
const LARGEST_WORDS = 600;

/** An entry with its key and a word at its end that nobody else has. */
function put(
  log: AnswerLog,
  key: Uint8Array,
  entry: { hash: number; size: number; mark: number },
): void {
  const { hash, size, mark } = entry;
  log.remove(hash, key, key.length);
  const at = log.put(hash, size);
  log.words.fill(0, at + Word.REVISION, at + size);
  log.words[at + Word.LENGTHS] = key.length;
  log.octets.set(key, (at + Word.KEY) * 4);
  log.words[at + size - 1] = mark;
}

test.each([
  ['keys of their own hashes', (key: number) => Math.imul(key, 0x9e3779b1) >>> 0],
  ['many keys of one hash', (key: number) => key % 3],
])('%s: entries of any size come, go and come back whole', (_title, hashOf) => {
  const random = new SeededRandom('answer-log', _title);
  const log = new AnswerLog(64 * 1024, LARGEST_WORDS);
  const newest = new Map<number, { size: number; mark: number }>();
  let found = 0;
  for (let i = 1; i <= RUNS; i++) {
    // Some are asked for all the time, most now and then.
    const name = random.below(2) === 0 ? random.below(20) : random.below(2000);
    const key = Uint8Array.of(name >> 8, name & 0xff, 1);
    const hash = hashOf(name);
    const at = log.find(hash, key, key.length);
    const known = newest.get(name);
    if (at >= 0) {
      found++;
      expect(log.words[at + known!.size - 1]).toBe(known!.mark);
      log.markUsed(at);
    }
    if (at < 0 || random.below(10) === 0) {
      const size = 10 + 2 * random.below(random.below(20) === 0 ? 290 : 20);
      put(log, key, { hash, size, mark: i });
      newest.set(name, { size, mark: i });
      expect(log.find(hash, key, key.length)).toBeGreaterThanOrEqual(0);
    }
  }
  const { entries, octets, evictions } = log.statistics;
  expect(found).toBeGreaterThan(RUNS / 10);
  expect(evictions).toBeGreaterThan(100);
  expect(octets).toBeLessThanOrEqual(64 * 1024 + 2 * 4 * 1024);
  const live = [...newest.keys()].filter((name) => {
    return log.find(hashOf(name), Uint8Array.of(name >> 8, name & 0xff, 1), 3) >= 0;
  });
  expect(entries).toBe(live.length);
});

import { expect, it } from 'vitest';
import { keyedHash } from '../../src/query/keyed-hash.ts';
import { sipHash } from '../../src/query/sip-hash.ts';

/** The key and the inputs of the reference implementation: octets that count up. */
const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);

function hashOf(length: number): string {
  const out = new Uint8Array(8);
  sipHash(
    KEY,
    Uint8Array.from({ length }, (_, i) => i),
    out,
  );
  return Buffer.from(out).toString('hex');
}

it.each([
  [0, '310e0edd47db6f72'],
  [1, 'fd67dc93c539f874'],
  [7, '37d1018bf50002ab'],
  [8, '6224939a79f5f593'],
  [15, 'e545be4961ca29a1'],
])('of %i octets it is what the reference says', (length, hash) => {
  expect(hashOf(length)).toBe(hash);
});

it('its half gives each key another order, and no two neighbours alike', () => {
  const hashesUnder = (word: number): number[] => {
    const key = Int32Array.of(word, -word);
    return Array.from({ length: 1000 }, (_, i) => keyedHash(key, i, 4));
  };
  const [some, other] = [hashesUnder(1), hashesUnder(2)];
  expect(new Set([...some, ...other]).size).toBe(2000);
  const rows = new Set(some.map((hash) => hash % 16_384));
  expect(rows.size).toBeGreaterThan(900);
});

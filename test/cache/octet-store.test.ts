/** Memory of octets: whatever is put in and out of it, what is found is what was put there last. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { NONE, OctetStore } from '../../src/cache/octet-store.ts';
import type { Clock } from '../../src/net/ports.ts';
import { NameHash } from '../../src/wire/name-hash.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const NAMES = Array.from({ length: 400 }, (_, i) => nameOf(`n${i}.test.`));
const KINDS = [1, 28];

class Model {
  nowMs = 1;
  readonly store: OctetStore;
  /** Value and end by name and kind. */
  readonly last = new Map<string, { value: Uint8Array; untilMs: number }>();

  constructor(maxOctets: number, hash = new NameHash(1, 2)) {
    const clock = { monotonic: () => this.nowMs } as Clock;
    this.store = new OctetStore({ clock, maxOctets, staleMs: 0, hash });
  }

  put(name: number, kind: number, value: Uint8Array, lifeMs: number): void {
    const { store, nowMs } = this;
    const untilMs = nowMs + lifeMs;
    const times = { ttlSeconds: 7, expiresAtMs: untilMs, dueAtMs: untilMs };
    const entry = { ...times, valueOctets: value.length, note: value.length & 0xff };
    const place = store.put(NAMES[name]!, kind, entry);
    this.last.delete(`${name}/${kind}`);
    if (place === NONE) return;
    store.memoryOf(place).set(value, store.valueAt(place));
    this.last.set(`${name}/${kind}`, { value, untilMs });
  }

  /** Whether it is there; what is there must be what was put last. */
  check(name: number, kind: number): boolean {
    const place = this.store.get(NAMES[name]!, kind, this.nowMs);
    const known = this.last.get(`${name}/${kind}`);
    if (place === NONE) return false;
    expect(known?.untilMs).toBeGreaterThan(this.nowMs);
    expect(Buffer.compare(this.store.valueOf(place), known!.value)).toBe(0);
    expect(this.store.noteOf(place)).toBe(known!.value.length & 0xff);
    expect(this.store.nameOf(place).equals(NAMES[name]!)).toBe(true);
    return true;
  }
}

const which = fc.record({ name: fc.nat(NAMES.length - 1), kind: fc.constantFrom(...KINDS) });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ at: which, octets: fc.nat(300), lifeMs: fc.nat(1000) }) },
  { weight: 4, arbitrary: fc.record({ find: which }) },
  { weight: 1, arbitrary: fc.record({ drop: which }) },
  { weight: 1, arbitrary: fc.record({ waitMs: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ at: which, octets: fc.integer({ min: 0, max: 60_000 }) }) },
);

function play(model: Model, steps: readonly object[]): void {
  let count = 0;
  for (const one of steps as readonly Record<string, never>[]) {
    const { at, find, drop, waitMs, octets, lifeMs = 1000 } = one as Record<string, unknown>;
    if (typeof waitMs === 'number') model.nowMs += waitMs;
    if (at) {
      const { name, kind } = at as { name: number; kind: number };
      const value = new Uint8Array(octets as number).fill(count++);
      model.put(name, kind, value, lifeMs as number);
    }
    if (find) {
      const { name, kind } = find as { name: number; kind: number };
      model.check(name, kind);
    }
    if (drop) {
      const { name, kind } = drop as { name: number; kind: number };
      model.store.delete(NAMES[name]!, kind);
      model.last.delete(`${name}/${kind}`);
    }
  }
}

test('with room for all, everything that lives is found as it was put', () => {
  const steps = fc.array(step, { maxLength: 300 });
  fc.assert(
    fc.property(steps, (all) => {
      const model = new Model(2 ** 26);
      play(model, all);
      for (const [key, { untilMs }] of model.last) {
        const [name, kind] = key.split('/').map(Number);
        expect(model.check(name!, kind!)).toBe(untilMs > model.nowMs);
      }
      const listed = [...model.store.places()].map((place) => model.store.nameOf(place).key);
      const living = [...model.last.values()].filter(({ untilMs }) => untilMs > model.nowMs);
      expect(listed).toHaveLength(living.length);
    }),
    { numRuns: 12 },
  );
});

test('with room for few, octets keep to the bound and nothing that is found is torn', () => {
  const steps = fc.array(step, { minLength: 150, maxLength: 300 });
  fc.assert(
    fc.property(steps, fc.constantFrom(3000, 20_000, 150_000, 400_000), (all, maxOctets) => {
      const model = new Model(maxOctets);
      play(model, all);
      for (let name = 0; name < NAMES.length; name++) {
        for (const kind of KINDS) model.check(name, kind);
      }
      const { octets, entries } = model.store.statistics;
      expect(octets).toBeLessThanOrEqual(maxOctets);
      expect([...model.store.places()].length).toBeLessThanOrEqual(entries);
    }),
    { numRuns: 12 },
  );
});

test('names that all fall into one place are told apart, also when one of them goes', () => {
  const hash = { of: () => 0xffffffff } as unknown as NameHash;
  const model = new Model(1e6, hash);
  for (let name = 0; name < 50; name++) model.put(name, 1, Uint8Array.of(name), 1000);
  for (let name = 0; name < 50; name += 3) model.store.delete(NAMES[name]!, 1);
  const found = NAMES.slice(0, 50).map((_, name) => model.check(name, 1));
  expect(found).toEqual(NAMES.slice(0, 50).map((_, name) => name % 3 !== 0));
});

test('an entry costs its octets and some 60 more', () => {
  const model = new Model(2 ** 26);
  const names = Array.from({ length: 100_000 }, (_, i) => nameOf(`host${i}.example.com.`));
  const life = { ttlSeconds: 60, expiresAtMs: 1e9, dueAtMs: 1e9 };
  for (const name of names) model.store.put(name, 1, { ...life, valueOctets: 6, note: 3 });
  const { octets, entries } = model.store.statistics;
  expect(entries).toBe(names.length);
  expect(octets / entries - names[50_000]!.wire.length - 6).toBeLessThan(65);
});

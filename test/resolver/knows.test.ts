/** What can be answered without asking anybody: found out without answering. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { plainInternet, questionOf } from './fixture.ts';

const NAMES = [
  ...['www', 'far', 'near', 'gone', 'loop', 'nothing', 'zero'].map(
    (name) => `${name}.example.com.`,
  ),
  ...['www.alias.org.', 'nothing.alias.org.', 'localhost.'],
];
const TYPES = ['A', 'AAAA', 'CNAME', 'TXT'];

const questions = fc.record({
  name: fc.constantFrom(...NAMES),
  type: fc.constantFrom(...TYPES),
  afterMs: fc.constantFrom(0, 0, 0, 61_000, 301_000),
});

test('what is known is what nobody is asked for, whatever was asked before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(questions, { minLength: 1, maxLength: 25 }), async (all) => {
      const internet = await plainInternet();
      const resolver = internet.resolver();
      for (const { name, type, afterMs } of all) {
        await internet.world.advance(afterMs);
        internet.takeAsked();
        const isKnown = resolver.knows(questionOf(name, type));
        expect(internet.takeAsked()).toEqual([]);
        const outcome = await internet.ask(resolver, name, type);
        expect({ name, type, outcome, isKnown }).toEqual({
          ...{ name, type, outcome },
          isKnown: internet.takeAsked().length === 0,
        });
      }
    }),
    { numRuns: 60 },
  );
});

test('questions that no walk can answer are known to be', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  const name = nameOf('www.example.com.');
  expect(resolver.knows({ name, type: RRType.A, class: DnsClass.CH })).toBe(true);
  expect(resolver.knows({ name, type: RRType.OPT, class: DnsClass.IN })).toBe(true);
  expect(resolver.knows({ name, type: RRType.A, class: DnsClass.IN })).toBe(false);
});

test('to find out counts nothing, and makes nothing popular', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.example.com.');
  const { records, negatives } = resolver.cacheStatistics;
  const counters = { ...resolver.counters };
  expect(resolver.knows(questionOf('www.example.com.'))).toBe(true);
  expect(resolver.knows(questionOf('other.example.com.'))).toBe(false);
  expect(resolver.cacheStatistics).toMatchObject({ records, negatives });
  expect(resolver.counters).toEqual(counters);
});

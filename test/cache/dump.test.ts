import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCache, type Cache } from '../../src/cache/cache.ts';
import { dumpCache, loadCache } from '../../src/cache/dump.ts';
import { entriesOf, flush, ownerOf } from '../../src/cache/inspection.ts';
import { newLook } from '../../src/cache/look.ts';
import type { Clock } from '../../src/net/ports.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { RRset } from '../../src/wire/record.ts';

/** A clock that only moves when it is told to, both ways. */
class HandClock implements Clock {
  nowMs = 1000;
  wallMs = 1_700_000_000_000;

  monotonic(): number {
    return this.nowMs;
  }

  wall(): number {
    return this.wallMs;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.wallMs += ms;
  }

  schedule(): never {
    throw new Error('nothing here waits');
  }
}

const SMALL = { recordOctets: 1e5, negativeOctets: 1e5, delegationOctets: 1e5, failureOctets: 1e5 };

const address = (last: number): Uint8Array => Uint8Array.of(192, 0, 2, last);
const www = (ttl: number, name: DnsName = nameOf('www.example.')): RRset => {
  return { name, type: RRType.A, class: 1, ttl, rdatas: [address(1), address(2)] };
};
const soa: RRset = {
  name: nameOf('example.'),
  type: RRType.SOA,
  class: 1,
  ttl: 300,
  rdatas: [
    Uint8Array.of(...nameOf('ns.').wire, ...nameOf('h.').wire, ...new Uint8Array(18), 1, 44),
  ],
};

interface Place {
  readonly clock: HandClock;
  readonly cache: Cache;
}

function place(): Place {
  const clock = new HandClock();
  return { clock, cache: createCache(clock, SMALL) };
}

function filled(): Place {
  const filledPlace = place();
  const { cache, clock } = filledPlace;
  cache.records.put(www(600), 3);
  cache.negatives.put({ name: nameOf('no.example.'), type: 1 }, { rcode: Rcode.NXDOMAIN, soa });
  cache.negatives.put({ name: nameOf('no-mx.example.'), type: 15 }, { rcode: 0, soa });
  const nameServers = [
    { name: nameOf('ns.example.'), addresses: ['192.0.2.1', '2001:db8::1', '127.0.0.1'] },
    { name: nameOf('ns.other.'), addresses: [] },
  ];
  const root = { zone: DnsName.root, nameServers: [], expiresAtMs: Infinity };
  cache.delegations.put({ zone: nameOf('example.'), nameServers, ttlSeconds: 3600 }, root);
  cache.failures.put({ name: nameOf('bad.example.'), type: 1, class: 1 }, { code: 0, text: 'no' });
  clock.pass(500);
  return filledPlace;
}

const textOf = ({ cache, clock }: Place): string => `${[...dumpCache(cache, clock)].join('\n')}\n`;
const mayAsk = (text: string): boolean => !text.startsWith('127.');

function load(text: string, into: Place = place()): ReturnType<typeof loadCache> {
  return loadCache(into.cache, text, { clock: into.clock, mayAsk });
}

test('a cache is text in master file form', () => {
  expect(textOf(filled())).toBe(`ts-dns-cache 1 1700000000500
delegation 1700003600000 example. ns.example. 192.0.2.1 2001:db8::1 127.0.0.1 ns.other.
records 1700000600000 3 1/2 www.example. A 192.0.2.1
records 1700000600000 3 2/2 www.example. A 192.0.2.2
negative 1700000300000 0 no-mx.example. MX example. ns. h. 0 0 0 0 300
negative 1700000300000 3 no.example. * example. ns. h. 0 0 0 0 300
end 5
`);
});

test('what is over but kept is marked as stale, and is loaded where stale data are served', () => {
  const clock = new HandClock();
  const stale = { clock, cache: createCache(clock, SMALL, { staleSeconds: 3600 }) };
  stale.cache.records.put(www(60), 3);
  stale.cache.negatives.put({ name: nameOf('no.example.'), type: 1 }, { rcode: 3, soa });
  clock.pass(301_000);
  expect(textOf(stale)).toBe(`ts-dns-cache 1 1700000301000
stale-records 1700000060000 3 1/2 www.example. A 192.0.2.1
stale-records 1700000060000 3 2/2 www.example. A 192.0.2.2
stale-negative 1700000300000 3 no.example. * example. ns. h. 0 0 0 0 300
end 3
`);
  expect(load(textOf(stale))).toEqual({ ok: true, value: { entries: 0, expired: 2 } });
  const after = { clock, cache: createCache(clock, SMALL, { staleSeconds: 3600 }) };
  const context = { clock, mayAsk: () => true };
  const text = textOf(stale);
  expect(loadCache(after.cache, text, context)).toEqual({
    ok: true,
    value: { entries: 2, expired: 0 },
  });
  expect(textOf(after)).toBe(text);
  const { records, negatives } = after.cache;
  expect(records.get(nameOf('www.example.'), RRType.A)).toBeUndefined();
  const look = newLook({ staleTtlSeconds: 30 });
  expect(records.get(nameOf('www.example.'), RRType.A, look)?.rdatas).toHaveLength(2);
  expect(negatives.get(nameOf('no.example.'), RRType.MX, look)?.rcode).toBe(Rcode.NXDOMAIN);
  // What is there already is at least as new.
  expect(loadCache(after.cache, text, context)).toMatchObject({ value: { entries: 0 } });
  clock.pass(3_600_000);
  expect(textOf(after)).toContain('end 0');
  expect(textOf(stale)).toContain('end 0');
});

test('what is loaded has the time that it had left, the time between counted', () => {
  const before = filled();
  const after = place();
  after.clock.nowMs = 77;
  after.clock.wallMs = before.clock.wallMs + 100_000;
  expect(load(textOf(before), after)).toEqual({ ok: true, value: { entries: 4, expired: 0 } });
  const { records, negatives, delegations } = after.cache;
  expect(records.get(nameOf('WWW.example.'), 1)).toMatchObject({ ttl: 499, rdatas: [{}, {}] });
  expect(negatives.get(nameOf('no.example.'), 28)).toMatchObject({ rcode: 3, soa: { ttl: 199 } });
  expect(negatives.get(nameOf('no-mx.example.'), 15)).toMatchObject({ rcode: 0 });
  expect(negatives.get(nameOf('no-mx.example.'), 1)).toBeUndefined();
  const delegation = delegations.closest(nameOf('a.example.'))!;
  expect(delegation.expiresAtMs - after.clock.nowMs).toBeLessThanOrEqual(3_499_500);
  expect(delegation.nameServers.map(({ addresses }) => addresses)).toEqual([
    ['192.0.2.1', '2001:db8::1'],
    [],
  ]);
});

test('what was over meanwhile is not loaded', () => {
  const before = filled();
  const after = place();
  after.clock.wallMs = before.clock.wallMs + 599_500;
  expect(load(textOf(before), after)).toEqual({ ok: true, value: { entries: 1, expired: 3 } });
  expect(after.cache.records.get(nameOf('www.example.'), 1)).toBeUndefined();
});

test('a clock that was set back makes nothing live longer', () => {
  const before = filled();
  const after = place();
  after.clock.wallMs = before.clock.wallMs - 1e9;
  load(textOf(before), after);
  expect(after.cache.records.get(nameOf('www.example.'), 1)?.ttl).toBe(599);
});

test('a dump that claims an endless life gets what the limits allow', () => {
  const after = place();
  const line = (kind: string): string => `ts-dns-cache 1 1\n${kind}\nend 1\n`;
  load(line('records 999999999999999 3 1/1 www.example. A 192.0.2.1'), after);
  expect(after.cache.records.get(nameOf('www.example.'), 1)?.ttl).toBe(86_400);
  load(line('delegation 999999999999999 example. ns.example.'), after);
  const { expiresAtMs } = after.cache.delegations.closest(nameOf('example.'))!;
  expect(expiresAtMs).toBeLessThanOrEqual(after.clock.nowMs + 86_400_000);
});

test('any octets in names and data survive, and no TTL grows', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 20 });
  const name = fc
    .array(label, { minLength: 1, maxLength: 5 })
    .map((labels) =>
      DnsName.fromWire(Uint8Array.from([...labels.flatMap((one) => [one.length, ...one]), 0])),
    );
  const type = fc.constantFrom<number>(RRType.A, RRType.TXT, 65_280);
  const octets = fc.uint8Array({ minLength: 1, maxLength: 30 });
  const rrset = fc.record({ name, type, octets, ttl: fc.integer({ min: 2, max: 1e5 }) });
  fc.assert(
    fc.property(rrset, fc.integer({ min: 0, max: 2e8 }), ({ name: owner, ...one }, passedMs) => {
      const rdatas = [dataOf(one.type, one.octets)];
      const before = place();
      before.cache.records.put({ ...one, name: owner, class: 1, rdatas }, 2);
      const after = place();
      after.clock.wallMs += passedMs;
      const loaded = load(textOf(before), after);
      expect(loaded.ok).toBe(true);
      before.clock.pass(passedMs);
      const expected = before.cache.records.get(owner, one.type);
      const found = after.cache.records.get(owner, one.type);
      expect(found?.rdatas).toEqual((found && expected)?.rdatas);
      if (found) {
        expect(found.name.wire).toEqual(owner.wire);
        expect(found.ttl).toBeLessThanOrEqual(expected!.ttl);
      } else expect(expected?.ttl ?? 0).toBeLessThanOrEqual(1);
    }),
    { numRuns: 100 },
  );
});

function dataOf(type: number, octets: Uint8Array): Uint8Array {
  if (type === RRType.A) return address(9);
  return type === RRType.TXT ? Uint8Array.of(octets.length, ...octets) : octets;
}

const GOOD = textOf(filled());
const RECORD = 'records 1700000600000 3 1/2 www.example. A 192.0.2.1';

test.each([
  ['', 'the end is missing'],
  ['ts-dns-cache 2 5\nend 0', "line 1: expected 'ts-dns-cache 1' and the time of writing"],
  [GOOD.slice(0, GOOD.lastIndexOf('end')), 'the end is missing'],
  [GOOD.replace('end 5', 'end 6'), 'line 7: lines are missing before the end'],
  [`${GOOD}more\n`, 'line 8: something stands behind the end'],
  [GOOD.replace('1/2', '2/2'), 'line 3: this record does not belong to the one before'],
  [GOOD.replace('2/2', '3/2'), 'line 4: this record does not belong to the one before'],
  [GOOD.replace('www.example. A 192.0.2.2', 'w.example. A 192.0.2.2'), 'line 4: this record does'],
  [GOOD.replace(`${RECORD}\n`, ''), 'line 3: this record does not belong'],
  [GOOD.replace(/\nrecords.*2\/2.*/, ''), 'line 4: a record is missing before this line'],
  [GOOD.replace('A 192.0.2.1', 'A 192.0.2'), 'line 3: the data are not of type A'],
  [GOOD.replace('A 192.0.2.1', 'A \\# 3 010203'), 'line 3: the data are not of type A'],
  [GOOD.replace('www.example.', 'www..example.'), 'line 3: expected a name and a type'],
  [GOOD.replace('www.example. A', 'www.example A'), 'line 3: expected a name and a type'],
  [GOOD.replace('records 17', 'records -17'), 'line 3: expected the time at which it is over'],
  [
    GOOD.replace('records 1700000600000 3 1/2', 'records 1700000600000 x 1/2'),
    'line 3: expected th',
  ],
  [GOOD.replace('delegation 1700003600000', 'delegation'), 'line 2: expected the time'],
  [
    GOOD.replace('example. ns.example.', 'example. 192.0.2.1 ns.example.'),
    'line 2: expected the n',
  ],
  [GOOD.replace('MX example.', 'NOTYPE example.'), 'line 5: expected a type, or * for all'],
  [GOOD.replace('ns. h. 0 0 0 0 300', 'ns. h. 0'), 'line 5: the data are not of type SOA'],
  [GOOD.replace('negative', 'positive'), 'line 5: expected records, negative, delegation or end'],
])('a damaged dump is refused with its line, and nothing of it is loaded: %#', (text, error) => {
  const into = place();
  const loaded = load(text, into);
  expect(loaded.ok ? '' : loaded.error).toContain(error);
  expect([...entriesOf(into.cache)]).toEqual([]);
});

test('a name is flushed whole, with what is below it, or one type of it', () => {
  const owners = ({ cache }: Place): string[] =>
    Array.from(entriesOf(cache), (entry) => `${entry.kind} ${ownerOf(entry).toString()}`);
  const one = filled();
  expect(flush(one.cache, { name: nameOf('NO.example.'), scope: 'name' })).toBe(1);
  expect(owners(one)).not.toContain('negative no.example.');
  expect(owners(one)).toHaveLength(4);
  expect(flush(one.cache, { name: nameOf('example.'), scope: 'name' })).toBe(1);
  expect(flush(one.cache, { name: nameOf('example.'), scope: 'subtree' })).toBe(3);
  expect(owners(one)).toEqual([]);
  const other = filled();
  const scope = 'type';
  expect(flush(other.cache, { name: nameOf('www.example.'), scope, type: 28 })).toBe(0);
  expect(flush(other.cache, { name: nameOf('www.example.'), scope, type: 1 })).toBe(1);
  // NXDOMAIN stands for each type.
  expect(flush(other.cache, { name: nameOf('no.example.'), scope, type: 1 })).toBe(1);
  expect(flush(other.cache, { name: DnsName.root, scope: 'subtree' })).toBe(3);
});

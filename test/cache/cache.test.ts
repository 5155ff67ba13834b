/** What the caches keep, for how long, and what they refuse. */
import { array, assert, integer, nat, property, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createCache } from '../../src/cache/cache.ts';
import type { Delegation } from '../../src/cache/delegation-cache.ts';
import { Credibility } from '../../src/cache/record-cache.ts';
import type { Clock } from '../../src/net/ports.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { RRset } from '../../src/wire/record.ts';

class HandClock implements Clock {
  nowMs = 1;
  monotonic = (): number => this.nowMs;
  wall = (): number => this.nowMs;
  schedule = (): never => {
    throw new Error('the caches have no timers');
  };
}

/** Containers allocate their slots at once, which is slow a thousand times over. */
const SMALL = {
  recordOctets: 1e6,
  negativeOctets: 1e6,
  delegationOctets: 1e6,
  failureOctets: 1e6,
};

function setting(limits = {}): { clock: HandClock; cache: ReturnType<typeof createCache> } {
  const clock = new HandClock();
  return { clock, cache: createCache(clock, { ...SMALL, ...limits }) };
}

function address(name: string, ttl: number, last = 1): RRset {
  const rdatas = [Uint8Array.of(192, 0, 2, last)];
  return { name: nameOf(name), type: RRType.A, class: 1, ttl, rdatas };
}

function soa(ttl: number, minimum: number): RRset {
  const rdata = new Uint8Array(22);
  new DataView(rdata.buffer).setUint32(18, minimum);
  return { name: nameOf('test.'), type: RRType.SOA, class: 1, ttl, rdatas: [rdata] };
}

const AUTHORITATIVE = Credibility.AUTHORITATIVE_ANSWER;
const WEAKER = Credibility.NON_AUTHORITATIVE_ANSWER;

describe('time', () => {
  test('what is left is shown in whole seconds, rounded down, never beyond the end', () => {
    assert(
      property(integer({ min: 1, max: 86_400 }), nat(90_000_000), (ttl, elapsedMs) => {
        const { clock, cache } = setting();
        cache.records.put(address('a.test.', ttl), AUTHORITATIVE);
        clock.nowMs += elapsedMs;
        const shown = cache.records.get(nameOf('a.test.'), RRType.A)?.ttl;
        const leftMs = ttl * 1000 - elapsedMs;
        expect(shown).toBe(leftMs > 0 ? Math.floor(leftMs / 1000) : undefined);
      }),
    );
  });

  test('TTL 0 is never kept, and does not disturb what is there', () => {
    const { cache } = setting();
    expect(cache.records.put(address('a.test.', 0), AUTHORITATIVE).ttl).toBe(0);
    expect(cache.records.get(nameOf('a.test.'), RRType.A)).toBeUndefined();
    cache.records.put(address('a.test.', 300), AUTHORITATIVE);
    cache.records.put(address('a.test.', 0, 2), AUTHORITATIVE);
    expect(cache.records.get(nameOf('a.test.'), RRType.A)?.ttl).toBe(300);
  });

  test('TTLs are capped: a day for data, an hour for what does not exist', () => {
    const { clock, cache } = setting();
    expect(cache.records.put(address('a.test.', 2 ** 31 - 1), AUTHORITATIVE).ttl).toBe(86_400);
    clock.nowMs += 86_400_000;
    expect(cache.records.get(nameOf('a.test.'), RRType.A)).toBeUndefined();
    const question = { name: nameOf('b.test.'), type: RRType.A };
    const kept = cache.negatives.put(question, { rcode: Rcode.NXDOMAIN, soa: soa(9999, 9999) });
    expect(kept.soa.ttl).toBe(3600);
  });
});

describe('names', () => {
  test('case is ignored, but a dot within a label is no dot between labels', () => {
    const { cache } = setting();
    cache.records.put(address('www\\.bank.com.', 300), AUTHORITATIVE);
    expect(cache.records.get(nameOf('www.bank.com.'), RRType.A)).toBeUndefined();
    expect(cache.records.get(nameOf('WWW\\.Bank.com.'), RRType.A)).toBeDefined();
  });

  test('distinct names of any octets are distinct keys', () => {
    const label = uint8Array({ minLength: 1, maxLength: 3 });
    const labels = array(label, { minLength: 1, maxLength: 3 });
    assert(
      property(labels, labels, (first, second) => {
        const { cache } = setting();
        const [one, other] = [DnsName.fromLabels(first)!, DnsName.fromLabels(second)!];
        cache.records.put({ ...address('x.', 300), name: one }, AUTHORITATIVE);
        const found = cache.records.get(other, RRType.A) !== undefined;
        expect(found).toBe(one.equals(other));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('RFC 2181 §5.4.1: credibility', () => {
  test('weaker data never replace stronger ones that live', () => {
    const { clock, cache } = setting();
    cache.records.put(address('a.test.', 300, 1), AUTHORITATIVE);
    cache.records.put(address('a.test.', 9000, 66), WEAKER);
    expect(cache.records.get(nameOf('a.test.'), RRType.A)!.rdatas[0]![3]).toBe(1);
    clock.nowMs += 300_000;
    cache.records.put(address('a.test.', 9000, 66), WEAKER);
    expect(cache.records.get(nameOf('a.test.'), RRType.A)!.rdatas[0]![3]).toBe(66);
    cache.records.put(address('a.test.', 300, 1), AUTHORITATIVE);
    expect(cache.records.get(nameOf('a.test.'), RRType.A)!.rdatas[0]![3]).toBe(1);
  });
});

describe('memory', () => {
  test('entries are copies: nobody can change them from outside', () => {
    const { cache } = setting();
    const rrset = address('a.test.', 300);
    cache.records.put(rrset, AUTHORITATIVE);
    rrset.rdatas[0]!.fill(66);
    rrset.name.wire.fill(66, 1, 2);
    const kept = cache.records.get(nameOf('a.test.'), RRType.A)!;
    expect(kept.rdatas[0]).toEqual(Uint8Array.of(192, 0, 2, 1));
    expect(kept.name.toString()).toBe('a.test.');
  });

  test('each store keeps to its octets, whatever is put in', () => {
    const { cache } = setting({ recordOctets: 10_000, negativeOctets: 5000, failureOctets: 5000 });
    for (let i = 0; i < 1000; i++) {
      const name = nameOf(`n${i}.test.`);
      cache.records.put(address(`n${i}.test.`, 300), AUTHORITATIVE);
      cache.negatives.put({ name, type: 1 }, { rcode: Rcode.NXDOMAIN, soa: soa(60, 60) });
      cache.failures.put({ name, type: 1, class: 1 }, { code: 22, text: 'dead' });
    }
    const { records, negatives, failures } = cache;
    expect(records.statistics.octets).toBeLessThanOrEqual(10_000);
    expect(records.statistics.evictions).toBeGreaterThan(800);
    expect(negatives.statistics.octets).toBeLessThanOrEqual(5000);
    expect(failures.statistics.octets).toBeLessThanOrEqual(5000);
    expect(records.get(nameOf('n999.test.'), RRType.A)).toBeDefined();
  });

  test('what was found outlasts a flood of what is new, also when its time is over in between', () => {
    const { clock, cache } = setting({ recordOctets: 20_000 });
    const flood = (round: number): void => {
      for (let i = 0; i < 200; i++) {
        cache.records.put(address(`n${round}-${i}.test.`, 300), AUTHORITATIVE);
      }
    };
    const isThere = (): boolean => cache.records.get(nameOf('used.test.'), RRType.A) !== undefined;
    cache.records.put(address('used.test.', 60), AUTHORITATIVE);
    expect(isThere()).toBe(true);
    flood(1);
    expect(isThere()).toBe(true);
    clock.nowMs += 60_000;
    expect(isThere()).toBe(false);
    cache.records.put(address('used.test.', 60), AUTHORITATIVE);
    flood(2);
    expect(isThere()).toBe(true);
    expect(cache.records.statistics.octets).toBeLessThanOrEqual(20_000);
  });

  test('more than fits and is all in use pushes out what was not used for longest', () => {
    const { cache } = setting({ recordOctets: 20_000 });
    const name = (i: number): DnsName => nameOf(`n${i}.test.`);
    for (let i = 0; i < 200; i++) {
      cache.records.put(address(`n${i}.test.`, 300), AUTHORITATIVE);
      cache.records.get(name(i), RRType.A);
      cache.records.get(name(0), RRType.A);
    }
    const { octets, entries } = cache.records.statistics;
    expect(octets).toBeLessThanOrEqual(20_000);
    expect(entries).toBeGreaterThan(40);
    const kept = Array.from({ length: 200 }, (_, i) => i).filter((i) =>
      cache.records.get(name(i), RRType.A),
    );
    expect(kept).toEqual([0, ...Array.from({ length: entries - 1 }, (_, i) => 201 - entries + i)]);
  });

  test('an RRset of too many records is passed on, not kept', () => {
    const { cache } = setting();
    const rdatas = Array.from({ length: 101 }, (_, i) => Uint8Array.of(192, 0, 2, i));
    const many = { ...address('a.test.', 300), rdatas };
    expect(cache.records.put(many, AUTHORITATIVE).rdatas).toHaveLength(101);
    expect(cache.records.get(many.name, RRType.A)).toBeUndefined();
  });
});

describe('RFC 2308: what does not exist', () => {
  test('§5: NXDOMAIN covers every type, NODATA one', () => {
    const { cache } = setting();
    const gone = nameOf('gone.test.');
    const bare = nameOf('bare.test.');
    cache.negatives.put({ name: gone, type: 1 }, { rcode: Rcode.NXDOMAIN, soa: soa(60, 60) });
    cache.negatives.put({ name: bare, type: 1 }, { rcode: Rcode.NOERROR, soa: soa(60, 60) });
    expect(cache.negatives.get(gone, RRType.MX)?.rcode).toBe(Rcode.NXDOMAIN);
    expect(cache.negatives.get(bare, RRType.A)?.rcode).toBe(Rcode.NOERROR);
    expect(cache.negatives.get(bare, RRType.MX)).toBeUndefined();
    cache.negatives.delete(gone, RRType.A);
    expect(cache.negatives.get(gone, RRType.MX)).toBeUndefined();
  });

  test('§3: the SOA goes out with the TTL of the negative answer, counted down', () => {
    const { clock, cache } = setting();
    const question = { name: nameOf('gone.test.'), type: 1 };
    cache.negatives.put(question, { rcode: Rcode.NXDOMAIN, soa: soa(900, 60) });
    clock.nowMs += 10_000;
    expect(cache.negatives.get(question.name, 1)?.soa?.ttl).toBe(50);
    clock.nowMs += 50_000;
    expect(cache.negatives.get(question.name, 1)).toBeUndefined();
  });
});

describe('RFC 9520: failures', () => {
  const question = { name: nameOf('dead.test.'), type: 1, class: 1 };
  const failure = { code: 22, text: 'no answer' };

  test('5 s at first, doubled by each that follows on, a minute at most', () => {
    const { clock, cache } = setting();
    const held: number[] = [];
    for (let i = 0; i < 6; i++) {
      cache.failures.put(question, failure);
      const startMs = clock.nowMs;
      while (cache.failures.get(question)) clock.nowMs += 500;
      held.push((clock.nowMs - startMs) / 1000);
    }
    expect(held).toEqual([5, 10, 20, 40, 60, 60]);
  });

  test('a long time without failure, or a success, starts anew', () => {
    const { clock, cache } = setting();
    cache.failures.put(question, failure);
    clock.nowMs += 60_000;
    cache.failures.put(question, failure);
    clock.nowMs += 5000;
    expect(cache.failures.get(question)).toBeUndefined();
    cache.failures.delete(question);
    cache.failures.put(question, failure);
    clock.nowMs += 5000;
    expect(cache.failures.get(question)).toBeUndefined();
  });
});

describe('delegations', () => {
  const root: Delegation = { zone: DnsName.root, nameServers: [], expiresAtMs: Infinity };
  const nameServers = [{ name: nameOf('ns.test.'), addresses: ['192.0.2.1'] }];

  test('the closest one at or above the name is found', () => {
    const { cache } = setting();
    const parent = cache.delegations.put(
      { zone: nameOf('test.'), nameServers, ttlSeconds: 60 },
      root,
    );
    cache.delegations.put({ zone: nameOf('a.test.'), nameServers, ttlSeconds: 60 }, parent);
    const zoneOf = (name: string): string | undefined =>
      cache.delegations.closest(nameOf(name))?.zone.toString();
    expect(zoneOf('x.y.A.TEST.')).toBe('a.test.');
    expect(zoneOf('b.test.')).toBe('test.');
    expect(zoneOf('example.')).toBeUndefined();
  });

  test('a zone whose name reads like that of another is not taken for it', () => {
    const { cache } = setting();
    const mine = String.raw`bank\.example.`;
    cache.delegations.put({ zone: nameOf(mine), nameServers, ttlSeconds: 60 }, root);
    expect(cache.delegations.closest(nameOf(`www.${mine}`))?.zone.toString()).toBe(mine);
    expect(cache.delegations.closest(nameOf('www.bank.example.'))).toBeUndefined();
  });

  test('no cut outlives the cut above it, however long a TTL it claims', () => {
    const { clock, cache } = setting();
    const parent = cache.delegations.put(
      { zone: nameOf('test.'), nameServers, ttlSeconds: 60 },
      root,
    );
    clock.nowMs += 59_000;
    cache.delegations.put({ zone: nameOf('ghost.test.'), nameServers, ttlSeconds: 86_400 }, parent);
    expect(cache.delegations.closest(nameOf('ghost.test.'))?.zone.labelCount).toBe(2);
    clock.nowMs += 1000;
    expect(cache.delegations.closest(nameOf('ghost.test.'))).toBeUndefined();
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ClockFilter } from '../../../src/lab/ntp/clock-filter.ts';
import { sampleOf } from '../../../src/lab/ntp/on-wire.ts';
import { identifierOf, sourceOf, readPacket, writePacket } from '../../../src/lab/ntp/packet.ts';
import {
  differenceNs,
  shortNs,
  shortOf,
  timestampOf,
  unixNsOf,
} from '../../../src/lab/ntp/timestamp.ts';
import { NS_PER_MS, NS_PER_S } from '../../../src/sim/units.ts';

const NANO = BigInt(NS_PER_S);
const unixNs = (date: string): bigint => BigInt(Date.parse(date)) * BigInt(NS_PER_MS);

describe('timestamps of NTP (RFC 5905 §6)', () => {
  test.each([
    ['1972-01-01T00:00:00Z', 2_272_060_800n],
    ['1999-12-31T00:00:00Z', 3_155_587_200n],
    ['2036-02-07T06:28:15Z', 4_294_967_295n],
    ['2036-02-08T00:00:00Z', 63_104n],
  ])('%s is as in figure 4', (date, seconds) => {
    expect(timestampOf(unixNs(date)) >> 32n).toBe(seconds);
  });

  test('the first second of era 1 is second 0, and never the timestamp that means unknown', () => {
    const start = unixNs('2036-02-07T06:28:16Z');
    expect(timestampOf(start)).toBe(1n);
    expect(timestampOf(start + NANO) >> 32n).toBe(1n);
  });

  test('every nanosecond of every era comes back, when one knows about when it is', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -200n * 31_557_600n * NANO, max: 400n * 31_557_600n * NANO }),
        fc.bigInt({ min: -60n * 31_557_600n * NANO, max: 60n * 31_557_600n * NANO }),
        (ns, away) => {
          const timestamp = timestampOf(ns);
          if (timestamp === 1n) return;
          expect(unixNsOf(timestamp, ns + away)).toBe(ns);
        },
      ),
    );
  });

  test('differences are right across the end of era 0', () => {
    const before = timestampOf(unixNs('2036-02-07T06:28:15.750Z'));
    const after = timestampOf(unixNs('2036-02-07T06:28:16.250Z'));
    expect([differenceNs(after, before), differenceNs(before, after)]).toEqual([5e8, -5e8]);
  });

  test('an exchange across the end of era 0 says what any other says', () => {
    const t = [15.98, 16.01, 16.01, 16.02].map((s) => {
      const wholeNs = unixNs('2036-02-07T06:28:00Z');
      return timestampOf(wholeNs + BigInt(Math.round(s * NS_PER_S)));
    });
    const [t1, t2, t3, t4] = t as [bigint, bigint, bigint, bigint];
    expect(sampleOf({ t1, t2, t3, t4 }, 1)).toEqual({ offsetNs: 1e7, delayNs: 4e7 });
  });

  test('the short format rounds up, and saturates', () => {
    expect([0, -5, 1, 15_259, 1.5e9].map(shortOf)).toEqual([0, 0, 1, 2, 98_304]);
    expect(shortOf(1e15)).toBe(0xffff_ffff);
    expect(shortNs(98_304)).toBe(1.5e9);
  });
});

test('30 ms there and 10 ms back is an offset of 10 ms that is not there (G7)', () => {
  const at = (ms: number): bigint => timestampOf(BigInt(ms * NS_PER_MS));
  const sample = sampleOf({ t1: at(0), t2: at(30), t3: at(31), t4: at(41) }, 1);
  expect(sample).toEqual({ offsetNs: 10 * NS_PER_MS, delayNs: 40 * NS_PER_MS });
});

test('a delay that comes out negative is taken for the precision (RFC 5905 §8)', () => {
  // A client slow by 100 ppm, and a server that holds the answer for 64 s.
  const ns = BigInt(NS_PER_S);
  const times = { t1: 0n, t2: 1_000_000n, t3: 64n * ns + 1_000_000n, t4: 64n * ns - 4_400_000n };
  const [t1, t2, t3, t4] = Object.values(times).map(timestampOf) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  expect(sampleOf({ t1, t2, t3, t4 }, 1000).delayNs).toBe(1000);
});

describe('a packet', () => {
  const packet = {
    leap: 1,
    version: 4,
    mode: 4,
    stratum: 2,
    poll: 6,
    precision: -23,
    rootDelay: 12_345,
    rootDispersion: 0xffff_ffff,
    referenceId: identifierOf('LOCL'),
    reference: 1n,
    origin: 2n ** 64n - 1n,
    receive: 3n,
    transmit: 4n << 40n,
  } as const;

  test('is 48 octets in the layout of RFC 5905 §7.3', () => {
    const bytes = writePacket(packet);
    expect(bytes).toHaveLength(48);
    expect([...bytes.subarray(0, 4)]).toEqual([0b01_100_100, 2, 6, 0xe9]);
    expect(String.fromCharCode(...bytes.subarray(12, 16))).toBe('LOCL');
    expect(readPacket(bytes)).toEqual(packet);
    expect(sourceOf(packet.referenceId)).toBe('LOCL');
    expect([0x7f000001, 0].map(sourceOf)).toEqual(['127.0.0.1', '0.0.0.0']);
  });

  test('of any octets is read or is none, and is written as it was read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const read = readPacket(bytes);
        if (bytes.length < 48) expect(read).toBeUndefined();
        else expect(writePacket(read!)).toEqual(bytes.slice(0, 48));
      }),
    );
  });
});

test('the clock filter believes the sample with the least delay, and less so as it ages', () => {
  const filter = new ClockFilter();
  const sample = { dispersionNs: 1000, atNs: 0 };
  filter.add({ ...sample, offsetNs: 5e6, delayNs: 30e6 });
  filter.add({ ...sample, offsetNs: 1e6, delayNs: 20e6 });
  const early = filter.best(0)!;
  expect(early).toMatchObject({ offsetNs: 1e6, delayNs: 20e6, jitterNs: 4e6 });
  // Six samples are missing: 16 s (1/8 + 1/16 + … + 1/256) nearly.
  expect(early.dispersionNs / NS_PER_S).toBeCloseTo(16 * (1 / 4 - 1 / 256), 5);
  const late = filter.best(100 * NS_PER_S)!;
  expect(late.dispersionNs - early.dispersionNs).toBeCloseTo(15e-6 * 100e9 * 0.75, 0);
  for (let more = 0; more < 8; more += 1) filter.add({ ...sample, offsetNs: 9e6, delayNs: 40e6 });
  expect(filter.best(0)!.offsetNs).toBe(9e6);
});

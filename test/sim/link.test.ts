import { describe, expect, test } from 'vitest';

import { flipBit } from '../../src/sim/flip-bit.ts';
import { hashText } from '../../src/sim/hash.ts';
import type { Jitter } from '../../src/sim/jitter.ts';
import { type Fate, Link } from '../../src/sim/link.ts';
import type { LinkOptions } from '../../src/sim/link-options.ts';

const MS = 1_000_000;
const COUNT = 40_000;
const NAME = hashText(7, 'a > b');
/** 3.89 standard errors: one in ten thousand seeds would fail, and the seed does not change. */
const STANDARD_ERRORS = 3.89;

/** The fates of `count` packets, one every `everyNs`. */
function fates(
  options: LinkOptions,
  { count = COUNT, octets = 100, everyNs = MS, name = NAME } = {},
): Fate[] {
  const link = new Link(name, options);
  return Array.from({ length: count }, (_, index) => ({ ...link.next(octets, index * everyNs) }));
}

function share(list: readonly Fate[], isOne: (fate: Fate) => boolean): number {
  return list.filter((fate) => isOne(fate)).length / list.length;
}

function expectShare(measured: number, chance: number): void {
  const error = Math.sqrt((chance * (1 - chance)) / COUNT);
  expect(Math.abs(measured - chance)).toBeLessThan(STANDARD_ERRORS * error);
}

const isLost = ({ loss }: Fate): boolean => loss === 'loss';

describe('the fate of a packet', () => {
  const all: LinkOptions = {
    delayMs: 10,
    jitterMs: 4,
    loss: 0.1,
    duplicate: 0.05,
    swap: 0.03,
    jump: 0.02,
    jumpMs: 100,
    corrupt: 0.04,
  };

  test('happens as often as its chance says', () => {
    const list = fates(all);
    expectShare(share(list, isLost), 0.1);
    const kept = list.filter((fate) => !isLost(fate));
    const of = (chance: number): number => chance * (kept.length / COUNT);
    const shareOfAll = (isOne: (fate: Fate) => boolean): number =>
      kept.filter((fate) => isOne(fate)).length / COUNT;
    expectShare(
      shareOfAll(({ copyDelayNs }) => copyDelayNs >= 0),
      of(0.05),
    );
    expectShare(
      shareOfAll(({ isSwapped }) => isSwapped),
      of(0.03),
    );
    expectShare(
      shareOfAll(({ delayNs }) => delayNs >= 110 * MS),
      of(0.02),
    );
    expectShare(
      shareOfAll(({ flippedBit }) => flippedBit >= 0),
      of(0.04),
    );
  });

  test('is drawn for each purpose alone: a link that also doubles loses the same packets', () => {
    const plain = fates({ delayMs: 10, jitterMs: 4, loss: 0.1 });
    const rich = fates(all);
    expect(rich.map(isLost)).toEqual(plain.map(isLost));
    const jitterOf = ({ loss, delayNs }: Fate): number => (loss ? 0 : delayNs % (100 * MS));
    expect(rich.map(jitterOf)).toEqual(plain.map(jitterOf));
  });

  test('depends on the seed and the link, and not on the packets before it', () => {
    const first = fates(all, { count: 100 });
    expect(fates(all, { count: 100 })).toEqual(first);
    expect(fates(all, { count: 100, name: hashText(8, 'a > b') })).not.toEqual(first);
    const skipping = new Link(NAME, all);
    for (let count = 0; count < 99; count += 1) skipping.skip();
    expect(skipping.next(100, 99 * MS)).toEqual(first[99]);
  });

  test('a flipped bit is one of the payload, every one as likely', () => {
    const bits = fates({ delayMs: 1, corrupt: 1 }, { octets: 4 }).map((fate) => fate.flippedBit);
    const counts = Array.from({ length: 32 }, (_, bit) => bits.filter((one) => one === bit).length);
    for (const count of counts) expectShare(count / COUNT, 1 / 32);
    expect(fates({ delayMs: 1, corrupt: 1 }, { octets: 0, count: 1 })[0]?.flippedBit).toBe(-1);
    expect(flipBit(Uint8Array.of(0, 0xff), 0)).toEqual(Uint8Array.of(0x80, 0xff));
    expect(flipBit(Uint8Array.of(0, 0xff), 15)).toEqual(Uint8Array.of(0, 0xfe));
  });
});

describe('loss in bursts (Gilbert–Elliott)', () => {
  test('has the share and the length of burst that the chances say', () => {
    const lost = fates({ delayMs: 1, burst: { enter: 0.02, leave: 0.25 } }).map(isLost);
    const lossShare = lost.filter(Boolean).length / COUNT;
    const bursts = lost.filter((one, index) => one && lost[index - 1] !== true).length;
    const expected = 0.02 / 0.27;
    // Successive packets depend on each other: the variance grows by (1 + r) / (1 − r), r = 0.73.
    const error = Math.sqrt((expected * (1 - expected) * (1.73 / 0.27)) / COUNT);
    expect(Math.abs(lossShare - expected)).toBeLessThan(STANDARD_ERRORS * error);
    const meanLength = (lossShare * COUNT) / bursts;
    // A geometric length of mean 4 has a standard deviation of √12.
    expect(Math.abs(meanLength - 4)).toBeLessThan(STANDARD_ERRORS * Math.sqrt(12 / bursts));
  });

  test('a bad link may lose some, a good one too', () => {
    const burst = { enter: 1, leave: 0, lossBad: 0.3, lossGood: 0 };
    expectShare(share(fates({ delayMs: 1, burst }), isLost), 0.3);
    const good = { enter: 0, leave: 1, lossGood: 0.2 };
    expectShare(share(fates({ delayMs: 1, burst: good }), isLost), 0.2);
  });
});

describe('jitter', () => {
  const delays = (jitter: Jitter): number[] =>
    fates({ delayMs: 10, jitter })
      .map(({ delayNs }) => delayNs / MS - 10)
      .toSorted((a, b) => a - b);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = (values: readonly number[]): number =>
    Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
  const expectMean = (values: readonly number[], expected: number, spread: number): void => {
    const error = spread / Math.sqrt(COUNT);
    expect(Math.abs(mean(values) - expected)).toBeLessThan(STANDARD_ERRORS * error);
  };

  test('uniform', () => {
    const values = delays({ kind: 'uniform', maxMs: 6 });
    expect(values[0]).toBeGreaterThanOrEqual(0);
    expect(values.at(-1)).toBeLessThan(6);
    expectMean(values, 3, 6 / Math.sqrt(12));
  });

  test('exponential above its minimum', () => {
    const values = delays({ kind: 'exponential', meanMs: 5, minMs: 2 });
    expect(values[0]).toBeGreaterThanOrEqual(2);
    expectMean(values, 5, 3);
    expectShare(values.filter((value) => value > 2 + 3 * Math.log(10)).length / COUNT, 0.1);
  });

  test('normal, without what is below 0', () => {
    const values = delays({ kind: 'normal', meanMs: 50, deviationMs: 5 });
    expectMean(values, 50, 5);
    expect(Math.abs(deviation(values) - 5)).toBeLessThan(0.1);
    const half = delays({ kind: 'normal', meanMs: 0, deviationMs: 5 });
    expect(half[0]).toBeGreaterThanOrEqual(0);
    // Half a normal distribution: mean σ√(2/π), deviation σ√(1 − 2/π).
    expectMean(half, 5 * Math.sqrt(2 / Math.PI), 5 * Math.sqrt(1 - 2 / Math.PI));
  });

  test('Pareto', () => {
    const values = delays({ kind: 'pareto', scaleMs: 2, shape: 1.5 });
    expect(values[0]).toBeGreaterThanOrEqual(2);
    expectShare(values.filter((value) => value > 8).length / COUNT, 0.125);
  });

  test('empirical', () => {
    const values = delays({ kind: 'empirical', samplesMs: [1, 1, 2, 30] });
    expect(new Set(values)).toEqual(new Set([1, 2, 30]));
    expectShare(values.filter((value) => value === 1).length / COUNT, 0.5);
  });

  test('packets overtake each other, unless the link is first in, first out', () => {
    const arrivals = (isFifo: boolean): number[] =>
      fates({ delayMs: 10, jitterMs: 30, isFifo }).map(
        ({ delayNs }, index) => index * MS + delayNs,
      );
    const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);
    expect(arrivals(false)).not.toEqual(sorted(arrivals(false)));
    expect(arrivals(true)).toEqual(sorted(arrivals(true)));
  });
});

describe('bandwidth', () => {
  // 100 octets take 1 ms.
  const slow: LinkOptions = { delayMs: 5, bitsPerSecond: 800_000 };

  test('a packet waits until those before it have left', () => {
    const burst = fates(slow, { count: 3, everyNs: 0 });
    expect(burst.map(({ delayNs }) => delayNs / MS)).toEqual([6, 7, 8]);
    const paced = fates(slow, { count: 3, everyNs: MS });
    expect(paced.map(({ delayNs }) => delayNs / MS)).toEqual([6, 6, 6]);
  });

  test('without a bound the queue grows and grows: bufferbloat', () => {
    const burst = fates(slow, { count: 1000, everyNs: 0 });
    expect(burst.at(-1)?.delayNs).toBe(1005 * MS);
  });

  test('a full queue loses what comes last', () => {
    const burst = fates({ ...slow, queueOctets: 300 }, { count: 5, everyNs: 0 });
    expect(burst.map(({ loss }) => loss)).toEqual([
      undefined,
      undefined,
      undefined,
      'queue',
      'queue',
    ]);
    const once = fates({ ...slow, queueOctets: 10 }, { count: 2, everyNs: 0 });
    expect(once.map(({ loss }) => loss)).toEqual([undefined, 'queue']);
  });

  test('what is larger than the link takes is lost', () => {
    const sizes = [1199, 1200, 1201];
    const link = new Link(NAME, { delayMs: 1, mtuOctets: 1200 });
    expect(sizes.map((octets) => link.next(octets, 0).loss)).toEqual([
      undefined,
      undefined,
      'size',
    ]);
  });
});

test.each([
  [{ delayMs: -1 }, 'before it is asked'],
  [{ delayMs: NaN }, 'before it is asked'],
  [{ delayMs: 1, loss: 1.1 }, 'loss is a chance'],
  [{ delayMs: 1, burst: { enter: 2, leave: 0 } }, 'enter is a chance'],
  [{ delayMs: 1, bitsPerSecond: 0 }, 'some bits a second'],
  [{ delayMs: 1, jitterMs: 1, jitter: { kind: 'uniform', maxMs: 1 } }, 'one jitter'],
  [{ delayMs: 1, jitter: { kind: 'exponential', meanMs: 1, minMs: 2 } }, 'at least its minimum'],
  [{ delayMs: 1, jitter: { kind: 'pareto', scaleMs: 1, shape: 0 } }, 'above 0'],
  [{ delayMs: 1, jitter: { kind: 'empirical', samplesMs: [] } }, 'at least one sample'],
] as const)('no link is like %j', (options, message) => {
  expect(() => new Link(NAME, options)).toThrow(message);
});

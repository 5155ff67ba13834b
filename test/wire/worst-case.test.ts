/** The dearest messages of 64 KB that hostile octets can make, and what decoding them may cost. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { isWellFormed, printRdata } from '../../src/wire/rdata/rdata.ts';
import { hex, join, rawMessage, rawRecord } from './support.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const ROOT = Uint8Array.of(0);
const LONG = join(
  ...[63, 63, 63, 61].map((n) => join(Uint8Array.of(n), new Uint8Array(n).fill(0x61))),
  ROOT,
);
const MOST = 65535;

function filled(record: Uint8Array, start: readonly Uint8Array[] = []): Uint8Array {
  const room = MOST - 12 - start.reduce((sum, part) => sum + part.length, 0);
  const count = Math.floor(room / record.length);
  const records = new Array<Uint8Array>(count).fill(record);
  return rawMessage([0, count + start.length, 0, 0], ...start, ...records);
}

/** Each offset of the first 16 KB starts a name of up to 127 labels, and each has its pointer. */
function fanned(): Uint8Array {
  const run = [...new Array<number>(252).fill(1), 0, 0];
  const runs = Math.floor(0x3fff / run.length) - 1;
  const soup = rawRecord(
    ROOT,
    65280,
    Uint8Array.from(Array.from({ length: runs }, () => run).flat()),
  );
  const pointer = (n: number): number[] => {
    const target = 12 + 11 + (n % runs) * run.length + (Math.floor(n / runs) % 252);
    return [0xc0 | (target >> 8), target & 0xff];
  };
  const record = (n: number): Uint8Array =>
    rawRecord(
      Uint8Array.from(pointer(n)),
      17,
      Uint8Array.from([...pointer(n + 1), ...pointer(n + 2)]),
    );
  const count = Math.floor((MOST - 12 - soup.length) / 16);
  const records = Array.from({ length: count }, (_, i) => record(3 * i));
  return rawMessage([0, count + 1, 0, 0], soup, ...records);
}

const first = rawRecord(LONG, 65280, new Uint8Array(0));
const chain = join(
  ...Array.from({ length: 16 }, (_, i) =>
    hex(i === 0 ? '00' : `c0${(i === 1 ? 23 : 22 + 2 * (i - 1)).toString(16)}`),
  ),
);
const deep = join(...new Array<Uint8Array>(127).fill(hex('0161')), ROOT);
const MESSAGES: Readonly<Record<string, Uint8Array>> = {
  'records of eleven octets': filled(rawRecord(ROOT, 255, new Uint8Array(0))),
  'names that point to one of 255 octets': filled(rawRecord(hex('c00c'), 65280, ROOT), [first]),
  'labels in front of a name of 127 labels': filled(rawRecord(hex('c00e'), 1, ROOT), [
    rawRecord(deep, 1, ROOT),
  ]),
  'rdata that point to a name of 127 labels': filled(rawRecord(hex('c00c'), 17, hex('c00c c00c')), [
    rawRecord(deep, 1, ROOT),
  ]),
  'pointers that each lead elsewhere': fanned(),
  'chains of pointers': filled(rawRecord(hex('c033'), 65280, ROOT), [
    rawRecord(ROOT, 65280, chain),
  ]),
  'rdata that point to a name of 255 octets': filled(rawRecord(hex('c00c'), 2, hex('c00c')), [
    first,
  ]),
  'rdata of two such names': filled(rawRecord(hex('c00c'), 17, hex('c00c c00c')), [first]),
  'one record of a single octet many times': filled(rawRecord(ROOT, 16, hex('00'))),
  'options as many as fit': rawMessage([0, 0, 0, 1], rawRecord(ROOT, 41, new Uint8Array(65520))),
  'questions as many as fit': rawMessage(
    [13104, 0, 0, 0],
    ...new Array<Uint8Array>(13104).fill(hex('00 0001 0001')),
  ),
  'counts that lie': join(rawMessage([65535, 65535, 65535, 65535]), new Uint8Array(65000)),
};

describe.each(Object.entries(MESSAGES))('%s', (_, bytes) => {
  test('takes at most eight octets an octet, and a few milliseconds', () => {
    for (let i = 0; i < 30; i++) decodeMessage(bytes);
    collectGarbage();
    const rounds = 40;
    const kept = new Array<unknown>(rounds);
    let best = Infinity;
    const before = process.memoryUsage();
    for (let i = 0; i < rounds; i++) {
      const start = performance.now();
      kept[i] = decodeMessage(bytes);
      best = Math.min(best, performance.now() - start);
    }
    collectGarbage();
    const after = process.memoryUsage();
    const grown = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
    expect(kept.length).toBe(rounds);
    expect(grown / rounds / bytes.length).toBeLessThan(8);
    // Some 2 ms at worst on an idle machine; this one may be busy with other tests.
    expect(best).toBeLessThan(15);
  });

  test('reading and writing all of it ends', () => {
    const result = decodeMessage(bytes);
    if (!result.ok) return;
    for (const record of result.value.answers) {
      if (isWellFormed(record.type, record.rdata)) printRdata(record.type, record.rdata);
    }
    const start = performance.now();
    expect(encodeMessage(result.value).length).toBeLessThanOrEqual(MOST);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

test('names made to collide in the table of places cost no more than others', () => {
  // Each label repeats the one before it, so suffixes differ in length only.
  const owners = Array.from({ length: 250 }, (_, i) =>
    join(Uint8Array.of(2, i, 0x62), ...new Array<Uint8Array>(60).fill(hex('03616161')), ROOT),
  );
  const records = owners.map((owner) => rawRecord(owner, 1, hex('c0000201')));
  const result = decodeMessage(rawMessage([0, records.length, 0, 0], ...records));
  expect(result.ok).toBe(true);
  const start = performance.now();
  if (result.ok) encodeMessage(result.value);
  expect(performance.now() - start).toBeLessThan(2000);
});

import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import {
  beginMessage,
  compressionLimits,
  copyName,
  endMessage,
  readName,
  skipName,
  skipPlainName,
} from '../../src/wire/name-wire.ts';
import { FUZZ_RUNS, hex, join } from './support.ts';

const PAD = new Uint8Array(12);
const skip = (octets: string, start: number): number => {
  const bytes = join(PAD, hex(octets));
  return skipName(bytes, 12 + start, bytes.length);
};

/** The ends of the names at `starts`, each with what was learnt from those before it. */
function skipEach(bytes: Uint8Array, starts: readonly number[]): number[] {
  beginMessage(bytes);
  const ends = starts.map((start) => skipName(bytes, start, bytes.length));
  endMessage();
  return ends;
}

describe('compression pointers, RFC 1035 §4.1.4', () => {
  test('a pointer to a prior name is followed', () => {
    const bytes = join(PAD, hex('03777777 00 0161 c00c'));
    expect(skipName(bytes, 17, bytes.length)).toBe(21);
    expect(readName(bytes, 17).toString()).toBe('a.www.');
  });

  test.each([
    ['to itself', '00 c00d', 1],
    ['forward', '00 c00f 00', 1],
    ['to the name that it ends', '00 0161 c00d', 1],
    ['to the middle of the name that it ends', '00 0161 0162 c00f', 1],
    ['into the header', '00 c00b', 1],
    ['to the first octet of the header', '00 c000', 1],
    ['cut in two', '00 c0', 1],
    ['to labels that run back into it', '0361 c00c 00', 2],
    ['and another that lead to each other', 'c00e c00c', 0],
  ])('a pointer %s is malformed', (_, octets, start) => {
    expect(skip(octets, start)).toBe(-1);
  });

  test('label types 01 and 10 are malformed', () => {
    for (let octet = 0x40; octet < 0xc0; octet++) {
      const bytes = join(PAD, Uint8Array.of(octet), new Uint8Array(200));
      expect(skipName(bytes, 12, bytes.length)).toBe(-1);
    }
  });

  test.each([
    [1, true],
    [16, true],
    [17, false],
  ])('a chain of %i pointers: %s', (hops, isName) => {
    const chain = Array.from({ length: hops }, (_, i) =>
      Uint8Array.of(0xc0, i === 0 ? 12 : 11 + 2 * i),
    );
    const bytes = join(PAD, Uint8Array.of(0), ...chain);
    const start = 13 + 2 * (hops - 1);
    expect(skipName(bytes, start, bytes.length)).toBe(isName ? bytes.length : -1);
    if (isName) expect(readName(bytes, start).isRoot).toBe(true);
  });

  test('every pointer at every place of a message of 64 octets ends, inside the message', () => {
    for (const filler of [0x00, 0x01, 0x3f, 0xc0]) {
      const bytes = new Uint8Array(64).fill(filler);
      for (let at = 0; at < 63; at++) {
        for (let pointer = 0xc000; pointer <= 0xffff; pointer++) {
          bytes[at] = pointer >> 8;
          bytes[at + 1] = pointer & 0xff;
          const end = skipName(bytes, at, 64);
          const target = pointer & 0x3fff;
          const mayBe = target < at && target >= compressionLimits.firstTarget;
          if (end !== -1 && (end !== at + 2 || !mayBe)) expect([at, pointer, end]).toBe('a name');
          if (filler === 0 && (end === at + 2) !== mayBe) expect([at, pointer, end]).toBe(mayBe);
          if (end !== -1) readName(bytes, at);
        }
        bytes.fill(filler, at, at + 2);
      }
    }
  });

  test('every total length from 250 to 260 octets, compressed at every label and not', () => {
    for (let total = 250; total <= 260; total++) {
      const lengths = [63, 63, 62, total - 193];
      const labels = lengths.map((n) => join(Uint8Array.of(n), new Uint8Array(n).fill(0x61)));
      for (let cut = 0; cut <= 4; cut++) {
        const tail = join(...labels.slice(cut), Uint8Array.of(0));
        const start = 12 + tail.length;
        const bytes = join(PAD, tail, ...labels.slice(0, cut), hex('c00c'));
        const end = skipName(bytes, start, bytes.length);
        expect(end).toBe(total <= 255 ? bytes.length : -1);
        if (end > 0) expect(readName(bytes, start).wire.length).toBe(total);
      }
      const plain = join(PAD, ...labels, Uint8Array.of(0));
      const end = total <= 255 ? plain.length : -1;
      expect(skipName(plain, 12, plain.length)).toBe(end);
      expect(skipPlainName(plain, 12, plain.length)).toBe(end);
    }
  });

  test('what is remembered of a message changes no verdict on its names', () => {
    const label = fc.nat(3).chain((n) => fc.tuple(fc.constant(n), ...new Array(n).fill(fc.nat(3))));
    const pointer = fc.nat(160).map((target) => [0xc0, target]);
    const long = fc.constantFrom(63, 60).map((n) => [n, ...new Array<number>(n).fill(1)]);
    const parts = fc.array(fc.oneof(label, pointer, pointer, long), { maxLength: 60 });
    const order = fc.array(fc.nat(), { maxLength: 60 });
    const property = fc.property(parts, order, (soup, places) => {
      const bytes = join(PAD, Uint8Array.from((soup as number[][]).flat()));
      const starts = places.map((place) => place % (bytes.length + 1));
      const expected = starts.map((start) => skipName(bytes, start, bytes.length));
      expect(skipEach(bytes, starts)).toEqual(expected);
    });
    fc.assert(property, { numRuns: FUZZ_RUNS });
  }, 600_000);

  test('limits hold for names whose rest is remembered', () => {
    const pointers = Array.from({ length: 17 }, (_, i) =>
      Uint8Array.of(0xc0, i === 0 ? 12 : 11 + 2 * i),
    );
    expect(skipEach(join(PAD, Uint8Array.of(0), ...pointers), [15, 29, 43, 45])).toEqual([
      17, 31, 45, -1,
    ]);
    const tail = join(...[63, 63].map((n) => join(Uint8Array.of(n), new Uint8Array(n))), hex('00'));
    const ends = [62, 63].map((last) => {
      const head = join(...[62, last].map((n) => join(Uint8Array.of(n), new Uint8Array(n))));
      const bytes = join(PAD, tail, hex('c00c'), head, hex('c00c'));
      const [, end] = skipEach(bytes, [12 + tail.length, 14 + tail.length]);
      return end === bytes.length;
    });
    expect(ends).toEqual([true, false]);
  });

  test('a remembered part that ends behind the start of the part that points is malformed', () => {
    // At 16 stands the second octet of the pointer that ends the name of 13: a label of twelve.
    const bytes = join(PAD, hex('00 0161 c00c'), new Uint8Array(12), hex('c00d'));
    expect(skipEach(bytes, [29, 16])).toEqual([31, -1]);
  });

  test('what was remembered of a message is not believed of the next one in the same octets', () => {
    const bytes = join(PAD, hex('0161 00 c00c'));
    expect(skipEach(bytes, [15])).toEqual([17]);
    bytes[12] = 0x40;
    expect(skipEach(bytes, [15])).toEqual([-1]);
  });

  test('a label must end within the limit, a name in rdata within the rdata', () => {
    const bytes = join(PAD, hex('0361626300'));
    expect(skipName(bytes, 12, 17)).toBe(17);
    for (let limit = 12; limit < 17; limit++) {
      expect(skipName(bytes, 12, limit)).toBe(-1);
      expect(skipPlainName(bytes, 12, limit)).toBe(-1);
    }
    const pointer = join(PAD, hex('00 c00c'));
    expect(skipName(pointer, 13, 14)).toBe(-1);
    expect(skipPlainName(pointer, 13, 15)).toBe(-1);
  });

  test('octets that changed after they were checked are a bug that is found, not a hang', () => {
    const bytes = join(PAD, hex('00 c00d'));
    const out = new Uint8Array(255);
    expect(() => copyName(bytes, 13, { out, at: 0 })).toThrow('changed since');
    expect(() => readName(hex('0161'), 0)).toThrow('changed since');
  });
});

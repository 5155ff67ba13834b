import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DnsName } from '../../src/wire/name.ts';
import { latin1Of, nameOf, octetsOf, parseName } from '../../src/wire/name-text.ts';
import { dnsName } from './arbitraries.ts';

const errorOf = (text: string, origin?: DnsName): string | undefined => {
  const result = parseName(text, origin);
  return result.ok ? undefined : result.error;
};

describe('names as text, RFC 1035 §5.1, RFC 4343 §2.1', () => {
  test('every octet at the beginning, middle and end of a label comes back', () => {
    for (let octet = 0; octet < 256; octet++) {
      for (const place of [0, 1, 2]) {
        const label = Uint8Array.of(0x61, 0x61, 0x61);
        label[place] = octet;
        const name = DnsName.fromLabels([label, Uint8Array.of(0x62)])!;
        const text = name.toString();
        expect(text).toMatch(/^[!-~]+$/);
        const back = parseName(text);
        expect(back.ok && back.value.wire).toEqual(name.wire);
      }
    }
  });

  test('any name comes back', () => {
    fc.assert(
      fc.property(dnsName, (name) => {
        expect(nameOf(name.toString()).wire).toEqual(name.wire);
      }),
    );
  });

  test('what a terminal or a master file would act upon is escaped', () => {
    const name = DnsName.fromLabels([
      Uint8Array.from(Buffer.from('.\\"();@$ \x1b\x7f\xe9', 'latin1')),
    ]);
    expect(name?.toString()).toBe('\\.\\\\\\"\\(\\)\\;\\@\\$\\032\\027\\127\\233.');
  });

  test.each([
    ['a..b.', 'empty label'],
    ['.a.', 'empty label'],
    ['..', 'empty label'],
    ['', 'empty'],
    ['a\\', 'escapes nothing'],
    ['a\\25.', 'is not an octet'],
    ['a\\256.', 'is not an octet'],
    ['a\\1x3.', 'is not an octet'],
    [`${'a'.repeat(64)}.`, '63 are allowed'],
    ['a.'.repeat(128), '255 octets'],
    ['\u212a.', 'no octet'],
    ['a', 'relative'],
    ['@', 'origin'],
  ])('%j is refused', (text, why) => {
    expect(errorOf(text)).toContain(why);
  });

  test('relative names are completed; what gets too long says so', () => {
    const origin = nameOf('example.com.');
    const www = parseName('www', origin);
    expect(www.ok && www.value.toString()).toBe('www.example.com.');
    const apex = parseName('@', origin);
    expect(apex.ok && apex.value).toBe(origin);
    expect(errorOf(`${'a'.repeat(60)}.`.repeat(3) + 'b'.repeat(60), origin)).toContain('origin');
  });

  test.each([250, 251, 252, 253, 254, 255, 256, 257, 258, 259, 260])(
    'a text of %i octets on the wire',
    (octets) => {
      const text = [63, 63, 62, octets - 193].map((n) => 'a'.repeat(n)).join('.');
      const result = parseName(`${text}.`);
      expect(result.ok).toBe(octets <= 255);
      if (result.ok) expect(result.value.wire.length).toBe(octets);
    },
  );

  test('\\DDD and \\X are octets, so an escaped dot separates nothing', () => {
    expect(nameOf('a\\.b.').labelCount).toBe(1);
    expect(nameOf('a\\046b.').labelCount).toBe(1);
    expect(nameOf('a\\\\.b.').labelCount).toBe(2);
  });

  test('UTF-8 of any length becomes octets', () => {
    const text = 'é'.repeat(300_000);
    expect(octetsOf(text).length).toBe(600_000);
    expect(latin1Of(Uint8Array.of(0, 0x80, 0xff))).toBe('\x00\x80\xff');
  });
});

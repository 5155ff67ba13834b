import { isIPv4, isIPv6 } from 'node:net';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIPv4, parseIPv6, printIPv4, printIPv6 } from '../../src/wire/ip-address.ts';

test('addresses come back', () => {
  const some = (octets: number): fc.Arbitrary<Uint8Array> =>
    fc
      .array(fc.oneof(fc.constant(0), fc.constant(0), fc.nat(255)), {
        minLength: octets,
        maxLength: octets,
      })
      .map((values) => Uint8Array.from(values));
  fc.assert(
    fc.property(some(4), some(16), (four, six) => {
      expect(parseIPv4(printIPv4(four))).toEqual(four);
      expect(parseIPv6(printIPv6(six))).toEqual(six);
    }),
  );
});

test.each([
  ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::ffff:c000:201', '::ffff:192.0.2.1'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['1:0:0:0:0:0:0:0', '1::'],
])('%s is printed as RFC 5952 §4 says', (text, printed) => {
  expect(printIPv6(parseIPv6(text)!)).toBe(printed);
});

test.each([
  ...['1.2.3', '1.2.3.4.5', '01.2.3.4', '256.1.1.1', '1.2.3.4 ', '1..2.3', '0x1.2.3.4', ''],
  ...['1.2.3.-4', '1.2.3.4:53'],
])('%j is no IPv4 address', (text) => {
  expect(parseIPv4(text)).toBeUndefined();
  expect(isIPv4(text)).toBe(false);
});

test.each([
  ...[
    '::1::',
    ':::',
    ':1',
    '1:',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::g',
    '::1.2.3',
  ],
  ...['1.2.3.4::', '1:2:3:4:5:6:7:1.2.3.4', ''],
])('%j is no IPv6 address', (text) => {
  expect(parseIPv6(text)).toBeUndefined();
  expect(isIPv6(text)).toBe(false);
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  addressFamily,
  addressToBytes,
  bytesToAddress,
  canonicalEndpointAddress,
  endpointFamily,
  familyOfAddress,
  formatEndpoint,
  parseEndpoint,
} from '../../src/net/address.ts';

const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  // Many zero octets, so that runs to compress come up.
  fc
    .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), {
      minLength: length,
      maxLength: length,
    })
    .map((octets) => Uint8Array.from(octets));

describe('octets to text to octets', () => {
  test.each([4, 16])('any %i octets come back', (length) => {
    fc.assert(
      fc.property(bytesOf(length), (bytes) => {
        expect(addressToBytes(bytesToAddress(bytes))).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([4, 16])('the family of any %i octets shows without reading them', (length) => {
    fc.assert(
      fc.property(bytesOf(length), (bytes) => {
        const text = bytesToAddress(bytes);
        expect(familyOfAddress(text)).toBe(endpointFamily(text));
      }),
    );
  });

  test('any text is an address or none, and never an exception', () => {
    const characters = fc.constantFrom(...'0123456789abcdefFg.:%[]-+ '.split(''));
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 60 }), (text) => {
        const bytes = addressToBytes(text);
        expect([undefined, 4, 16]).toContain(bytes?.length);
        parseEndpoint(text, 53);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('RFC 5952: the canonical text of an IPv6 address', () => {
  test.each([
    ['2001:0db8::0001', '2001:db8::1', '§4.1 leading zeros'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1', '§4.2.1 as short as possible'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1', '§4.2.2 one zero group stays'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1', '§4.2.3 the longest run'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1', '§4.2.3 the first of equal runs'],
    ['2001:DB8::ABCD', '2001:db8::abcd', '§4.3 lower case'],
    ['::ffff:c000:201', '::ffff:192.0.2.1', '§5 the IPv4-mapped prefix'],
    ['0:0:0:0:0:0:0:0', '::', 'all zero'],
    ['1::', '1::', 'a run at the end'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', 'a run of one'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221', 'a dotted quad elsewhere'],
  ])('%s is %s (%s)', (text, canonical) => {
    expect(canonicalEndpointAddress(text)).toBe(canonical);
  });
});

test.each([
  '',
  '999.1.1.1',
  '256.0.0.1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.',
  '01.2.3.4',
  '1.2.3.4 ',
  '0x7f.0.0.1',
  '2130706433',
  '::1::',
  ':::',
  ':',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '12345::',
  ':1::2',
  '1::2:',
  '1.2.3.4::',
  '::1.2.3.4:5',
  '::1.2.3',
  'fe80::1%eth0',
  'g::1',
  'localhost',
  '1'.repeat(100_000),
])('%.40s is not an address', (text) => {
  expect(addressToBytes(text)).toBeUndefined();
  expect(addressFamily(text)).toBeUndefined();
});

test('a zone id belongs to IPv6 endpoints only', () => {
  expect(endpointFamily('fe80::1%eth0')).toBe(6);
  expect(canonicalEndpointAddress('FE80::1%eth0')).toBe('fe80::1%eth0');
  expect(endpointFamily('fe80::1%')).toBeUndefined();
  expect(endpointFamily('127.0.0.1%lo')).toBeUndefined();
});

describe('endpoints', () => {
  test.each([
    ['127.0.0.1', { address: '127.0.0.1', port: 53 }],
    ['127.0.0.1:5301', { address: '127.0.0.1', port: 5301 }],
    ['0.0.0.0:0', { address: '0.0.0.0', port: 0 }],
    ['::', { address: '::', port: 53 }],
    ['[::1]', { address: '::1', port: 53 }],
    ['[2001:DB8::1]:5353', { address: '2001:db8::1', port: 5353 }],
    ['[fe80::1%eth0]:53', { address: 'fe80::1%eth0', port: 53 }],
  ])('%s is read', (text, endpoint) => {
    expect(parseEndpoint(text, 53)).toEqual(endpoint);
    expect(parseEndpoint(formatEndpoint(endpoint), 1)).toEqual(endpoint);
  });

  test.each([
    ['', 'the address is empty'],
    ['localhost:53', "'localhost' is not an IP address"],
    ['127.0.0.1:', "'' is not a port (0 to 65535)"],
    ['127.0.0.1:65536', "'65536' is not a port (0 to 65535)"],
    ['127.0.0.1:-1', "'-1' is not a port (0 to 65535)"],
    ['[::1', "']' is missing in '[::1'"],
    ['[::1]53', "expected ':PORT' after ']' in '[::1]53'"],
    ['[127.0.0.1]:53', "only IPv6 addresses stand in brackets, not '127.0.0.1'"],
    ['::1::', "'::1::' is not an IP address"],
  ])("'%s' is refused, and the problem is named", (text, problem) => {
    expect(parseEndpoint(text, 53)).toEqual({ problem });
  });
});

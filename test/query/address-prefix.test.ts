import { expect, it } from 'vitest';
import { isWithin, LOOPBACK_PREFIXES, parsePrefix } from '../../src/query/address-prefix.ts';

it.each([
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['192.0.2.128/25', '192.0.2.127', false],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/33', '2001:db8:7fff::1', true],
  ['2001:db8::/33', '2001:db8:8000::1', false],
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '::ffff:192.0.2.7', true],
  ['fe80::/10', 'fe80::1%eth0', true],
])('%s holds %s: %s', (prefix, address, expected) => {
  expect(isWithin(address, [parsePrefix(prefix)!])).toBe(expected);
});

it.each(['', '192.0.2.0/33', '192.0.2.0/-1', '192.0.2/24', '::/129', '1.2.3.4/8/9', 'x/8'])(
  "'%s' is no prefix",
  (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  },
);

it('loopback means this machine and no other', () => {
  expect(isWithin('127.8.9.1', LOOPBACK_PREFIXES)).toBe(true);
  expect(isWithin('::1', LOOPBACK_PREFIXES)).toBe(true);
  expect(isWithin('::2', LOOPBACK_PREFIXES)).toBe(false);
});

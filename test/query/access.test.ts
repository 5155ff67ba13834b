import { describe, expect, it } from 'vitest';
import { endpointOctets } from '../../src/net/address.ts';
import { AccessTable, type Access } from '../../src/query/access.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';

function tableOf(rules: Readonly<Record<string, Access>>): AccessTable {
  return new AccessTable(
    Object.entries(rules).map(([text, access]) => ({ prefix: parsePrefix(text)!, access })),
  );
}

describe('of the prefixes that hold an address the longest decides', () => {
  const table = tableOf({
    '10.0.0.0/8': 'recurse',
    '10.1.0.0/16': 'refuse',
    '10.1.2.0/24': 'recurse',
    '10.1.2.3': 'drop',
    '2001:db8::/32': 'recurse',
    '2001:db8:0:ff::/64': 'drop',
    '192.0.2.128/25': 'refuse',
  });

  it.each([
    ['10.9.9.9', 'recurse'],
    ['10.1.9.9', 'refuse'],
    ['10.1.2.9', 'recurse'],
    ['10.1.2.3', 'drop'],
    ['192.0.2.127', 'serve'],
    ['192.0.2.128', 'refuse'],
    ['11.0.0.1', 'serve'],
    ['2001:db8::1', 'recurse'],
    ['2001:db8:0:ff::1', 'drop'],
    ['2001:db8:0:fe::1', 'recurse'],
    ['2001:db9::1', 'serve'],
  ])('%s: %s', (address, access) => {
    expect(table.of(endpointOctets(address))).toBe(access);
  });
});

it('a prefix of no bits is everybody of its family', () => {
  const table = tableOf({ '0.0.0.0/0': 'recurse' });
  expect(table.of(endpointOctets('203.0.113.1'))).toBe('recurse');
  expect(table.of(endpointOctets('2001:db8::1'))).toBe('serve');
});

it('of two rules for one prefix the strictest holds, whatever their order', () => {
  const rules = [
    { prefix: parsePrefix('10.0.0.0/8')!, access: 'recurse' as const },
    { prefix: parsePrefix('10.0.0.0/8')!, access: 'drop' as const },
  ];
  for (const order of [rules, rules.toReversed()]) {
    expect(new AccessTable(order).of(endpointOctets('10.0.0.1'))).toBe('drop');
  }
});

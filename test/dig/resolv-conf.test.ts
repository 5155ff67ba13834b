import { expect, test } from 'vitest';

import { nameServersOf } from '../../src/dig/resolv-conf.ts';

test('servers in the order of the file', () => {
  const text = '# by hand\nsearch example.com\nnameserver 192.0.2.53\nnameserver\t2001:DB8::53 \n';
  expect(nameServersOf(text)).toEqual(['192.0.2.53', '2001:db8::53']);
});

test('a server on a link of its own', () => {
  expect(nameServersOf('nameserver fe80::1%eth0')).toEqual(['fe80::1%eth0']);
});

test('no more than the C library reads', () => {
  const text = [1, 2, 3, 4].map((n) => `nameserver 192.0.2.${n}`).join('\n');
  expect(nameServersOf(text)).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3']);
});

test.each([
  ['no file', undefined],
  ['an empty file', ''],
  ['comments', '#nameserver 192.0.2.1\n;nameserver 192.0.2.2\n nameserver 192.0.2.3\n'],
  ['what is no address', 'nameserver ns.example\nnameserver 192.0.2.256\nnameserver\n'],
])('%s means this machine', (_, text) => {
  expect(nameServersOf(text)).toEqual(['127.0.0.1']);
});

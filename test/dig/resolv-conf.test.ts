import { expect, test } from 'vitest';

import { systemConfigurationOf } from '../../src/dig/resolv-conf.ts';

const nameServersOf = (text?: string): readonly string[] => systemConfigurationOf(text).nameServers;

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

test('the search list and what dig heeds of the options', () => {
  const text = 'domain a.example\nsearch b.example c.example\noptions ndots:2 debug timeout:7\n';
  expect(systemConfigurationOf(text)).toMatchObject({
    search: ['b.example', 'c.example'],
    ndots: 2,
    timeoutSeconds: 7,
    attempts: 3,
  });
  expect(systemConfigurationOf('search a b\ndomain c d\noptions attempts:0 ndots:x')).toMatchObject(
    {
      search: ['c'],
      ndots: 1,
      timeoutSeconds: undefined,
      attempts: 3,
    },
  );
});

/** Private addresses in the answers of public names (DNS rebinding). */
import { expect, test } from 'vitest';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { COM, COM_ZONE, EXAMPLE, Internet, ROOT, ROOT_ZONE, zone } from './fixture.ts';

const ZONE = `
  @     60 SOA   ns hostmaster 1 1800 900 604800 60
  ns    60 A     ${EXAMPLE}
  a     60 A     10.0.0.1
  both  60 A     192.168.1.1
  both  60 A     192.0.2.1
  alias 60 CNAME a
  map   60 AAAA  ::ffff:10.0.0.1
  ula   60 AAAA  fd00::1
  svc   60 HTTPS 1 . ipv4hint=192.0.2.1,10.0.0.1
  svc   60 HTTPS 2 . ipv6hint=2001:db8::1
  hint6 60 SVCB  1 . alpn=h2 ipv6hint=fd00::1
`;

const privateAddresses = ['10.0.0.0/8', '192.168.0.0/16', 'fd00::/8'].map((text) =>
  parsePrefix(text)!,
);

async function ask(options: object, name: string, type: string): Promise<string> {
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', COM_ZONE));
  await internet.serve(EXAMPLE, zone('example.com.', ZONE));
  const resolver = internet.resolver(options);
  const first = await internet.ask(resolver, name, type);
  // Out of the cache it is the same.
  const kept = await internet.ask(resolver, name, type);
  expect(kept.replaceAll(' 59 ', ' 60 ')).toBe(first.replaceAll(' 59 ', ' 60 '));
  return first;
}

test.each([
  ['a.example.com.', 'A', 'NOERROR'],
  ['both.example.com.', 'A', 'NOERROR: both.example.com. 60 A 192.0.2.1'],
  ['alias.example.com.', 'A', 'NOERROR: alias.example.com. 60 CNAME a.example.com.'],
  ['map.example.com.', 'AAAA', 'NOERROR'],
  ['ula.example.com.', 'AAAA', 'NOERROR'],
  ['svc.example.com.', 'HTTPS', 'NOERROR: svc.example.com. 60 HTTPS 2 . ipv6hint=2001:db8::1'],
  ['hint6.example.com.', 'SVCB', 'NOERROR'],
])('%s %s', async (name, type, expected) => {
  expect(await ask({ privateAddresses }, name, type)).toBe(expected);
  const privateDomains = [nameOf('example.com.')];
  expect(await ask({ privateAddresses, privateDomains }, name, type)).not.toBe(expected);
  expect(await ask({}, name, type)).not.toBe(expected);
});

test('nor do they get in with the parts of a longer name', async () => {
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', COM_ZONE));
  await internet.serve(EXAMPLE, zone('example.com.', ZONE));
  const resolver = internet.resolver({ privateAddresses });
  await internet.ask(resolver, 'x.y.a.example.com.');
  expect(internet.takeAsked()).toContain(`${EXAMPLE} a.example.com. A`);
  expect(await internet.ask(resolver, 'a.example.com.')).toBe('NOERROR');
});

import { expect, it } from 'vitest';
import { hintsFrom } from '../../src/app/hints.ts';
import { DnsName } from '../../src/wire/name.ts';
import { parseMasterFile } from '../../src/zone/master-file.ts';

function hints(text: string): ReturnType<typeof hintsFrom> {
  const octets = new TextEncoder().encode(text);
  return hintsFrom(parseMasterFile(octets, { file: 'hints', origin: DnsName.root }).records);
}

it('each root server comes with all its addresses', () => {
  const result = hints(`
. 1 NS a.root.
. 1 NS b.root.
a.root. 1 A 192.0.2.1
a.root. 1 AAAA 2001:db8::1
b.root. 1 A 192.0.2.2
other.root. 1 A 192.0.2.3
`);
  if (!result.ok) throw new Error(result.error);
  expect(result.value.map(({ name, addresses }) => [name.toString(), addresses])).toEqual([
    ['a.root.', ['192.0.2.1', '2001:db8::1']],
    ['b.root.', ['192.0.2.2']],
  ]);
});

it('a server without address is left out while others have one', () => {
  const result = hints('. 1 NS a.root.\n. 1 NS b.root.\nb.root. 1 A 192.0.2.2\n');
  if (!result.ok) throw new Error(result.error);
  expect(result.value).toHaveLength(1);
});

it.each([
  ['com. 1 NS a.root.\na.root. 1 A 192.0.2.1\n', /no NS record of the root/],
  ['. 1 NS a.root.\n', /has an address/],
])('hints that lead nowhere are refused', (text, message) => {
  expect(hints(text)).toMatchObject({ ok: false, error: expect.stringMatching(message) as string });
});

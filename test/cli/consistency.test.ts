/** Configurations whose keys are right one by one, and wrong together or on this machine. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkedConfig, readConfig } from '../../src/cli/config/file.ts';
import { parseConfig } from '../../src/cli/config/parse.ts';

function problemsOf(text: string): readonly string[] {
  const parsed = parseConfig('c.yaml', new TextEncoder().encode(text));
  if (parsed.ok) return [];
  return parsed.error.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

describe('a contradiction is told at its place', () => {
  it.each([
    ['resolver: {stubs: {zone: corp}}', ['1:19 no-servers']],
    ['resolver:\n  stubs:\n  - {zone: a, names: ns.a}\n  - zone: b\n', ['4:5 no-servers']],
    ['resolver: {forwards: [{zone: ., addresses: []}]}', ['1:23 no-servers']],
    [
      'resolver:\n  forwards:\n  - {zone: a, addresses: 192.0.2.1}\n  - {zone: A., addresses: 192.0.2.2}\n',
      ['4:5 zone-twice'],
    ],
    [
      'resolver:\n  forwards: {zone: a, addresses: 192.0.2.1}\n  stubs: {zone: a, addresses: 192.0.2.1}\n',
      ['3:17 zone-twice'],
    ],
    [
      'resolver: {local-zones: [{name: a, kind: static}, {name: a, kind: deny}]}',
      ['1:51 zone-twice'],
    ],
    ['access: {drop: [10.0.0.0/8], refuse: 10.1.2.3/8}', ['1:17 two-lists']],
    ['access: {drop: 10.0.0.0/8, refuse: 10.0.0.0/9, recursion: "::1"}', []],
    ['access: {recursion: "2001:db8::/32", refuse: "2001:db8::/32"}', ['1:46 two-lists']],
    ['resolver: {cache: {ttl-seconds: 5, ttl-seconds-min: 6}}', ['1:53 empty-range']],
    ['resolver: {cache: {ttl-seconds-min: 100000}}', ['1:37 empty-range']],
    ['resolver: {cache: {failure-seconds-max: 1}}', ['1:41 empty-range']],
    ['resolver: {cache: {negative-ttl-seconds-min: 3600}}', []],
    ['workers: 2\nio: dgram\n', ['2:5 workers-and-dgram']],
    ['workers: 1\nio: dgram\n', []],
    ['resolver: {forwards: {zone: ., addresses: [127.0.0.1, 192.0.2.1]}}', ['1:44 never-asked']],
    ['resolver: {forwards: {zone: ., addresses: 127.0.0.1, port: 5353}}', []],
    ['resolver: {allow-loopback: true, stubs: {zone: a, addresses: 127.0.0.1}}', []],
    ['listen: 192.0.2.1\nresolver: {stubs: {zone: a, addresses: 192.0.2.1}}', ['2:40 never-asked']],
    ['listen: 192.0.2.1:54\nresolver: {stubs: {zone: a, addresses: 192.0.2.1}}', []],
  ])('%j', (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});

it.each([
  ['127.0.0.1', 'for loopback addresses give the port, or resolver.allow-loopback'],
  ['192.0.2.1', 'this server listens there, or resolver.do-not-query forbids it; a port of its'],
  ['224.0.0.1', 'no server has such an address'],
])('why %s is never asked is told: %s', (address, reason) => {
  const text = `listen: 192.0.2.1\nresolver: {forwards: {zone: ., addresses: ${address}}}`;
  const parsed = parseConfig('c.yaml', new TextEncoder().encode(text));
  const told = parsed.ok ? '' : parsed.error[0]!.message;
  expect(told).toContain(`${address} would never be asked: ${reason}`);
});

describe('files that a configuration names', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ts-dns-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const missing = `zones: [{file: a.zone}, {file: b.zone}]
zone-folders: [there, nowhere]
control: no/control
cache-file: no/cache
resolver: {root-hints: there}
`;

  it('that are not there, or are something else, are told with their places', async () => {
    const file = join(folder, 'c.yaml');
    writeFileSync(file, missing);
    writeFileSync(join(folder, 'a.zone'), '');
    mkdirSync(join(folder, 'there'));
    const checked = await checkedConfig(file);
    const told = checked.ok ? [] : checked.error;
    expect(told.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      `1:32 cannot read ${join(folder, 'b.zone')}: no such file`,
      `2:23 there is no folder ${join(folder, 'nowhere')}`,
      `3:10 there is no folder ${join(folder, 'no')}`,
      `4:13 there is no folder ${join(folder, 'no')}`,
      `5:24 cannot read ${join(folder, 'there')}: it is a directory`,
    ]);
  });

  it('are what serve says too, before it does anything', async () => {
    const file = join(folder, 'c.yaml');
    writeFileSync(file, missing);
    await expect(readConfig(file)).rejects.toThrow(/c\.yaml:1:16: error: cannot read .*a\.zone/);
    await expect(readConfig(file)).rejects.toThrow(/not used because of 7 errors/);
  });
});

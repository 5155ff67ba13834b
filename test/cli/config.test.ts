import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/cli/config/config.ts';
import { configOf, overlay, withPathsFrom } from '../../src/cli/config/overlay.ts';
import { parseConfig } from '../../src/cli/config/parse.ts';
import { configuration } from '../../src/cli/config/schema.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { formatProblem } from '../../src/zone/problem.ts';
import { referenceOf } from './config-reference.ts';

const DOCUMENT = new URL('../../docs/configuration.md', import.meta.url);
const EXAMPLE = new URL('../../docs/ts-dns.example.yaml', import.meta.url);

function parse(text: string): Config {
  const parsed = parseConfig('c.yaml', new TextEncoder().encode(text));
  if (!parsed.ok) throw new Error(parsed.error.map(formatProblem).join('\n'));
  return parsed.value;
}

function problemsOf(text: string): readonly string[] {
  const parsed = parseConfig('c.yaml', new TextEncoder().encode(text));
  return parsed.ok ? [] : parsed.error.map(formatProblem);
}

describe('a configuration file', () => {
  it('has local data as records, and the kinds of local zones by name', () => {
    const text = `
resolver:
  local-zones: {name: corp.example, kind: static}
  local-data: [host.corp.example 60 IN A 192.0.2.1, 'corp.example TXT "a b"']
  serve-stale: {}
`;
    const data = parse(text).resolver?.localData?.map(({ name, type, ttl }) => {
      return `${name.toString()} ${ttl} ${type}`;
    });
    expect(data).toEqual(['host.corp.example. 60 1', 'corp.example. 3600 16']);
    expect(parse(text).resolver?.serveStale).toEqual({});
    expect(problemsOf('resolver: {local-data: host. A 192.0.2}')[0]).toContain('a record such as');
    expect(problemsOf('resolver: {local-zones: {name: a, kind: b}}')[0]).toContain('static');
    expect(problemsOf('answers: {cache-octets: 3 GiB}')[0]).toContain('at most 2 GiB');
  });

  it('says in values what it says in text', () => {
    const text = `
listen: 192.0.2.1
zones:
  - {file: a.zone, origin: a.example}
  - file: b.zone
access: {recursion: ['2001:db8::/32', 192.0.2.7]}
answers: {cache-octets: 256 MiB}
resolver:
  use-ipv6: false
  limits: {query-ms: 4000}
  cache: {record-octets: 2 MiB, records-per-rrset: 7, octets-per-rrset: 512}
`;
    expect(parse(text)).toEqual({
      listen: [{ address: '192.0.2.1', port: 53 }],
      zones: [{ file: 'a.zone', origin: nameOf('a.example.') }, { file: 'b.zone' }],
      access: { recursion: [parsePrefix('2001:db8::/32'), parsePrefix('192.0.2.7')] },
      answers: { cacheOctets: 268_435_456 },
      resolver: {
        useIPv6: false,
        limits: { queryMs: 4000 },
        cache: { recordOctets: 2 * 2 ** 20, recordsPerRRset: 7, octetsPerRRset: 512 },
      },
    });
  });

  it.each(['', '# nothing\n', '{}', '---\n'])('may be empty: %j', (text) => {
    expect(parse(text)).toEqual({});
  });

  it('everything wrong in it is said at once, with place, line and caret', () => {
    const text = `listen: [127.0.0.1:99999]
recusion: true
acess: {}
access:
  recursion: [10.0.0.0/8, 10.0.0.0/33]
resolver:
  limits:
    query-ms: soon
zones:
  - origin: a.example
`;
    expect(problemsOf(text)).toEqual([
      [
        "c.yaml:1:10: error: expected an address and port such as 127.0.0.1:53 or '[::1]:53'",
        'listen: [127.0.0.1:99999]',
        '         ^~~~~~~~~~~~~~~',
      ].join('\n'),
      [
        "c.yaml:2:1: error: there is no key 'recusion' here: is it 'recursion'?",
        'recusion: true',
        '^~~~~~~~',
      ].join('\n'),
      [
        "c.yaml:3:1: error: there is no key 'acess' here: is it 'access'?",
        'acess: {}',
        '^~~~~',
      ].join('\n'),
      [
        'c.yaml:5:27: error: expected an address or prefix such as 192.0.2.0/24',
        '  recursion: [10.0.0.0/8, 10.0.0.0/33]',
        '                          ^~~~~~~~~~~',
      ].join('\n'),
      [
        'c.yaml:8:15: error: expected milliseconds: a whole number from 1 to 3600000',
        '    query-ms: soon',
        '              ^~~~',
      ].join('\n'),
      [
        "c.yaml:10:5: error: the key 'file' is missing",
        '  - origin: a.example',
        '    ^~~~~~~~~~~~~~~~~',
      ].join('\n'),
    ]);
  });

  it.each([
    ['a: [', /^c\.yaml:1:5: error: Flow sequence in block collection .*\na: \[\n {4}\^$/],
    ['recursion: true\nrecursion: false\n', /^c\.yaml:2:1: error: Map keys must be unique/],
    ['recursion: yes\n', /^c\.yaml:1:12: error: expected true or false\nrecursion: yes\n/],
    ['clients: {rate-limit: {ipv6-bits: 128}}', /^c\.yaml:1:35: error: expected bits/],
    ['- a\n', /^c\.yaml:1:1: error: expected keys with values, such as listen, io/],
    ['resolver: 5\n', /^c\.yaml:1:11: error: expected keys with values, such as root-hints/],
    ['resolver:\n', /^c\.yaml:1:\d+: error: expected keys with values/],
    ['frobnicate: 1\n', /there is no key 'frobnicate' here: known are listen, io, /],
    [`identity: {id: ${'é'.repeat(128)}}\n`, /expected text of at most 255 octets/],
    ['identity: {id: 12}\n', /expected text \(in quotes where it looks like a number\)/],
    ['listen: *nowhere\n', /^c\.yaml:1:1: error: Unresolved alias/],
    ['identity: {id: "ä", versio: 1}', /^c\.yaml:1:21: error: there is no key 'versio' here/],
  ])('%j', (text, pattern) => {
    const [first = 'no problem'] = problemsOf(text);
    expect(first).toMatch(pattern);
  });

  it('octets that are no UTF-8 and a billion laughs end in errors, not in exceptions', () => {
    expect(parseConfig('c.yaml', Uint8Array.of(0xff, 0xfe, 0x00, 0x3a)).ok).toBe(false);
    const laughs = Array.from({ length: 30 }, (_, i) => {
      const before = i === 0 ? 'x' : `*a${i - 1}, *a${i - 1}`;
      return `k${i}: &a${i} [${before}]`;
    });
    expect(problemsOf(laughs.join('\n'))[0]).toMatch(/c\.yaml:1:1: error: .*alias/);
  });
});

describe('the command line above a file', () => {
  const file = parse('listen: 127.0.0.1:1\nanswers: {rotate: true, any: full}\nlog-level: warn\n');

  it('overrides key by key, and leaves the rest', () => {
    const given = configOf({ any: 'minimal', minimalResponses: true, logLevel: 'error' });
    expect(overlay(file, given)).toEqual({
      listen: [{ address: '127.0.0.1', port: 1 }],
      answers: { rotate: true, any: 'minimal' },
      logLevel: 'error',
      identity: {},
      access: {},
      resolver: {},
    });
  });

  it('an option that nobody gave overrides nothing', () => {
    const minimal = parse('answers: {minimal: false}');
    expect(overlay(minimal, configOf({ minimalResponses: true })).answers).toEqual({
      minimal: false,
    });
  });
});

it('files lie beside the configuration that names them', () => {
  const config = parse('zones: {file: a.zone}\nzone-folders: /z\nresolver: {root-hints: ../h}\n');
  expect(withPathsFrom('/etc/ts-dns/c.yaml', config)).toMatchObject({
    zones: [{ file: '/etc/ts-dns/a.zone' }],
    zoneFolders: ['/z'],
    resolver: { rootHints: '/etc/h' },
  });
});

describe('documents', () => {
  it('the example is a configuration', () => {
    expect(parse(readFileSync(EXAMPLE, 'utf8')).recursion).toBe(true);
  });

  // `npx vitest run --update=all test/cli/config.test.ts` writes it again.
  it('the reference has every key', async () => {
    const [introduction] = readFileSync(DOCUMENT, 'utf8').split('\n### ', 1);
    const reference = referenceOf(configuration);
    await expect(`${introduction}\n${reference}`).toMatchFileSnapshot(DOCUMENT.pathname);
  });
});

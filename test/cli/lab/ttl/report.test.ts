import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';

import { main } from '../../../../src/cli/ts-dns.ts';
import { type Captured, captured } from '../../captured.ts';

const examples = fileURLToPath(new URL('../../../../docs/lab/ttl', import.meta.url));
let folder: string;
let file: string;

/** The example, shorter; `edits` are pairs of what stands there and what is to stand there. */
function writeExample(...edits: readonly (readonly [string, string])[]): void {
  const all = [['duration: 12h', 'duration: 40m'] as const, ...edits];
  const text = readFileSync(join(examples, 'what-it-costs.yaml'), 'utf8');
  const edited = all.reduce((before, [from, to]) => {
    expect(before).toContain(from);
    return before.replace(from, to);
  }, text);
  writeFileSync(file, edited);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ttl-'));
  file = join(folder, 's.yaml');
  cpSync(examples, folder, { recursive: true });
  return () => rmSync(folder, { recursive: true });
});

function lab(...words: string[]): Promise<Captured> {
  return captured(() => main(['lab', 'ttl', ...words]));
}

test('a page has every picture, theory beside what was measured, and needs no network', async () => {
  writeExample(['[5, 15, 30, 60, 120, 300, 700]', '[5, 30]']);
  const page = join(folder, 'page.html');
  const run = await lab(file, '--html', page);
  expect(run).toMatchObject({ status: 0, err: '' });
  expect(run.out).toMatch(/^least cost: ttl 30, 0\.0\d+ a second; theory has T\* = 77 s$/m);
  const html = readFileSync(page, 'utf8');
  for (const words of [
    'Hit ratio against ttl',
    'What load buys of truth',
    'Cost against ttl',
    'costs least',
    'Staleness of www.example.com. A, ttl 30',
    'What caches hold of www.example.com. A, ttl 30',
    'Answers over time, ttl 30',
    'INFOCOM 2003',
    'of what was played',
    `repro: ts-dns lab ttl ${file}`.slice(7),
  ]) {
    expect(html.toLowerCase()).toContain(words.toLowerCase());
  }
  expect(html).not.toMatch(/(?:src|href)="https?:|@import|<script/);
  // Loading the library that draws takes long where much else runs.
}, 120_000);

test('a sweep over seeds plays each of them, and theory may be off by so many errors', async () => {
  writeExample(['[5, 15, 30, 60, 120, 300, 700]', '[5]\n  seeds: 3..5'], ['3.29se', '9se']);
  const run = await lab(file, '--json');
  expect(run).toMatchObject({ status: 0, err: '' });
  const rows = run.out.trim().split('\n');
  expect(rows.map((row) => (JSON.parse(row) as { readonly seed: string }).seed)).toEqual([
    '3',
    '4',
    '5',
  ]);
  // A TTL that the run is too short for is not passed over in silence.
  writeExample(['[5, 15, 30, 60, 120, 300, 700]', '[700]']);
  const long = await lab(file);
  expect(long.status).toBe(1);
  expect(long.out).toContain(
    'expected: hitRatio within 3.29 standard errors of theory: too short to be judged',
  );
});

test.each([
  [['--rate', '5'], "--rate: expected a rate with its unit, such as 5/s or 1/day, got '5'"],
  [['--change', '1/fortnight'], '--change: expected a rate with its unit'],
  [['--duration', '3'], "--duration: expected a duration such as 2h or 30d, got '3'"],
  [['--costs', '1'], "--costs: expected QUERY:STALE, such as 1:10, got '1'"],
])('%j: refused, and nothing is half-written', async (words, message) => {
  const out = join(folder, 'out');
  const zone = join(folder, 'shop-before.zone');
  const quick = ['--zone', zone, '--name', 'www.shop.example', '--rate', '5/s', '--out', out];
  const run = await lab(...quick, ...words);
  expect(run).toMatchObject({ status: 2, out: '' });
  expect(run.err).toContain(message);
  expect(existsSync(out)).toBe(false);
});

test('a zone that does not parse is told at its own place, once, whoever serves it', async () => {
  writeExample();
  writeFileSync(join(folder, 'example.zone'), 'www 60 IN A 1.2.3\n');
  const run = await lab(file);
  expect(run).toMatchObject({ status: 2, out: '' });
  const lines = run.err.split('\n');
  expect(lines[0]).toMatch(/example\.zone:1:13: error: expected an IPv4 address/);
  expect(run.err.match(/expected an IPv4/g)).toHaveLength(1);
  expect(run.err).toContain('this zone does not load');
  expect(run.err).not.toContain('\\u{a}');
  expect(run.err).not.toContain('no zone has');
});

test('a scenario and the options that make one do not go together', async () => {
  writeExample();
  const run = await lab(file, '--rate', '5/s');
  expect(run).toMatchObject({ status: 2, out: '' });
  expect(run.err).toContain('--rate makes a scenario, and one is given');
});

test('a sweep of a million runs is refused before the first', async () => {
  writeExample(['[5, 15, 30, 60, 120, 300, 700]', '[5]\n  seeds: 1..1000000']);
  const run = await lab(file);
  expect(run).toMatchObject({ status: 2, out: '' });
  expect(run.err).toBe('ts-dns: the sweep is of 1000000 runs, and at most 10000 are made\n');
});

test.each([
  ['low-vs-high.yaml', [], 'it has 2 resolvers, and one is replaced by a real one'],
  ['what-it-costs.yaml', ['--scale', '20'], 'its TTL is 3 s, and resolvers count whole seconds'],
  ['real.yaml', ['--resolver', 'dnsmasq'], "expected ts-dns, unbound, bind, got 'dnsmasq'"],
  ['real.yaml', ['--scale', '0'], '--scale: expected how many times shorter'],
  ['real.yaml', ['--set', 'seconds=20'], 'it is to last for more than two TTLs'],
])('--real with %s %j is refused with the reason', async (name, words, message) => {
  const run = await lab(join(examples, name), '--real', ...words);
  expect(run).toMatchObject({ status: 2, out: '' });
  expect(run.err).toContain(message);
});

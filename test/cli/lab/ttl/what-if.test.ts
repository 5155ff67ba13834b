import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';

import { main } from '../../../../src/cli/ts-dns.ts';
import { type Captured, captured } from '../../captured.ts';

const scenario = fileURLToPath(
  new URL('../../../../docs/lab/ttl/what-it-costs.yaml', import.meta.url),
);

const ZONE = `$ORIGIN my.example.
$TTL 3600
@ SOA ns1 hostmaster 1 7200 900 1209600 300
@ NS ns1
@ NS ns2
ns1 A 192.0.2.53
ns2 A 192.0.2.54
www A 192.0.2.80
`;

/** www was fetched half an hour ago, and has been replaced since; everything else is the zone's. */
const DUMP = `ts-dns-cache 1 1700000000000
delegation 1700086400000 my.example. ns1.my.example. 192.0.2.53 ns2.my.example. 192.0.2.54
records 1700001800000 3 1/1 www.my.example. A 192.0.2.8
end 2
`;

let folder: string;
let dump: string;
let zone: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'what-if-'));
  dump = join(folder, 'cache.dump');
  zone = join(folder, 'my.zone');
  writeFileSync(dump, DUMP);
  writeFileSync(zone, ZONE);
  return () => rmSync(folder, { recursive: true });
});

function whatIf(...words: string[]): Promise<Captured> {
  return captured(() => main(['lab', 'what-if', ...words]));
}

interface Told {
  readonly value: string;
  readonly ttlSeconds?: number;
  readonly staleMs: number;
  readonly truth?: string;
  readonly tookMs: number;
  readonly explanation: { readonly steps: readonly { readonly text: string }[] };
}

async function answers(...words: string[]): Promise<{ usual: Told; other: Told | undefined }> {
  const run = await whatIf(...words, '--json');
  expect(run).toMatchObject({ status: 0, err: '' });
  const { asItIs, answers: other } = JSON.parse(run.out) as {
    readonly asItIs: readonly Told[];
    readonly answers?: readonly Told[];
  };
  return { usual: asItIs[0]!, other: other?.[0] };
}

describe('a recorded cache', () => {
  test('answers what it holds, as long as it holds it, and says that it is untrue', async () => {
    const { usual } = await answers('--dump', dump, '--zone', zone, '--at', 'T+20m');
    expect(usual).toMatchObject({ value: '192.0.2.8', truth: '192.0.2.80', tookMs: 2 });
    expect(usual.ttlSeconds).toBeGreaterThan(590);
    expect(usual.ttlSeconds).toBeLessThanOrEqual(600);
    expect(usual.explanation.steps[0]?.text).toMatch(/^cache hit: www\.my\.example\. A/);
  });

  test('asks its servers when the record is over; the other one when one is dead', async () => {
    const at = ['--dump', dump, '--zone', zone, '--at', '3h'];
    const { usual, other } = await answers(...at, '--dead', 'ns1', '--dead', 'ns2');
    expect(usual).toMatchObject({ value: '192.0.2.80', ttlSeconds: 3600 });
    expect(other).toMatchObject({ value: 'SERVFAIL' });
    expect(other!.tookMs).toBeGreaterThan(1000);
    const why = other!.explanation.steps.map(({ text }) => text).join('\n');
    expect(why).toContain('asked 192.0.2.53 for www.my.example. A: timed out');
    const { other: half } = await answers(...at, '--dead', 'ns1');
    expect(half).toMatchObject({ value: '192.0.2.80' });
  });

  test('with a TTL of 60 instead of 3600 would have forgotten the old address', async () => {
    const { usual, other } = await answers('--dump', dump, '--zone', zone, '--ttl', '60');
    expect(usual).toMatchObject({ value: '192.0.2.8' });
    expect(other).toMatchObject({ value: '192.0.2.80', ttlSeconds: 60 });
  });

  test('without a zone nobody answers beside it, which is said', async () => {
    const run = await whatIf('--dump', dump, '--at', 'T+3h');
    expect(run).toMatchObject({ status: 0, err: '' });
    expect(run.out).toContain('SERVFAIL');
    expect(run.out).toContain('--zone FILE says what its servers do');
  });
});

test('in a scenario clients have asked until then, and a long TTL lies', async () => {
  const { usual, other } = await answers(scenario, '--at', 'T+1h', '--ttl', '3600');
  expect(usual.staleMs).toBe(0);
  expect(other).toMatchObject({ value: '192.0.2.80' });
  expect(other!.staleMs).toBeGreaterThan(60_000);
  expect(other!.staleMs).toBeLessThanOrEqual(3_600_000);
});

test.each([
  [['--at', 'soon'], "--at: expected a time such as T+3h or 90s, got 'soon'"],
  [['--dead', 'ns9'], "--dead: there is no server 'ns9': is it 'ns1'?"],
  [['--ttl', 'x'], "--ttl: expected seconds from 0 to 2147483647, got 'x'"],
  [['--ttl', '60', '--ask', 'no.my.example'], '--ttl: no zone has the record no.my.example. A'],
  [['--set', 'a=1'], '--set goes with a scenario'],
  [['--ask', 'a..b'], "--ask: 'a..b' is no domain name"],
])('%j: one clear line', async (words, message) => {
  const run = await whatIf('--dump', dump, '--zone', zone, ...words);
  expect(run).toMatchObject({ status: 2, out: '' });
  expect(run.err).toContain(message);
  expect(run.err.trimEnd().split('\n')).toHaveLength(1);
});

test('a dump that is none, or is damaged, is told with its line', async () => {
  const none = await whatIf('--dump', zone);
  expect(none.err).toContain(`${zone}:1: this is no dump of a cache`);
  writeFileSync(dump, DUMP.replace('end 2', 'end 3'));
  const cut = await whatIf('--dump', dump, '--zone', zone);
  expect(cut).toMatchObject({ status: 2, out: '' });
  expect(cut.err).toContain(`${dump}: line 4: lines are missing before the end`);
  const late = await whatIf(scenario, '--at', '13h');
  expect(late.err).toBe('ts-dns: --at 13h: the scenario lasts for 12h\n');
});

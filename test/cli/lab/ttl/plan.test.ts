import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { main } from '../../../../src/cli/ts-dns.ts';
import { type Captured, captured } from '../../captured.ts';

const OLD = `$ORIGIN my.example.
$TTL 600
@ SOA ns h 1 1800 900 604800 300
@ NS ns
ns A 192.0.2.7
www A 192.0.2.8
`;

interface Files {
  readonly before?: string;
  readonly after: string;
  readonly parent?: string;
}

function plan({ before = OLD, after, parent }: Files, ...more: string[]): Promise<Captured> {
  const folder = mkdtempSync(join(tmpdir(), 'plan-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const files = ['--old', write('old.zone', before), '--new', write('new.zone', after)];
  const above = parent === undefined ? [] : ['--parent', write('parent.zone', parent)];
  return captured(() => main(['lab', 'plan', ...files, ...above, ...more]));
}

interface Proof {
  readonly cache: string;
  readonly misled: number;
  readonly failed: number;
  readonly lastAfterSeconds: number;
}

interface Told {
  readonly steps: readonly { readonly atSeconds: number; readonly text: string }[];
  readonly safeAfterSeconds: number;
  readonly movesNameServers: boolean;
  readonly planned: readonly Proof[];
  readonly impatient: readonly Proof[];
}

test('lower, wait for the old TTL, change, wait for the low one: nobody is misled', async () => {
  const after = OLD.replace('192.0.2.8', '203.0.113.80');
  const run = await plan({ after }, '--json', '--low-ttl', '30');
  expect(run).toMatchObject({ status: 0, err: '' });
  const told = JSON.parse(run.out) as Told;
  expect(told.steps.map(({ atSeconds }) => atSeconds)).toEqual([0, 600, 630, 630]);
  const misled = Object.fromEntries(told.planned.map((one) => [one.cache, one.misled]));
  const { 'keeps all for five minutes': lengthened, ...keepingTtls } = misled;
  expect(Object.values(keepingTtls)).toEqual([0, 0, 0, 0]);
  // What no plan can help: a cache that makes 300 seconds of 30.
  expect(lengthened).toBeGreaterThan(0);
});

test('who changes at once misleads clients for up to the old TTL', async () => {
  const after = OLD.replace('192.0.2.8', '203.0.113.80');
  const told = JSON.parse((await plan({ after }, '--json')).out) as Told;
  const [ordinary] = told.impatient;
  expect(ordinary?.misled).toBeGreaterThan(10);
  expect(ordinary?.lastAfterSeconds).toBeLessThanOrEqual(600);
});

test("where name servers move, the parent's TTL is waited for as well", async () => {
  const after = OLD.replace('@ NS ns', '@ NS ns2').replace('ns A 192.0.2.7', 'ns2 A 192.0.2.9');
  const parent = `$ORIGIN example.
@ 60 SOA a h 1 1 1 1 60
@ 60 NS a
a 60 A 192.0.2.1
my 7200 NS ns.my
ns.my 7200 A 192.0.2.7
`;
  const told = JSON.parse((await plan({ after, parent }, '--json')).out) as Told;
  expect(told).toMatchObject({ movesNameServers: true, safeAfterSeconds: 14_400 });
  expect(told.steps[1]?.text).toContain('at the parent, which is believed for 7200 s');
  expect(told.planned.map(({ misled, failed }) => misled + failed)).toEqual(new Array(7).fill(0));
  // Switched off at once, a cache that follows the parent has no server left for two hours.
  const stubborn = told.impatient.find(({ cache }) => cache === 'follows the parent alone')!;
  expect(stubborn.failed).toBeGreaterThan(100);
  expect(stubborn.lastAfterSeconds).toBeGreaterThan(7000);
  expect(stubborn.lastAfterSeconds).toBeLessThanOrEqual(7200);
  const quick = told.impatient.find(({ cache }) => cache === 'ordinary')!;
  expect(quick.lastAfterSeconds).toBeLessThanOrEqual(600);
});

test('a mail exchanger that changes is asked for as well', async () => {
  const before = `${OLD}@ MX 10 www\n`;
  const after = `${OLD}@ MX 10 mail.other.example.\n`;
  const told = JSON.parse((await plan({ before, after }, '--json')).out) as Told;
  expect(told.planned.slice(0, 4).map(({ misled }) => misled)).toEqual([0, 0, 0, 0]);
  expect(told.impatient[0]?.misled).toBeGreaterThan(10);
});

test('two zones that say the same need no plan', async () => {
  const run = await plan({ after: OLD.replace('h 1 ', 'h 2 ') });
  expect(run).toMatchObject({ status: 0, out: 'The two zones say the same: nothing to plan.\n' });
});

test.each([
  [{ after: OLD.replace('my.example', 'your.example') }, [], 'my.example.'],
  [{ after: OLD.replace('.8', '.9') }, ['--low-ttl', '1h'], '--low-ttl: expected seconds'],
  [
    { after: OLD.replace('.8', '.9'), parent: OLD.replace('my.', 'no.') },
    [],
    'does not delegate my.example.',
  ],
] as const)('bad input is one clear line: %j %j', async (files, more, message) => {
  const run = await plan(files, ...more);
  expect(run).toMatchObject({ status: 2, out: '' });
  expect(run.err).toContain(message);
});

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { main } from '../../../src/cli/ts-dns.ts';
import { captured } from '../captured.ts';

describe('ts-dns lab', () => {
  test('lists, explains and runs an experiment, and the run ends with the line that repeats it', async () => {
    expect((await captured(() => main(['lab', 'list']))).out).toMatch(
      /^Reliable delivery\n +A0 +Fire and forget +sim, real$/m,
    );
    expect((await captured(() => main(['lab', 'explain', 'a0']))).out).toContain(
      '--loss <fraction>',
    );
    const run = await captured(() => main(['lab', 'run', 'A0', '--loss', '10%', '--seed', '4']));
    expect(run.status).toBe(0);
    const repro = /^repro: ts-dns (.*)  # trace (.*)$/m.exec(run.out);
    const again = await captured(() => main((repro?.[1] ?? '').split(' ')));
    expect(again.out).toBe(run.out);
  });

  test.each([
    [['run', 'A00'], "there is no experiment 'A00' (did you mean 'A0'?)"],
    [['run', 'A0', '--los', '3'], "A0 has no parameter 'los' (did you mean 'loss'?)"],
    [['run', 'A0', '--loss', '3'], 'loss: expected a fraction from 0 to 1'],
    [['run', 'A0', '--mutant', 'x'], "A0 has no mutant 'x'"],
  ])('%j: one clear line, exit status 2', async (words, message) => {
    const run = await captured(() => main(['lab', ...words]));
    expect(run).toMatchObject({ status: 2, out: '' });
    expect(run.err).toContain(message);
    expect(run.err.trimEnd()).not.toContain('\n');
  });
});

test('a reader that has seen enough (| head) ends no command with an error', () => {
  const fuzz = 'bin/ts-dns lab fuzz A1 --mutant no-dedup --seeds 1..60 | head -n 1';
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const { stdout, stderr } = spawnSync('sh', ['-c', fuzz], { cwd: root, encoding: 'utf8' });
  expect(stdout).toMatch(/^seed \d+: violated/);
  expect(stderr).toBe('');
});

test('on real sockets nothing is too long that a datagram can carry: twenty entries in one', async () => {
  // What a server missed while it was cut off comes in one message of some 25,000 octets.
  const values = '--nodes 3 --messages 20 --interval 10ms --payload 1200 --delay 1ms';
  const timers = '--heartbeat 20ms --timeout 100ms --stagger 100ms --cut 620ms --outage 300ms';
  const words = ['lab', 'run', 'D2', '--real', ...`${values} ${timers}`.split(' '), '--json'];
  const run = await captured(() => main(words));
  const told = JSON.parse(run.out) as { readonly missing: number; readonly violations: unknown[] };
  expect(told).toMatchObject({ missing: 0, violations: [] });
});

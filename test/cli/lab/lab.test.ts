import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, onTestFinished, test } from 'vitest';

import { main } from '../../../src/cli/ts-dns.ts';
import { captured } from '../captured.ts';

const SCENARIO = 'docs/lab/ttl/what-it-costs.yaml';

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
    [['run', 'A0', '--loss'], 'loss: expected a fraction from 0 to 1'],
    [['run', 'C6', '--time', '300d'], "time: expected a duration from 0ns to 100d, got '300d'"],
    [['run', 'A0', '--loss='], 'loss: expected a fraction from 0 to 1'],
    [['run', 'A0', '--mutant', 'x'], "A0 has no mutant 'x': it has none"],
    [['run', 'A5', '--mutant', 'x'], "A5 has no mutant 'x': there are nack-lost-tail, nack-once"],
    [['run', 'A0', '--sim', '--real'], '--sim and --real: one of them'],
    [['run', 'A0', '--real', '--check-determinism'], '--check-determinism: not with --real'],
    [['run', 'E3', '--real'], 'E3 is played in virtual time alone: not --real'],
    [['run', 'E3', '--from', '1s'], 'E3 has no space-time diagram: not --from'],
    [['run', 'A0', '--seed', '--quiet'], '--seed: expected a word, got'],
    [['fuzz', 'E3'], 'E3 is played by whole servers: only lab run and lab sweep play it'],
    [['run', 'A0', '--svg', '/dev/null/a.svg'], 'cannot write /dev/null/a.svg: a part of the path'],
    [
      ['run', 'A0', '--html', 'no-such-folder/a.html'],
      'cannot write no-such-folder/a.html: no such',
    ],
    [['ttl', '.'], 'cannot read .: it is a directory'],
    [['ttl', 'no-such-file'], 'cannot read no-such-file: no such file'],
    [
      ['ttl', SCENARIO, '--set', 'tll=5'],
      "--set: no variable is 'tll' there (did you mean 'ttl'?)",
    ],
    [['what-if', SCENARIO, '--set', 'tll=5'], "--set: no variable is 'tll' there"],
  ])('%j: one clear line, exit status 2', async (words, message) => {
    const run = await captured(() => main(['lab', ...words]));
    expect(run).toMatchObject({ status: 2, out: '' });
    expect(run.err).toContain(message);
    expect(run.err.trimEnd()).not.toContain('\n');
  });
});

test('--sim says what is so without --real', async () => {
  const [plain, said] = [
    ['lab', 'run', 'A0', '--quiet'],
    ['lab', 'run', 'A0', '--sim', '--json'],
  ];
  expect(await captured(() => main(plain))).toMatchObject({ status: 0, out: '' });
  expect(await captured(() => main(said))).toMatchObject({ status: 0, err: '' });
});

test('whole servers are played twice as well, to see that nothing depends on the machine', async () => {
  const run = await captured(() => main(['lab', 'run', 'E3', '--check-determinism']));
  expect(run).toMatchObject({ status: 0 });
  expect(run.out).toMatch(/^deterministic: two runs were the same, trace [0-9a-f]{16}\n$/);
});

test.each([
  [['sweep', 'A1', '--rtt', '4,24ms', '--messages', '5', '--seeds', '1..2']],
  [['compare', 'A0', 'A4', '--messages', '5', '--seed', '3']],
])('%j ends with the line that repeats it', async (words) => {
  const run = await captured(() => main(['lab', ...words]));
  expect(run.out.trimEnd().split('\n').at(-1)).toBe(`repro: ts-dns lab ${words.join(' ')}`);
});

test('what only some of the compared have is given to these', async () => {
  const words = ['lab', 'compare', 'A1', 'A4', '--messages', '9'];
  const run = await captured(() => main([...words, '--window', '8']));
  expect(run.status).toBe(0);
  const wrong = await captured(() => main([...words, '--windw', '8']));
  expect(wrong).toMatchObject({ status: 2, out: '' });
  expect(wrong.err).toContain("none of them has a parameter 'windw' (did you mean 'window'?)");
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

test.each([
  ['of a run', ['run', 'E6']],
  ['of a sweep', ['sweep', 'E6']],
  ['of a scenario', ['ttl', 'docs/lab/ttl/month.yaml']],
])('a page that cannot be written is refused before the minutes %s', async (_what, words) => {
  const run = await captured(() => main(['lab', ...words, '--html', 'no-such-folder/a.html']));
  expect(run).toMatchObject({ status: 2, out: '' });
  expect(run.err).toBe('ts-dns: cannot write no-such-folder/a.html: no such file\n');
});

test('where no folder can be made, a scenario is not waited for for ever', async () => {
  const zone = ['--zone', 'zones/example.com.zone', '--name', 'www.example.com', '--rate', '1/s'];
  const run = await captured(() => main(['lab', 'ttl', ...zone, '--out', '/dev/null/a/b']));
  expect(run).toMatchObject({ status: 2, out: '' });
  expect(run.err).toContain('cannot write /dev/null/a');
});

test('what makes a scenario says nothing beside one', async () => {
  const run = await captured(() => main(['lab', 'ttl', SCENARIO, '--ttl', '60']));
  expect(run).toMatchObject({ status: 2, out: '' });
  expect(run.err).toContain('--ttl makes a scenario, and one is given: change that file');
});

test('a terminal shows that whole servers are still played', async () => {
  const { isTTY } = process.stderr;
  process.stderr.isTTY = true;
  onTestFinished(() => void (process.stderr.isTTY = isTTY));
  const run = await captured(() => main(['lab', 'run', 'E1']));
  expect(run.err).toMatch(/^\rE1: played for \d+ s/);
  expect(run.err.endsWith('\r\u{1b}[K')).toBe(true);
});

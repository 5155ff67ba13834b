import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { main } from '../../../src/cli/ts-dns.ts';
import { captured, type Captured } from '../captured.ts';

const folder = mkdtempSync(join(tmpdir(), 'lab-fuzz-'));
const lab = async (...words: string[]): Promise<Captured> =>
  captured(() => main(['lab', ...words]));
afterAll(() => rmSync(folder, { recursive: true }));

describe('ts-dns lab fuzz and shrink', () => {
  test('a protocol that keeps its claims: status 0', async () => {
    const { status, out } = await lab('fuzz', 'A1', '--seeds', '1..50');
    expect(status).toBe(0);
    expect(out).toMatch(/^A1 .*: claims to survive loss, duplication/m);
    expect(out).toMatch(
      /^50 of 50 seeds in [\d.]+ s \(\d+ seeds\/s, \d+ events\/s\): no violation$/m,
    );
  });

  test('a mutant is found, and shrinks to a scenario with a story', async () => {
    const mutant = ['--mutant', 'no-dedup'];
    const found = await lab('fuzz', 'A1', '--seeds', '1..200', ...mutant, '--stop-on-violation');
    expect(found.status).toBe(1);
    const again = /shrink: ts-dns (.*)  # trace \w{16}$/m.exec(found.out)![1]!;
    const files = ['-o', join(folder, 'min.yaml'), '--svg', join(folder, 'min.svg')];
    const small = await captured(() => main([...again.split(' '), ...files]));
    expect(small.status).toBe(1);
    expect(small.out).toMatch(/So .* is violated: /);
    expect(Number(/to (\d+) events/.exec(small.out)?.[1])).toBeLessThan(20);
    const scenario = readFileSync(files[1]!, 'utf8');
    expect(scenario).toMatch(/^lab: scenario\/v1$/m);
    expect(scenario).toContain('mutant: no-dedup');
    expect(readFileSync(files[3]!, 'utf8')).toContain('class="wrong"');
    const replayed = await lab('replay', files[1]!);
    expect(replayed.status).toBe(1);
    const hash = /# trace (\w{16})/.exec(small.out)![1]!;
    expect(replayed.out).toContain(`repro: ts-dns lab replay ${files[1]}  # trace ${hash}`);
  });

  const scenario = [
    ...['lab: scenario/v1', 'experiment: A1', 'seed: 1', 'params:', '  messages: 2'],
    ...['until: 1s', 'faults:', '  - { at: 1ms, drop: { from: sender, to: receiver, nth: 1 } }'],
  ].join('\n');

  test.each([
    ['A1', 'AA1', ":2:13: experiment: expected an experiment (did you mean 'A1'?)"],
    ['messages', 'mesages', ":5:3: there is no 'mesages' here (did you mean 'messages'?)"],
    ['messages: 2', 'messages: 0', ':5:13: messages: expected a whole number from 1'],
    ['1ms', 'soon', ':8:11: at: expected a duration'],
    ['from: sender', 'from: sendr', "sender, receiver (did you mean 'sender'?)"],
    ['nth: 1', 'nth: 0', 'nth: expected a whole number from 1'],
    ['drop', 'drpo', "there is no 'drpo' here"],
    ['seed: 1', 'seed: [', ':4:'],
  ])('a scenario with %s as %s: file, line, column', async (from, to, message) => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, scenario);
    expect(await lab('replay', file)).toMatchObject({ err: '' });
    writeFileSync(file, scenario.replace(from, to));
    const run = await lab('replay', file);
    expect(run).toMatchObject({ status: 2, out: '' });
    expect(run.err).toContain(`${file}:`);
    expect(run.err).toContain(message);
  });

  test.each([
    [['fuzz', 'A1', '--seeds', '9..1'], "--seeds: expected a range such as 1..1000, got '9..1'"],
    [['fuzz', 'A1', '--seeds', '1..99999999'], '--seeds: at most 10000000 at once'],
    [['fuzz', 'A1', '--mutant', 'no-dedupe'], "(did you mean 'no-dedup'?)"],
    [['shrink', 'A1', '--seed', 'x'], '--seeds: expected a range'],
  ])('%j: one clear line, exit status 2', async (words, message) => {
    const run = await lab(...words);
    expect(run).toMatchObject({ status: 2, out: '' });
    expect(run.err).toContain(message);
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

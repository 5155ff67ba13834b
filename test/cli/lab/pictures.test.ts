import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { main } from '../../../src/cli/ts-dns.ts';
import { captured, type Captured } from '../captured.ts';

const folder = mkdtempSync(join(tmpdir(), 'lab-pictures-'));
const lab = async (...words: string[]): Promise<Captured> =>
  captured(() => main(['lab', ...words]));
afterAll(() => rmSync(folder, { recursive: true }));

describe('ts-dns lab run --svg', () => {
  const file = join(folder, 'run.svg');
  const a0 = ['run', 'A0', '--loss', '30%', '--messages', '20', '--quiet', '--svg', file];

  test('draws the run, with the line that repeats it', async () => {
    expect(await lab(...a0)).toMatchObject({ status: 0, err: '' });
    const svg = readFileSync(file, 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('A0 Fire and forget, seed 1');
    expect(svg).toContain('repro: ts-dns lab run A0 --messages 20');
    expect(svg.match(/class="message"/g)).toHaveLength(20);
  });

  test('from and to choose a part', async () => {
    await lab(...a0, '--from', '40ms', '--to', '60ms');
    const svg = readFileSync(file, 'utf8');
    expect(svg).toContain('>40 ms<');
    expect(svg).not.toContain('>30 ms<');
  });

  test.each([
    [['--from', 'soon'], 2, "--from: expected a duration such as 5ms, 2s, 1h, got 'soon'"],
    [['--from', '2s', '--to', '1s'], 2, '--from is not before --to'],
    [['--svg', join(folder, 'no', 'where.svg')], 2, 'no such file'],
  ])('%j: one clear line', async (words, status, message) => {
    const run = await lab(...a0, ...words);
    expect(run).toMatchObject({ status, out: '' });
    expect(run.err).toContain(message);
    expect(run.err.trimEnd()).not.toContain('\n');
  });
});

describe('the page of a run', () => {
  const trace = join(folder, 'run.jsonl');
  const pages = [join(folder, 'a.html'), join(folder, 'b.html')] as const;

  test('is the same from the run itself and from its stored trace', async () => {
    const files = ['--trace', trace, '--html', pages[0]];
    expect(await lab('run', 'A0', '--loss', '30%', '--quiet', ...files)).toMatchObject({ err: '' });
    expect(await lab('view', trace, '-o', pages[1])).toMatchObject({ status: 0, err: '' });
    const [first, second] = pages.map((page) => readFileSync(page, 'utf8'));
    expect(first).toMatch(/^<!doctype html>/);
    expect(second).toBe(first);
  });

  test('what is no trace is told with its place', async () => {
    const run = await lab('view', pages[0], '-o', pages[1]);
    expect(run).toMatchObject({ status: 2, out: '' });
    expect(run.err).toContain(`${pages[0]}:1:1: this is no JSON`);
  });
});

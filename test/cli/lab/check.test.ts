import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { main } from '../../../src/cli/ts-dns.ts';
import { captured, type Captured } from '../captured.ts';

const folder = mkdtempSync(join(tmpdir(), 'lab-check-'));
const file = join(folder, 'run.jsonl');
const lab = async (...words: string[]): Promise<Captured> =>
  captured(() => main(['lab', ...words]));

beforeAll(async () => {
  const options = ['--loss', '10%', '--seed', '4', '--trace', file, '--quiet'];
  expect(await lab('run', 'A0', ...options)).toEqual({ status: 0, out: '', err: '' });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('ts-dns lab check', () => {
  test('finds in a stored trace what the run found', async () => {
    const { status, out } = await lab('check', file);
    expect(status).toBe(0);
    const run = await lab('run', 'A0', '--loss', '10%', '--seed', '4');
    const rows = run.out.split('\n').filter((line) => line.startsWith('  '));
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) expect(out).toContain(row);
    expect(out).toContain(`as it was written: ${/# trace (\w+)/.exec(run.out)?.[1]}`);
  });

  test('a trace that somebody changed has another hash: status 1', async () => {
    const changed = join(folder, 'changed.jsonl');
    writeFileSync(changed, readFileSync(file, 'utf8').replace('"octets":69', '"octets":70'));
    const { status, out } = await lab('check', changed);
    expect(status).toBe(1);
    expect(out).toMatch(/^changed: the events hash to \w{16}, and the file says \w{16}$/m);
  });

  test('a delivery that nobody submitted is a violation: status 1', async () => {
    const forged = join(folder, 'forged.jsonl');
    const text = readFileSync(file, 'utf8');
    writeFileSync(forged, text.replace(/("kind":"deliver".*"message":)3/, '$1999'));
    const { status, out } = await lab('check', forged);
    expect(status).toBe(1);
    expect(out).toContain('violated: no creation: node 1 delivered message 999');
  });

  test('a trace with events left out proves nothing: status 2', async () => {
    const half = join(folder, 'half.jsonl');
    writeFileSync(half, readFileSync(file, 'utf8').replace('"leftOut":0', '"leftOut":3'));
    const { status, out } = await lab('check', half);
    expect(status).toBe(2);
    expect(out).toContain('unknown: the last 3 events are not in the file');
  });

  test.each([
    ['"loss":"0.1"', '"loss":"7"', ':1:', 'loss: expected a fraction'],
    ['"loss"', '"los"', ':1:', 'los: A0 has no such parameter'],
    ['"A0"', '"Z9"', ':1:12: ', "experiment: there is no experiment 'Z9'"],
    ['"kind":"submit"', '"kind":"Submit"', ':4:9: ', 'kind: expected one of'],
  ])('%s as %s: file, line, column; status 2', async (from, to, place, message) => {
    const bad = join(folder, 'bad.jsonl');
    writeFileSync(bad, readFileSync(file, 'utf8').replace(from, to));
    const { status, out, err } = await lab('check', bad);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(`${bad}${place}`);
    expect(err).toContain(message);
  });

  test('a file that is not there: unknown, status 2', async () => {
    const { status, err } = await lab('check', join(folder, 'none'));
    expect({ status, err }).toMatchObject({
      status: 2,
      err: expect.stringContaining('no such file') as string,
    });
  });
});

import { describe, expect, test } from 'vitest';

import { main } from '../../../src/cli/ts-dns.ts';
import { captured, type Captured } from '../captured.ts';

const lab = async (...words: string[]): Promise<Captured> =>
  captured(() => main(['lab', ...words]));

describe('ts-dns lab sweep and compare', () => {
  test('a sweep plays every combination with every seed', async () => {
    const words = ['--rtt', '24,48ms', '--timer', '5,7ms', '--messages', '10', '--seeds', '1..3'];
    const { status, out } = await lab('sweep', 'A1', ...words);
    expect(status).toBe(0);
    expect(out.match(/ delivered +10 +10 +0 of 3$/gm)).toHaveLength(4);
    expect(out).toMatch(/rtt 24ms timer 5ms messages 10 +sent\.data +50 +50 /);
    expect(out).toMatch(/rtt 48ms timer 7ms messages 10 +sent\.data +70 +70 /);
    const lines = (await lab('sweep', 'A1', ...words, '--json', '-')).out.trim().split('\n');
    expect(lines).toHaveLength(12);
    expect(JSON.parse(lines[0]!)).toMatchObject({ experiment: 'A1', seed: '1' });
  });

  test('too many runs are refused in a line', async () => {
    const run = await lab('sweep', 'A1', '--loss', '0,1,2%', '--seeds', '1..5000');
    expect(run).toMatchObject({ status: 2, out: '' });
    expect(run.err).toContain('these are 15000 runs, more than 10000: say --yes');
  });

  test('compared experiments stand side by side', async () => {
    const { status, out } = await lab('compare', 'A1', 'A4', '--messages', '20', '--same-fate');
    expect(status).toBe(0);
    expect(out).toMatch(/^ +metric +A1 +A4$/m);
    expect(out).toMatch(/^ +sent\.data +200 +20$/m);
    expect(await lab('compare', 'A1')).toMatchObject({ status: 2 });
  });
});

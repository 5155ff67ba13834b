/** A configuration that is read again while a real server runs, in one worker and in two. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reasonAgainstBatches } from '../net/real/batch-support.ts';
import { query, serve, type Serving } from './serving.ts';

const reason = await reasonAgainstBatches();

let folder: string;
let file: string;
let server: Serving | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ts-dns-'));
  file = join(folder, 'c.yaml');
});

afterEach(() => {
  server?.child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const configOf = (address: string): string => `recursion: true
resolver:
  local-zones: {name: lab, kind: static}
  local-data: [www.lab 60 A ${address}]
`;

/** Writes the file, sends the signal, and waits for the log to say what came of it. */
async function reload({ child, log }: Serving, text: string, message: string): Promise<void> {
  writeFileSync(file, text);
  const seen = log.length;
  child.kill('SIGHUP');
  await expect
    .poll(() => log.slice(seen).some(({ msg }) => String(msg).startsWith(message)), {
      timeout: 20_000,
    })
    .toBe(true);
}

/** The last octet of what each of some queries gets. */
async function answers({ endpoint }: Serving): Promise<ReadonlySet<number | undefined>> {
  const replies = await Promise.all(Array.from({ length: 12 }, () => query(endpoint, 'www.lab.')));
  return new Set(replies.map((reply) => reply.answers[0]?.rdata.at(-1)));
}

describe.each([[1], [2]])('with %i worker(s)', (workers) => {
  test.skipIf(workers > 1 && reason)(
    'names change all at once, and a broken file leaves everything as it was',
    { timeout: 60_000 },
    async () => {
      writeFileSync(file, configOf('192.0.2.1'));
      server = await serve(['--config', file, '--workers', String(workers)]);
      expect(await answers(server)).toEqual(new Set([1]));
      await reload(server, configOf('192.0.2.2'), 'configuration reloaded');
      // Messages to a worker are in order, and the last of it may be on its way.
      await expect.poll(() => answers(server!)).toEqual(new Set([2]));
      await reload(
        server,
        `${configOf('192.0.2.3')}  forwards: []\n  stubs: {zone: a}\n`,
        'configuration not',
      );
      expect(await answers(server)).toEqual(new Set([2]));
      const line = server.log.find(({ level }) => level === 'error');
      expect(line?.['problem']).toMatch(/c\.yaml:6:10: error: a\. has no servers/);
    },
  );
});

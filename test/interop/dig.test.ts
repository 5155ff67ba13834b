/**
 * dig and ts-dig side by side, byte for byte, against the same server: one that says what its script
 * says, and ts-dns.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { boundedMap, compare, differenceOf, type Compared, type Setting } from './dig/compare.ts';
import { readMatrix, type Row } from './dig/matrix.ts';
import { OWN_CONFIG, OWN_ZONE } from './dig/own-zone.ts';
import { answer } from './dig/scripts.ts';
import { ScriptedServer } from './dig/server.ts';
import { Lab, findFreePort } from './support/lab.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { startTsDns } from './support/ts-dns.ts';

const SERVER = '127.0.0.1';
const CONCURRENCY = 6;
const OWN_MATRIX = new URL('dig/own-matrix.txt', import.meta.url);

const obstacle = findObstacle(['program dig']);

describe.skipIf(obstacle !== undefined)(titleOf('ts-dig says what dig says', obstacle), () => {
  let server: ScriptedServer;
  const home = mkdtempSync(join(tmpdir(), 'ts-dns-dig-'));

  beforeAll(async () => {
    server = await ScriptedServer.start(SERVER, answer);
  });

  afterAll(async () => {
    await server.close();
    rmSync(home, { recursive: true });
  });

  test.each(readMatrix())('$title', async ({ rows }) => {
    expect(await reportOf(rows, { server: SERVER, port: server.port, home })).toBe('');
  });
});

describe.skipIf(obstacle !== undefined)(titleOf('ts-dig and dig ask ts-dns', obstacle), () => {
  const lab = new Lab();
  let port: number;

  beforeAll(async () => {
    port = await findFreePort();
    const zone = `rich.test.=${lab.write('rich.zone', OWN_ZONE)}`;
    const server = ['serve', '--no-recursion', '--listen', `${SERVER}:${port}`, '--zone', zone];
    const config = ['--config', lab.write('ts-dns.yaml', OWN_CONFIG)];
    await startTsDns(lab, ...server, ...config);
  });

  afterAll(() => lab.close());

  test.each(readMatrix(OWN_MATRIX))('$title', async ({ rows }) => {
    expect(
      await reportOf(rows, { server: SERVER, port, home: lab.folder, words: ['+nocookie'] }),
    ).toBe('');
  });
});

/** What is not as the rows say it is; nothing where all are. */
async function reportOf(rows: readonly Row[], setting: Setting): Promise<string> {
  const isDue = ({ row, isSame }: Compared): boolean => isSame === (row.difference === undefined);
  const results = await boundedMap(rows, CONCURRENCY, async (row) => {
    const result = await compare(row, setting);
    // On a busy machine a second may be over before a reply is read: one of two may time out.
    return isDue(result) ? result : compare(row, setting);
  });
  const different = results.filter((result) => !isDue(result));
  const report = different.map((result) => {
    return `dig ${result.row.words}\n${differenceOf(result) || 'not different any more\n'}`;
  });
  return report.join('\n');
}

/**
 * dig and ts-dig side by side, byte for byte, against the same server.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { boundedMap, compare, differenceOf } from './dig/compare.ts';
import { readMatrix } from './dig/matrix.ts';
import { answer } from './dig/scripts.ts';
import { ScriptedServer } from './dig/server.ts';
import { findObstacle, titleOf } from './support/requirements.ts';

const SERVER = '127.0.0.1';
const CONCURRENCY = 6;

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
    const setting = { server: SERVER, port: server.port, home };
    const results = await boundedMap(rows, CONCURRENCY, (row) => compare(row, setting));
    const different = results.filter(
      ({ row, isSame }) => isSame !== (row.difference === undefined),
    );
    const report = different.map((result) => {
      return `dig ${result.row.words}\n${differenceOf(result) || 'not different any more\n'}`;
    });
    expect(report.join('\n')).toBe('');
  });
});

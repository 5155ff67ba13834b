/** `ts-dns serve --query-log` as operators run it: rotated, with workers, on disks that fail. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { reasonAgainstBatches } from '../net/real/batch-support.ts';
import { PROGRAM, query, serve, type Serving } from './serving.ts';

const folder = mkdtempSync(join(tmpdir(), 'ts-dns-query-log-'));
const zone = join(folder, 'example.zone');
const reason = await reasonAgainstBatches();
/** Processes start slowly on a busy machine. */
const PATIENCE = { timeout: 60_000 };
let server: Serving | undefined;

beforeAll(() => {
  const text = '@ 60 SOA ns host 1 3600 600 86400 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n';
  writeFileSync(zone, `$ORIGIN example.\n${text}`);
});
afterEach(async () => {
  await stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(file: string, ...options: readonly string[]): Promise<Serving> {
  server = await serve(['--zone', zone, '--query-log', file, ...options]);
  return server;
}

async function stop(): Promise<number | null> {
  server?.child.kill('SIGTERM');
  const status = (await server?.exited) ?? null;
  server = undefined;
  return status;
}

/** Until something is so, which takes as long as it takes. */
async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => void setImmediate(resolve));
}

const LINE =
  /^\d{4}-\d\d-\d\dT[\d:.]{12}Z 127\.0\.0\.1 \d+ udp n\d+\.example\. A RE? NXDOMAIN \d+ (hit|made) (-|\d+)$/;

/** The names of a file, of which each line is whole. */
function namesIn(file: string): readonly string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.filter((line) => !LINE.test(line))).toEqual([]);
  return lines.map((line) => line.split(' ')[4]!);
}

test('SIGHUP opens it anew, and what was answered before the end is in it', PATIENCE, async () => {
  const file = join(folder, 'rotated');
  const { endpoint, child, log } = await start(file);
  for (let i = 0; i < 3; i++) await query(endpoint, 'n1.example.');
  renameSync(file, `${file}.1`);
  child.kill('SIGHUP');
  await eventually(() => log.some(({ msg }) => msg === 'query log reopened'));
  await query(endpoint, 'n2.example.');
  expect(await stop()).toBe(0);
  expect(namesIn(`${file}.1`)).toEqual(['n1.example.', 'n1.example.', 'n1.example.']);
  expect(namesIn(file)).toEqual(['n2.example.']);
});

test('a line is in it soon, as long as the server runs', PATIENCE, async () => {
  const file = join(folder, 'soon');
  const { endpoint } = await start(file, '--io', 'dgram');
  await query(endpoint, 'n1.example.');
  await eventually(() => readFileSync(file, 'utf8') !== '');
  expect(namesIn(file)).toEqual(['n1.example.']);
});

test.skipIf(reason)('workers write to one file, each of them whole lines', PATIENCE, async () => {
  const file = join(folder, 'workers');
  const { endpoint, child, log } = await start(file, '--workers', '2');
  const names = Array.from({ length: 60 }, (_, i) => `n${i}.example.`);
  await Promise.all(names.map((name) => query(endpoint, name)));
  renameSync(file, `${file}.1`);
  child.kill('SIGHUP');
  await eventually(() => log.filter(({ msg }) => msg === 'query log reopened').length === 2);
  await Promise.all(names.map((name) => query(endpoint, name)));
  expect(await stop()).toBe(0);
  expect(namesIn(`${file}.1`).toSorted()).toEqual(names.toSorted());
  expect(namesIn(file).toSorted()).toEqual(names.toSorted());
});

test.skipIf(process.platform !== 'linux').each([
  ['in one thread', []],
  ['with workers', ['--workers', '2']],
])('a full disk is told of, and costs no answer: %s', PATIENCE, async (_how, options) => {
  if (reason !== undefined && options.length > 0) return;
  const { endpoint, log } = await start('/dev/full', ...options);
  const problem = 'cannot write to /dev/full: the disk is full (ENOSPC)';
  await query(endpoint, 'n1.example.');
  await eventually(() => log.some((fields) => fields['problem'] === problem));
  for (let i = 0; i < 5; i++)
    expect((await query(endpoint, 'ns.example.')).answers).toHaveLength(1);
  expect(await stop()).toBe(0);
  await eventually(() => log.some(({ lost }) => lost !== undefined));
  const lost = log.reduce((sum, fields) => sum + Number(fields['lost'] ?? 0), 0);
  expect(lost).toBe(6);
});

test('a folder that has gone is told of, and lines go on where they were', PATIENCE, async () => {
  const place = join(folder, 'gone');
  mkdirSync(place);
  const { endpoint, child, log } = await start(join(place, 'log'));
  renameSync(place, `${place}.1`);
  child.kill('SIGHUP');
  const problem = `cannot open ${join(place, 'log')}: there is no such folder (ENOENT)`;
  await eventually(() => log.some((fields) => fields['problem'] === problem));
  await query(endpoint, 'n1.example.');
  expect(await stop()).toBe(0);
  expect(namesIn(join(`${place}.1`, 'log'))).toEqual(['n1.example.']);
  expect(existsSync(place)).toBe(false);
});

test.each([
  ['in one thread', []],
  ['with workers', ['--workers', '2']],
])('a file that cannot be opened ends the start: %s', PATIENCE, (_how, options) => {
  const listen = ['--listen', '127.0.0.1:0', '--zone', zone];
  const words = [PROGRAM, 'serve', ...listen, '--query-log', folder, ...options];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  const said = `ts-dns: query log: cannot open ${folder}: it is a folder (EISDIR)\n`;
  expect([status, stderr]).toEqual([1, said]);
});

/** Runs dig and ts-dig on the same command line, and tells what is different. */
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { checkout } from '../support/ts-dns.ts';
import type { Row } from './matrix.ts';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Compared {
  readonly row: Row;
  readonly dig: Ran;
  readonly tsDig: Ran;
  readonly isSame: boolean;
}

export interface Setting {
  readonly server: string;
  readonly port: number;
  /** A folder for what a row needs. */
  readonly home: string;
  /** What stands on each command line besides the row. */
  readonly words?: readonly string[];
}

const LIMIT_MS = 20_000;

export async function compare(row: Row, setting: Setting): Promise<Compared> {
  // A folder of its own: one row's ~/.digrc is nobody else's.
  const home = mkdtempSync(join(setting.home, 'row-'));
  const args = argumentsOf(row.words, { ...setting, home });
  const [dig, tsDig] = await Promise.all([
    run('dig', args, home),
    run(process.execPath, [`${checkout}bin/ts-dig`, ...args], home),
  ]);
  const inOrder = (text: string): string =>
    row.isOrdered ? text : text.split('\n').toSorted().join('\n');
  const isSame =
    dig.status === tsDig.status &&
    inOrder(dig.stdout) === inOrder(tsDig.stdout) &&
    dig.stderr === tsDig.stderr;
  return { row, dig, tsDig, isSame };
}

function argumentsOf(row: string, { server, port, home, words = [] }: Setting): readonly string[] {
  const [, digrc, rest = row] = /^\{([^}]*)\} rc (.*)$/.exec(row) ?? [];
  if (digrc !== undefined) writeFileSync(join(home, '.digrc'), linesOf(digrc));
  const list = (rest.match(/"[^"]*"|\{\{.*\}\}|\{[^}]*\}|\S+/g) ?? []).map((word) => {
    if (!word.startsWith('{')) return word.replaceAll('"', '');
    const file = join(home, 'file');
    // In double braces: a file that has some itself.
    const text = word.startsWith('{{') ? word.slice(2, -2) : word.slice(1, -1);
    writeFileSync(file, linesOf(text));
    return file;
  });
  return [`@${server}`, '-p', String(port), '+tries=1', '+time=1', ...words, ...list];
}

function linesOf(text: string): string {
  return `${text.split(' / ').join('\n')}\n`;
}

async function run(program: string, args: readonly string[], home: string): Promise<Ran> {
  const env = { ...process.env, HOME: home, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const [stdout, stderr, status] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  clearTimeout(timer);
  return { status, stdout: normalise(stdout), stderr: normalise(stderr) };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

/** What may differ between two runs: versions, ids, cookies, times, ports of the client. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/<<>> (DiG|ts-dig) \S+ <<>>/g, '<<>> VERSION <<>>'],
  [/^(DiG|ts-dig) \S+$/gm, 'VERSION'],
  [/ts-dig/g, 'dig'],
  [/\bid: \d+/g, 'id: ID'],
  [/expected ID \d+, got \d+/g, 'expected ID, got ID'],
  [/COOKIE: [0-9a-f]{16}/g, 'COOKIE: CLIENT'],
  [/Query time: \d+ (m|u)sec/g, 'Query time: N $1sec'],
  [/ in \d+ (ms|us)/g, ' in N $1'],
  [/^;; WHEN: .*$/gm, ';; WHEN: DATE'],
  [/!!timestamp \S+/g, '!!timestamp TIME'],
  [/query_port: \d+/g, 'query_port: PORT'],
  [/(TSIG\thmac-\S+) \d+ 300 (\d+ )\S* ?\d+ /g, '$1 TIME 300 $2MAC ID '],
  [/^\d\d-\w{3}-\d{4} [0-9:.]{12} the key/gm, 'the key'],
];

function normalise(text: string): string {
  return VARIABLE.reduce((changed, [pattern, word]) => changed.replace(pattern, word), text);
}

/** Calls `work` for every item, so many at a time; results in the order of the items. */
export async function boundedMap<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: limit }, async () => {
      for (const [at, item] of queue) results[at] = await work(item);
    }),
  );
  return results;
}

/** The lines that one has and the other has not, with '-' for dig and '+' for ts-dig. */
export function differenceOf({ dig, tsDig }: Compared): string {
  const parts = [
    dig.status === tsDig.status ? '' : `-exit ${dig.status}\n+exit ${tsDig.status}\n`,
    linesThatDiffer(dig.stdout, tsDig.stdout, ''),
    linesThatDiffer(dig.stderr, tsDig.stderr, 'stderr '),
  ];
  return parts.join('');
}

function linesThatDiffer(before: string, after: string, stream: string): string {
  if (before === after) return '';
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const show = (lines: readonly string[], sign: string): string =>
    lines
      .slice(start, lines.length - end)
      .map((line) => `${sign}${stream}${JSON.stringify(line)}\n`)
      .join('');
  return show(a, '-') + show(b, '+');
}

/** `ts-dns ctl` and `--cache-file` against real processes: a root server, and a resolver below it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/ts-dns.ts';
import type { Endpoint } from '../../src/net/ports.ts';
import { reasonAgainstBatches } from '../net/real/batch-support.ts';
import { PROGRAM, query, serve as startServer, type Serving } from './serving.ts';

const reason = await reasonAgainstBatches();

const ROOT_ZONE = `$ORIGIN .
@          3600 SOA ns.root. host. 1 3600 600 86400 60
@          3600 NS  ns.root.
ns.root.   3600 A   127.0.0.1
www.       3600 A   192.0.2.80
`;

let folder: string;
let control: string;
let cacheFile: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ts-dns-'));
  control = join(folder, 'control');
  cacheFile = join(folder, 'cache');
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function serve(options: readonly string[]): Promise<Serving> {
  const serving = await startServer(options);
  children.push(serving.child);
  return serving;
}

/** How a start that fails ends: the exit code and what is on standard error. */
async function failingStart(...options: readonly string[]): Promise<[number | null, string]> {
  const words = ['serve', '--recursion', '--listen', '127.0.0.1:0', ...options];
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  let text = '';
  child.stderr.on('data', (part: Buffer) => (text += part.toString()));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return [status, text];
}

describe('a server that cannot have all that it is to have', () => {
  test('ends when its control socket cannot be opened, and answers nobody', async () => {
    const [status, text] = await failingStart('--control', join(folder, 'no', 'folder'));
    expect(status).toBe(1);
    expect(text).toContain('cannot listen at');
  });

  test('ends when its cache could not be saved', async () => {
    const [status, text] = await failingStart('--cache-file', join(folder, 'no', 'cache'));
    expect(status).toBe(1);
    expect(text).toContain('cannot write');
  });
});

/** A resolver over a root server of our own. */
async function resolver(...options: readonly string[]): Promise<Serving> {
  const zone = join(folder, 'root.zone');
  const hints = join(folder, 'root.hints');
  writeFileSync(zone, ROOT_ZONE);
  writeFileSync(hints, '. 3600 NS ns.root.\nns.root. 3600 A 127.0.0.1\n');
  const root = await serve(['--zone', zone]);
  const upstream = ['--root-hints', hints, '--upstream-port', String(root.endpoint.port)];
  return serve(['--recursion', ...upstream, '--control', control, ...options]);
}

/** In this process, since a program takes its time to start. */
async function ctl(...words: readonly string[]): Promise<{ out: string; status: number }> {
  let out = '';
  const collect = (text: unknown): boolean => {
    out += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(collect);
  vi.spyOn(process.stderr, 'write').mockImplementation(collect);
  try {
    const status = await main(['ctl', '--control', control, ...words]);
    return { out, status };
  } finally {
    vi.restoreAllMocks();
  }
}

async function ask(server: Endpoint, name = 'www.'): Promise<number | undefined> {
  return (await query(server, name)).answers[0]?.ttl;
}

describe.skipIf(process.platform === 'win32')('a running server', () => {
  test('is looked into and told what to do', async () => {
    const { endpoint, exited, log } = await resolver();
    expect(statSync(control).mode & 0o777).toBe(0o600);
    expect(await ask(endpoint)).toBe(3600);

    const status = await ctl('status');
    expect(status.out).toMatch(/^version +\d+\.\d+\.\d+$/m);
    expect(status.out).toMatch(/^listening +127\.0\.0\.1:\d+$/m);
    expect(status.out).toMatch(/^memory: rss +\d+\.\d MiB$/m);
    expect(status.out).toMatch(/^records +1 +\d+/m);
    expect(JSON.parse((await ctl('--json', 'status')).out)).toMatchObject({
      ok: true,
      result: { logLevel: 'info', counters: { queries: 1 } },
    });

    const looked = await ctl('lookup', 'www');
    expect(looked.out).toMatch(
      /^TYPE +TTL +KNOWN\nA +35\d\d +192\.0\.2\.80 \(authoritative answer\)$/m,
    );
    expect((await ctl('servers')).out).toMatch(/^127\.0\.0\.1 +\d+\.\d ms +0 +ok$/m);
    expect((await ctl('pending')).out).toMatch(/^QUESTION +AGE +SENDS +WAITS FOR\n$/);

    expect((await ctl('log-level', 'debug')).out).toBe('debug\n');
    await ask(endpoint);
    await ctl('log-level', 'info');
    expect(log.some(({ msg }) => String(msg).startsWith('cache hit: www. A'))).toBe(true);

    // Twice: the second answer is out of finished octets, which a flush has to forget as well.
    expect(await ask(endpoint)).toBeGreaterThan(0);
    expect((await ctl('flush', 'www', 'a', '--type')).out).toBe('1 entry flushed\n');
    expect((await ctl('lookup', 'www')).out).toBe('nothing is known of www.\n');
    expect(await ask(endpoint)).toBe(3600);

    expect(await ctl('stop')).toEqual({ out: 'stop: begun\n', status: 0 });
    expect(await exited).toBe(0);
    expect(existsSync(control)).toBe(false);
    const { out, status: refused } = await ctl('status');
    expect([out, refused]).toEqual([
      `ts-dns: no server at ${control}: no such file or folder\n`,
      1,
    ]);
  });

  test('says what is wrong with a command', async () => {
    await resolver();
    expect(await ctl('load', 'missing')).toMatchObject({
      status: 1,
      out: expect.stringMatching(/^ts-dns: cannot read \/.*missing: no such file\n$/) as string,
    });
    expect(await ctl('flush', 'a..b')).toMatchObject({
      status: 1,
      out: expect.stringContaining("'name' is no name") as string,
    });
    expect((await ctl('flush', 'a', '--type')).status).toBe(2);
    expect((await ctl('frobnicate')).status).toBe(2);
  });

  test('dumps its cache for people, to a file, and for another day', async () => {
    const { endpoint } = await resolver();
    await ask(endpoint);
    const dumped = await ctl('dump');
    expect(dumped.out).toMatch(
      /^ts-dns-cache 1 \d+\nrecords \d+ 3 1\/1 www\. A 192\.0\.2\.80\nend 1\n$/,
    );
    const file = join(folder, 'dump');
    expect(await ctl('dump', file)).toEqual({ out: `written to ${file}\n`, status: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('3 1/1 www. A 192.0.2.80\nend 1\n');
    await ctl('flush', '--subtree', '.');
    expect((await ctl('load', file)).out).toBe('1 entry loaded, 0 were over\n');
    expect((await ctl('lookup', 'www')).out).toContain('192.0.2.80');
  });

  test('keeps its cache over a restart, and no TTL grows', async () => {
    const first = await resolver('--cache-file', cacheFile);
    expect(first.log.some(({ msg }) => msg === 'no cache to load yet')).toBe(true);
    await ask(first.endpoint);
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    expect(readFileSync(cacheFile, 'utf8')).toContain('www. A 192.0.2.80');
    // Nobody to ask: what it answers it knows from before.
    for (const child of children) child.kill('SIGKILL');
    const second = await serve(['--recursion', '--cache-file', cacheFile]);
    expect(second.log.find(({ msg }) => msg === 'cache loaded')).toMatchObject({ entries: 1 });
    expect(await ask(second.endpoint)).toBeLessThan(3600);
  });

  test('starts with a damaged cache file all the same, and says so', async () => {
    writeFileSync(cacheFile, 'ts-dns-cache 1 5\nrecords nonsense\n');
    const { endpoint, log } = await resolver('--cache-file', cacheFile);
    expect(log.find(({ level }) => level === 'error')).toMatchObject({
      msg: 'cache not loaded',
      problem: `${cacheFile}: line 2: expected the time at which it is over`,
    });
    expect(await ask(endpoint)).toBe(3600);
  });
});

interface Sums {
  readonly counters: { readonly queries: number };
  readonly finishedAnswers: { readonly hits: number };
}

describe.skipIf(process.platform === 'win32')('reload', () => {
  test('tells what changed, what waits, and what is wrong with the file', async () => {
    const config = join(folder, 'c.yaml');
    writeFileSync(config, `recursion: true\ncontrol: ${control}\n`);
    await serve(['--config', config]);
    const nothing = 'configuration: nothing changed\nzones: begun, the log tells of each\n';
    expect(await ctl('reload')).toEqual({ out: nothing, status: 0 });
    const more = 'access: {drop: 192.0.2.1}\nrotate: true\n';
    writeFileSync(config, `recursion: true\ncontrol: ${control}\n${more}`);
    const wrong = await ctl('reload');
    expect(wrong.status).toBe(1);
    expect(wrong.out).toContain("c.yaml:4:1: error: there is no key 'rotate' here");
    writeFileSync(config, `recursion: true\ncontrol: ${control}\nanswers: {rotate: true}\n`);
    expect((await ctl('reload')).out).toMatch(/\nonly after a restart: answers\.rotate\n/);
    expect((await ctl('--json', 'reload')).out).toBe(
      '{"ok":true,"result":{"changed":[],"afterRestart":["answers.rotate"]}}\n',
    );
  });
});

describe.skipIf(reason)('a server in two workers', () => {
  const workers = ['--workers', '2', '--cache-file'];

  test('is looked into as one, and keeps what any of them knows', { timeout: 60_000 }, async () => {
    const first = await resolver(...workers, cacheFile);
    // From ports of their own, so that the kernel deals the queries out to both.
    for (let i = 0; i < 16; i++) await ask(first.endpoint, i % 2 === 0 ? 'www.' : `n${i}.`);
    const { result } = JSON.parse((await ctl('--json', 'status')).out) as { result: Sums };
    // Whoever answered them: by resolving, or out of finished answers.
    expect(result.counters.queries + result.finishedAnswers.hits).toBe(16);
    expect((await ctl('status')).out).toMatch(/^workers +2$/m);
    expect((await ctl('lookup', 'www')).out).toMatch(/^WORKER +TYPE +TTL +KNOWN\n[01] +A +35\d\d /);
    expect((await ctl('dump')).out.match(/^records .* www\. A /gm)).toHaveLength(1);
    expect((await ctl('flush', 'n1')).out).toMatch(/^\d entr(y|ies) flushed\n$/);
    expect((await ctl('flush', 'servers')).out).toMatch(/^\d entr(y|ies) flushed\n$/);
    expect((await ctl('servers')).out).toMatch(/^WORKER|^ADDRESS/);
    expect((await ctl('log-level', 'warn')).out).toBe('warn\n');
    await ctl('stop');
    expect(await first.exited).toBe(0);
    expect(readFileSync(cacheFile, 'utf8')).toContain('www. A 192.0.2.80');
    for (const child of children) child.kill('SIGKILL');
    // Nobody to ask: whichever worker answers knows it.
    const second = await serve(['--recursion', ...workers, cacheFile]);
    for (let i = 0; i < 8; i++) expect(await ask(second.endpoint)).toBeLessThan(3600);
  });
});

/** `ts-dns ctl` and `--cache-file` against real processes: a root server, and a resolver below it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/ts-dns.ts';
import { exchange } from '../../src/client/exchange.ts';
import { parseEndpoint } from '../../src/net/address.ts';
import type { Endpoint } from '../../src/net/ports.ts';
import { createRealRuntime } from '../../src/net/real/runtime.ts';
import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/ts-dns', import.meta.url));
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

interface Serving {
  readonly child: ChildProcess;
  readonly endpoint: Endpoint;
  readonly exited: Promise<number | null>;
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

async function serve(options: readonly string[]): Promise<Serving> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--listen', '127.0.0.1:0', ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const log: Readonly<Record<string, unknown>>[] = [];
  const listening = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const fields = JSON.parse(line) as Record<string, unknown>;
      log.push(fields);
      if (fields['msg'] === 'ready') resolve((fields['listening'] as readonly string[])[0]!);
    });
    child.on('exit', () => reject(new Error('the server ended before it was ready')));
  });
  return { child, endpoint: parseEndpoint(listening, 53) as Endpoint, exited, log };
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
  const outcome = await exchange(createRealRuntime(), {
    server,
    question: { name: nameOf(name), type: RRType.A, class: DnsClass.IN },
    timeoutMs: 5000,
    flags: { rd: true },
  });
  if (outcome.kind !== 'reply') throw new Error(outcome.kind);
  return outcome.message.answers[0]?.ttl;
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
      logLevel: 'info',
      counters: { queries: 1 },
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
    expect((await ctl('flush', 'www', 'a', '--type')).out).toBe('1 entries flushed\n');
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
    expect((await ctl('load', file)).out).toBe('1 entries loaded, 0 were over\n');
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
      msg: 'cache not loaded: the file is damaged',
      problem: 'line 2: expected the time at which it is over',
    });
    expect(await ask(endpoint)).toBe(3600);
  });
});

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/ts-dns.ts';
import { exchange } from '../../src/client/exchange.ts';
import { parseEndpoint } from '../../src/net/address.ts';
import type { Endpoint } from '../../src/net/ports.ts';
import { createRealRuntime } from '../../src/net/real/runtime.ts';
import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { printRdata } from '../../src/wire/rdata/rdata.ts';

const ZONE = `$ORIGIN lab.test.
@   60 SOA ns host 1 3600 600 86400 60
@   60 NS  ns
ns  60 A   192.0.2.1
www 60 A   192.0.2.80
`;

let folder: string;
let zoneFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ts-dns-'));
  zoneFile = join(folder, 'lab.test.zone');
  writeFileSync(zoneFile, ZONE);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

describe('a command that cannot do its work says why in one clear line, without a stack trace', () => {
  it.each([
    ['serve', 1, /^ts-dns: nothing to serve: give --zone FILE, --recursion, or both\n$/],
    ['serve --zone missing.zone', 1, /^ts-dns: cannot read missing\.zone: no such file\n$/],
    ['serve --zone .', 1, /^ts-dns: cannot read \.: it is a directory\n$/],
    ['serve --bogus', 2, /^error: unknown option '--bogus'\n/],
    ['serve --listen 127.0.0.1:70000', 2, /'70000' is not a port/],
    ['serve --listen example.com:53', 2, /'example\.com' is not an IP address/],
    ['serve --allow 10.0.0.0/40', 2, /'10\.0\.0\.0\/40' is no address or prefix/],
    ['serve --zone a..b=x', 2, /'a\.\.b' is no zone name/],
    ['serve --zone ZONE --allow ::/0', 1, /^ts-dns: --allow is of no use without --recursion\n$/],
    [
      'serve --no-recursion --zone ZONE --root-hints x --upstream-port 5',
      1,
      /^ts-dns: --root-hints, --upstream-port are of no use without --recursion\n$/,
    ],
    [
      'serve --zone ZONE --cache-file x',
      1,
      /^ts-dns: --cache-file is of no use without --recursion\n$/,
    ],
    [
      'serve --zone other.test=ZONE',
      1,
      /^ts-dns: ZONE:2:1: error: no record of this file is at or below other\.test\.: did you mean lab\.test\.[^]*because of one error\n$/,
    ],
    [`serve --zone ZONE --id ${'é'.repeat(128)}`, 2, /give 1 to 255 octets, not 256/],
    ['serve --zone ZONE --version-text=', 2, /give 1 to 255 octets, not 0/],
    ['serve --upstream-port 0', 2, /'0' is no port/],
    ['serve --io fast', 2, /Allowed choices are dgram, batch/],
    ['serve --log-level loud', 2, /choose one of debug, info, warn, error, silent/],
    ['serve --zone ZONE --listen 192.0.2.77:5300', 1, /192\.0\.2\.77:5300 .*not available/],
    ['serve --recursion --root-hints ZONE', 1, /no root hints: there is no NS record of the root/],
    [
      'serve --zone ZONE --zone lab.test=ZONE',
      1,
      /ZONE: the zone lab\.test\. is given twice: ZONE/,
    ],
    ['serve --zone PIPE', 1, /^ts-dns: cannot read .*PIPE: it is no regular file\n$/],
    ['serve --zone /dev/zero', 1, /^ts-dns: cannot read \/dev\/zero: it is no regular file\n$/],
    ['serve --recursion --root-hints PIPE', 1, /cannot read .*PIPE: it is no regular file\n$/],
    ['demo --zones missing', 1, /cannot read missing\/internet\.json: no such file/],
    ['check-zone missing.zone', 1, /cannot read missing\.zone: no such file/],
    ['check-zone .', 1, /cannot read \.: it is a directory/],
    ['check-zone PIPE', 1, /cannot read .*PIPE: it is no regular file\n$/],
    ['check-zone /dev/zero', 1, /cannot read \/dev\/zero: it is no regular file\n$/],
    ['print-zone PIPE', 1, /cannot read .*PIPE: it is no regular file\n$/],
    ['print-zone missing.zone', 1, /cannot read missing\.zone: no such file/],
    ['print-zone a b', 2, /print-zone takes one file/],
    ['frobnicate', 2, /unknown command 'frobnicate'/],
  ])('ts-dns %s', async (line, status, message) => {
    const pipe = join(folder, 'PIPE');
    if (line.includes('PIPE')) execFileSync('mkfifo', [pipe]);
    const words = line.replaceAll('ZONE', zoneFile).replaceAll('PIPE', pipe).split(' ');
    const { output: printed, exitStatus } = await run(words);
    const output = printed.replaceAll(zoneFile, 'ZONE');
    expect(output).toMatch(message);
    expect(output).not.toMatch(/^ {4}at /m);
    expect(exitStatus).toBe(status);
  });

  it('a zone with errors: each with file, line, column and a caret', async () => {
    writeFileSync(zoneFile, `${ZONE}bad 60 A 1.2.3\nworse 60 MX mail\n`);
    const { output, exitStatus } = await run(['serve', '--zone', zoneFile]);
    expect(output).toContain(`${zoneFile}:6:10: error: expected an IPv4 address`);
    expect(output).toContain('bad 60 A 1.2.3\n         ^~~~~');
    expect(output).toContain(`${zoneFile}:7:13: error: expected a preference`);
    expect(output).toContain('not loaded because of 2 errors');
    expect(exitStatus).toBe(1);
  });
});

describe('check-zone', () => {
  it('tells zone, serial and records of a good file', async () => {
    const { output, exitStatus } = await run(['check-zone', zoneFile]);
    expect(output).toBe(`${zoneFile}: zone lab.test., serial 1, 4 records: ok\n`);
    expect(exitStatus).toBe(0);
  });

  it('takes the origin of files without one', async () => {
    writeFileSync(zoneFile, ZONE.replace('$ORIGIN lab.test.\n', ''));
    expect((await run(['check-zone', zoneFile])).exitStatus).toBe(1);
    const { output } = await run(['check-zone', 'other.test.', zoneFile]);
    expect(output).toContain('zone other.test.');
  });

  it('warns and exits 0; with an error it exits 1, and all is said', async () => {
    writeFileSync(zoneFile, `${ZONE}a 60 CNAME b\n`);
    const odd = await run(['check-zone', zoneFile]);
    expect(odd.output).toContain(`${zoneFile}:6:12: warning: the alias leads to b.lab.test.`);
    expect(odd.output).toContain('5 records: ok');
    expect(odd.exitStatus).toBe(0);
    writeFileSync(zoneFile, `${ZONE}a 60 CNAME b\na 60 A 192.0.2.1\n`);
    const bad = await run(['check-zone', zoneFile]);
    expect(bad.output).toMatch(
      /:7:6: error: expected a CNAME[^]*:6:12: warning: [^]*1 error, 1 warn/,
    );
    expect(bad.exitStatus).toBe(1);
  });

  it('--json tells the problems of all files as one array', async () => {
    writeFileSync(zoneFile, `${ZONE}$INCLUDE part\n`);
    writeFileSync(join(folder, 'part'), '\nb 60 A x\n');
    const { output, exitStatus } = await run(['check-zone', '--json', zoneFile, zoneFile]);
    const problem = {
      file: join(folder, 'part'),
      line: 2,
      column: 8,
      severity: 'error',
      code: 'bad-rdata',
      message: "expected an IPv4 address such as '192.0.2.1', found 'x'",
      includedFrom: [{ file: zoneFile, line: 6, column: 10 }],
    };
    expect(JSON.parse(output)).toEqual([problem, problem]);
    expect(exitStatus).toBe(1);
  });

  it('includes regular files only, and says which are not', async () => {
    writeFileSync(zoneFile, `${ZONE}$INCLUDE .\n$INCLUDE /dev/zero\n$INCLUDE gone\n`);
    const { output } = await run(['check-zone', zoneFile]);
    for (const reason of ['it is a directory', 'it is no regular file', 'no such file']) {
      expect(output).toContain(`: ${reason}\n`);
    }
  });

  it('a file above the limit is not even read', async () => {
    writeFileSync(zoneFile, '');
    // Sparse: it takes no room.
    truncateSync(zoneFile, 2 ** 31);
    const { output, exitStatus } = await run(['check-zone', zoneFile]);
    expect(output).toMatch(/^ts-dns: cannot read .*: the file is larger than 1073741824 octets\n$/);
    expect(exitStatus).toBe(1);
  });
});

describe('print-zone', () => {
  it('prints a zone for people, which is the same zone again', async () => {
    const { output, exitStatus } = await run(['print-zone', zoneFile]);
    expect(output).toBe(
      '$ORIGIN lab.test.\n' +
        '@   60 IN SOA ns host 1 3600 600 86400 60\n' +
        '    60 IN NS  ns\n' +
        'ns  60 IN A   192.0.2.1\n' +
        'www 60 IN A   192.0.2.80\n',
    );
    expect(exitStatus).toBe(0);
    writeFileSync(zoneFile, output);
    expect((await run(['print-zone', zoneFile])).output).toBe(output);
  });

  it('prints it canonical', async () => {
    const { output } = await run(['print-zone', '--canonical', 'lab.test.', zoneFile]);
    expect(output).toBe(
      'lab.test. 60 IN NS ns.lab.test.\n' +
        'lab.test. 60 IN SOA ns.lab.test. host.lab.test. 1 3600 600 86400 60\n' +
        'ns.lab.test. 60 IN A 192.0.2.1\n' +
        'www.lab.test. 60 IN A 192.0.2.80\n',
    );
  });

  it('prints nothing of a file that is no zone', async () => {
    writeFileSync(zoneFile, `${ZONE}bad 60 A x\n`);
    const { output, exitStatus } = await run(['print-zone', zoneFile]);
    expect(output).toMatch(/^ts-dns: .*:6:10: error: expected an IPv4 address/);
    expect(exitStatus).toBe(1);
  });
});

describe('serve', () => {
  let server: Serving | undefined;

  afterEach(() => {
    server?.child.kill('SIGKILL');
  });

  it('is ready, answers on UDP and TCP, drains on SIGTERM and exits 0', async () => {
    server = await serve(['--zone', zoneFile, '--listen', '127.0.0.1:0', '--listen', '[::1]:0']);
    for (const endpoint of server.endpoints) {
      expect(await ask(endpoint, { tcp: false })).toBe('192.0.2.80');
      expect(await ask(endpoint, { tcp: true })).toBe('192.0.2.80');
    }
    server.child.kill('SIGTERM');
    expect(await server.exited).toBe(0);
  });

  it('takes the origin from the command line for a file without one', async () => {
    writeFileSync(zoneFile, ZONE.replace('$ORIGIN lab.test.\n', ''));
    server = await serve(['--zone', `lab.test=${zoneFile}`, '--listen', '127.0.0.1:0']);
    expect(await ask(server.endpoints[0]!)).toBe('192.0.2.80');
  });

  it('reloads on SIGHUP; a zone that does not parse is reported and the old one serves', async () => {
    server = await serve(['--zone', zoneFile, '--listen', '127.0.0.1:0']);
    const [endpoint] = server.endpoints;
    writeFileSync(zoneFile, ZONE.replace('host 1', 'host 2').replace('192.0.2.80', '192.0.2.81'));
    server.child.kill('SIGHUP');
    expect(await server.line('zone reloaded')).toMatchObject({ serial: 2, previousSerial: 1 });
    expect(await ask(endpoint!)).toBe('192.0.2.81');
    writeFileSync(zoneFile, `${ZONE}broken\n`);
    server.child.kill('SIGHUP');
    const { problem } = await server.line('keeps serving');
    expect(problem).toContain('lab.test.zone:6:');
    expect(await ask(endpoint!)).toBe('192.0.2.81');
  });

  it('notices by itself that a zone file changed', async () => {
    server = await serve(['--zone', zoneFile, '--listen', '127.0.0.1:0']);
    writeFileSync(zoneFile, ZONE.replace('host 1', 'host 2').replace('192.0.2.80', '192.0.2.82'));
    expect(await server.line('zone reloaded')).toMatchObject({ serial: 2, previousSerial: 1 });
    expect(await ask(server.endpoints[0]!)).toBe('192.0.2.82');
    writeFileSync(zoneFile, ZONE);
    expect(await server.line('serial went backwards')).toMatchObject({ serial: 1 });
  });

  it('notices that an included file changed, and one that was included since', async () => {
    mkdirSync(join(folder, 'parts'));
    const inFolder = (name: string): string => join(folder, 'parts', name);
    writeFileSync(zoneFile, `${ZONE}$INCLUDE parts/hosts\n`);
    writeFileSync(inFolder('hosts'), 'a 60 TXT 1\n');
    server = await serve(['--zone', zoneFile, '--listen', '127.0.0.1:0']);
    const [endpoint] = server.endpoints;
    const askText = (): Promise<string> => ask(endpoint!, { name: 'a.lab.test.', type: 'TXT' });
    expect(await askText()).toBe('"1"');
    writeFileSync(inFolder('hosts'), '$INCLUDE more\n');
    // The file is not there yet: the old version serves, and the new one comes with the file.
    const { problem } = await server.line('keeps serving');
    expect(problem).toContain('no such file');
    expect(await askText()).toBe('"1"');
    writeFileSync(inFolder('more'), 'a 60 TXT 2\n');
    await server.line('zone reloaded');
    expect(await askText()).toBe('"2"');
  });

  it('serves the zones of a folder, and notices their changes', async () => {
    const other = ZONE.replace('$ORIGIN lab.test.\n', '').replace('host 1', 'host 7');
    writeFileSync(join(folder, 'other.test.zone'), other);
    server = await serve(['--zone-dir', folder, '--listen', '127.0.0.1:0']);
    const [endpoint] = server.endpoints;
    expect(await ask(endpoint!)).toBe('192.0.2.80');
    expect(await ask(endpoint!, { name: 'www.other.test.' })).toBe('192.0.2.80');
    writeFileSync(join(folder, 'other.test.zone'), other.replace('2.80', '2.81'));
    expect(await server.line('zone reloaded')).toMatchObject({ zone: 'other.test.', serial: 7 });
    expect(await ask(endpoint!, { name: 'www.other.test.' })).toBe('192.0.2.81');
  });

  it('says so when its port is taken', async () => {
    server = await serve(['--zone', zoneFile, '--listen', '127.0.0.1:0']);
    const { address, port } = server.endpoints[0]!;
    const { output, exitStatus } = await run([
      'serve',
      '--zone',
      zoneFile,
      '--listen',
      `${address}:${port}`,
      '--log-level',
      'silent',
    ]);
    expect(output).toContain(`cannot listen on ${address}:${port} (tcp): address already in use`);
    expect(exitStatus).toBe(1);
  });
});

/** Runs a command in this process, with what it prints. */
async function run(argv: readonly string[]): Promise<{ output: string; exitStatus: number }> {
  let output = '';
  const collect = (text: unknown, ...rest: readonly unknown[]): boolean => {
    output += String(text);
    const written = rest.at(-1);
    if (typeof written === 'function') written();
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(collect);
  vi.spyOn(process.stderr, 'write').mockImplementation(collect);
  const exitStatus = await main(argv);
  vi.restoreAllMocks();
  return { output, exitStatus };
}

interface Serving {
  readonly child: ChildProcess;
  readonly endpoints: readonly Endpoint[];
  readonly exited: Promise<number | null>;
  /** The next log line whose message holds `text`. */
  line(text: string): Promise<Readonly<Record<string, unknown>>>;
}

async function serve(options: readonly string[]): Promise<Serving> {
  const program = fileURLToPath(new URL('../../bin/ts-dns', import.meta.url));
  const child = spawn(process.execPath, [program, 'serve', ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const line: Serving['line'] = async (text) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the server ended without saying '${text}'`);
      const fields = JSON.parse(value) as Record<string, unknown>;
      if (String(fields['msg']).includes(text)) return fields;
    }
  };
  const { listening } = await line('ready');
  const endpoints = (listening as string[]).map((text) => parseEndpoint(text, 53) as Endpoint);
  return { child, endpoints, exited, line };
}

interface Asking {
  readonly tcp?: boolean;
  readonly name?: string;
  readonly type?: 'A' | 'TXT';
}

async function ask(server: Endpoint, options: Asking = {}): Promise<string> {
  const { tcp = false, name = 'www.lab.test.', type = 'A' } = options;
  const outcome = await exchange(createRealRuntime(), {
    server,
    question: { name: nameOf(name), type: RRType[type], class: DnsClass.IN },
    timeoutMs: 5000,
    tcp,
  });
  if (outcome.kind !== 'reply') throw new Error(outcome.kind);
  return outcome.message.answers.map((answer) => printRdata(answer.type, answer.rdata)).join();
}

/** The command on real sockets, with a server of its own on a free loopback port. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { main } from '../../src/cli/ts-dig.ts';
import type { UdpSocket } from '../../src/net/ports.ts';
import { createRealRuntime } from '../../src/net/real/runtime.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { createMessage } from '../../src/wire/message.ts';

let server: UdpSocket;
let out = '';
let err = '';

beforeEach(async () => {
  server = await createRealRuntime().network.bindUdp(
    { address: '127.0.0.1', port: 0 },
    (datagram, _peer, reply) => {
      const query = decodeMessage(datagram.slice());
      if (!query.ok) return 0;
      const { id, rd, questions } = query.value;
      const { name } = questions[0]!;
      const rdata = Uint8Array.of(192, 0, 2, 10);
      const answers = [{ name, type: 1, class: 1, ttl: 300, rdata }];
      const octets = encodeMessage(createMessage({ id, rd, qr: true, questions, answers }));
      reply.set(octets);
      return octets.length;
    },
  );
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => (out += String(text)) !== '');
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (err += String(text)) !== '');
});

afterEach(async () => {
  vi.restoreAllMocks();
  await server.close();
});

function run(line: string): Promise<number> {
  return main(['@127.0.0.1', '-p', String(server.local.port), ...line.split(' ')]);
}

describe('exit status and output', () => {
  test('a reply is 0', async () => {
    expect(await run('www.example +short')).toBe(0);
    expect([out, err]).toEqual(['192.0.2.10\n', '']);
  });

  test('the statistics have the time of this machine', async () => {
    await run('www.example');
    const time = /^;; WHEN: [A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \S+ 20\d\d$/m;
    expect(out).toMatch(time);
  });

  test('+json loads the object shape', async () => {
    expect(await run('www.example +json')).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ answers: [{ data: '192.0.2.10' }] });
  });

  test('a wrong command line is 1, without a stack trace', async () => {
    expect(await run('-b foo www.example')).toBe(1);
    expect([out, err]).toEqual(['', 'ts-dig: invalid address foo\n']);
  });

  test('a bad value is 10', async () => {
    expect(await run('a..b')).toBe(10);
    expect(err).toMatch(/^ts-dig: 'a\.\.b' is not a legal name [^\n]*\n$/);
  });

  test('an unknown type is a warning', async () => {
    expect(await run('-t foo www.example +short')).toBe(0);
    expect([out, err]).toEqual(['192.0.2.10\n', ';; Warning, ignoring invalid type foo\n']);
  });

  test('a reader who stops early is no error, even when main has returned', async () => {
    await run('www.example +short');
    const closed = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    expect(process.stdout.emit('error', closed)).toBe(true);
    const others = Object.assign(new Error('write EIO'), { code: 'EIO' });
    expect(() => process.stdout.emit('error', others)).toThrow('EIO');
  });

  test('nobody there is 9', async () => {
    await server.close();
    expect(await run('www.example +tries=1')).toBe(9);
    expect(out).toContain('connection refused');
    expect(out).toContain(';; no servers could be reached\n');
  });

  test('-v tells the version of the package', async () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(manifest) as { readonly version: string };
    await main(['-v']);
    // As dig, on standard error.
    expect([out, err]).toEqual(['', `ts-dig ${version}\n`]);
  });
});

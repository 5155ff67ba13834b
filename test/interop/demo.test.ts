/**
 * `ts-dns demo` as its documentation shows it, with the programs that a student has. It runs in a
 * network namespace because its addresses and port are fixed: a demo that happens to run on the
 * machine is not disturbed.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Answer, parseAnswer, ttlOf, withoutTtls } from './support/answers.ts';
import { readInternet } from './support/embedded-internet.ts';
import { Lab, type Program, eventually } from './support/lab.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { runTsDig, startTsDns, zonesFolder } from './support/ts-dns.ts';

const obstacle = findObstacle(['network namespaces', 'program dig', 'program host']);

describe.skipIf(obstacle !== undefined)(titleOf('the embedded internet', obstacle), () => {
  const lab = new Lab({ namespace: obstacle === undefined });
  const internet = readInternet();
  let zones = '';
  let demo: Program;

  beforeAll(async () => {
    zones = join(lab.folder, 'zones');
    cpSync(zonesFolder, zones, { recursive: true });
    demo = await startTsDns(lab, 'demo', '--zones', zones, '--log-level', 'debug');
  });
  afterAll(() => lab.close());

  function digAt(address: string, ...args: readonly string[]): Answer {
    const options = [`@${address}`, '-p', String(internet.port), '+time=10', '+tries=1'];
    return parseAnswer(lab.must('dig', ...options, ...args));
  }

  function dig(...args: readonly string[]): Answer {
    return digAt(internet.resolver, ...args);
  }

  test('it prints the commands to try', () => {
    expect(demo.output).toContain('host -p 1053 google.com 127.0.0.1');
    expect(demo.output).toMatch(/dig @127\.0\.0\.1 -p 1053 engineering\.nyu\.com ANY/);
  });

  test('host google.com', () => {
    const text = lab.must('host', '-p', String(internet.port), 'google.com', internet.resolver);
    expect(text).toContain('google.com has address 203.0.113.100');
    expect(text).toContain('google.com has IPv6 address 2001:db8::64');
    expect(text).toContain('google.com mail is handled by 10 smtp.google.com.');
  });

  test('dig engineering.nyu.com ANY', () => {
    const { status, answer } = dig('engineering.nyu.com', 'ANY');
    expect(status).toBe('NOERROR');
    expect(withoutTtls(answer)).toEqual([
      'engineering.nyu.com. - IN A 198.51.100.61',
      'engineering.nyu.com. - IN AAAA 2001:db8::61',
      'engineering.nyu.com. - IN MX 10 mail.nyu.edu.',
      'engineering.nyu.com. - IN TXT "course example: dig engineering.nyu.com ANY"',
    ]);
  });

  test('the second answer comes from the cache with the TTL counted down', async () => {
    const first = ttlOf(dig('www.example.com', 'A').answer[0]);
    expect(first).toBeLessThanOrEqual(300);
    let second = first;
    await eventually('the TTL is counted down', () => {
      second = ttlOf(dig('www.example.com', 'A').answer[0]);
      return second < first;
    });
    expect(first - second).toBeLessThanOrEqual(2);
  });

  test('the debug log shows the upstream queries of a miss, and that a hit has none', async () => {
    const logged = async (end: RegExp): Promise<string> => {
      const before = demo.output.length;
      expect(dig('pool.example.com', 'A').answer).toHaveLength(3);
      await demo.until('logs', () => end.test(demo.output.slice(before)));
      return demo.output.slice(before);
    };
    expect(await logged(/asked 127\.0\.0\.1[12] for pool/)).not.toContain('cache hit: pool');
    expect(await logged(/cache hit: pool/)).not.toContain('asked 127');
  });

  test('a chain of aliases across four top-level domains is followed to its end', () => {
    expect(dig('alias.example.com', 'A').answer).toHaveLength(4);
    expect(dig('+tcp', 'alias.example.com', 'A').answer).toHaveLength(4);
  });

  test('ts-dig +trace shows the walk from the root', () => {
    const { resolver, port } = internet;
    const trace = runTsDig(lab, `@${resolver}`, '-p', String(port), 'www.example.com', '+trace');
    expect(trace.status).toBe(0);
    const walk = ['a.root-servers.net.', 'a.gtld-servers.net.', 'ns1.example.com.', '192.0.2.80'];
    const places = walk.map((name) => trace.stdout.indexOf(name));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('each authoritative server answers for its zones alone', () => {
    for (const { address, name } of internet.servers) {
      const { status } = digAt(address, '+norec', name, 'A');
      expect(status, `${name} at ${address}`).not.toBe('SERVFAIL');
      expect(digAt(address, '+norec', 'invalid', 'A').status).toBe(
        address === '127.0.0.2' || address === '127.0.0.3' ? 'NXDOMAIN' : 'REFUSED',
      );
    }
  });

  test('a saved zone file is reloaded; one that does not parse leaves the old data', async () => {
    const file = join(zones, 'ttl.example.org.zone');
    const original = readFileSync(file, 'utf8');
    const server = ['127.0.0.18', '+norec', 'never.ttl.example.org', 'A'] as const;
    const addressServed = (): string | undefined => digAt(...server).answer[0]?.split(' ')[4];

    writeFileSync(file, original.replace('192.0.2.100', '192.0.2.200'));
    await demo.until('serves the edited zone', () => addressServed() === '192.0.2.200');
    // TTL 0: the resolver has nothing to remember and sees the change as well.
    expect(dig('never.ttl.example.org', 'A').answer[0]).toContain('192.0.2.200');

    const outputBefore = demo.output.length;
    writeFileSync(file, original.replace('192.0.2.100', '192.0.2.999'));
    await demo.until('names the error', () =>
      demo.output.slice(outputBefore).includes('ttl.example.org.zone'),
    );
    expect(addressServed()).toBe('192.0.2.200');
  });

  test('SIGTERM ends it with exit code 0', async () => {
    demo.signal('SIGTERM');
    expect(await demo.exit()).toBe(0);
  });
});

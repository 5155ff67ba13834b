/**
 * ts-dig against other people's servers over TLS, HTTPS and TCP, with and without keys: the same
 * output as dig's but for what differs from one question to the next, and transfers of NSD, BIND and
 * Knot record by record.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Lab, findFreePort } from './support/lab.ts';
import { type Requirement, findObstacle, titleOf } from './support/requirements.ts';
import { runTsDig } from './support/ts-dns.ts';

const HOST = '127.0.0.1';
const SECRET = Buffer.from('secret'.repeat(4)).toString('base64');
const ALGORITHMS = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
const programs = ['dig', 'kdig', 'named', 'nsd', 'knotd', 'unbound', 'nsupdate'];
const obstacle = findObstacle(programs.map((name): Requirement => `program ${name}`));

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));

const HOSTS = 500;
const ZONE = [
  '$TTL 300',
  '@ SOA ns.example. h.example. 1 3600 600 86400 300',
  '@ NS ns.example.',
  'ns A 192.0.2.1',
  'www A 192.0.2.10',
  'txt TXT "one" "two \\"quoted\\""',
  ...Array.from({ length: HOSTS }, (_, i) => `h${i} A 192.0.2.${i % 250}`),
].join('\n');
/** With both SOAs. */
const RECORDS = HOSTS + 6;

describe.skipIf(obstacle !== undefined)(titleOf('transports of ts-dig', obstacle), () => {
  const lab = new Lab();
  const ports = { dns: 0, tls: 0, https: 0, http: 0, nsd: 0, knot: 0, unbound: 0 };

  beforeAll(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) {
      ports[name] = await findFreePort();
    }
    await startNamed();
    await startNsd();
    await startKnot();
    await startUnbound();
  }, 60_000);
  afterAll(() => lab.close());

  async function startNamed(): Promise<void> {
    const folder = folderOf('named');
    const zone = lab.write('named/example.zone', `${ZONE}\n`);
    const configuration = lab.write(
      'named/named.conf',
      `
      ${ALGORITHMS.map((name) => `key ${name} { algorithm hmac-${name}; secret "${SECRET}"; };`).join('\n')}
      key short { algorithm hmac-sha256-128; secret "${SECRET}"; };
      tls local { cert-file "${fixture('server.pem')}"; key-file "${fixture('server.key')}"; };
      options {
        directory "${folder}"; pid-file "pid"; session-keyfile none; recursion no; notify no;
        dnssec-validation no;
        listen-on-v6 { none; };
        listen-on port ${ports.dns} { ${HOST}; };
        listen-on port ${ports.tls} tls local { ${HOST}; };
        listen-on port ${ports.https} tls local http default { ${HOST}; };
        listen-on port ${ports.http} tls none http default { ${HOST}; };
      };
      controls { };
      zone "example" {
        type primary; file "${zone}"; allow-transfer { key sha256; key short; }; allow-update { key sha256; };
      };`,
    );
    await readyAt(lab.start('named', '-g', '-n', '1', '-c', configuration), ports.dns);
  }

  async function startNsd(): Promise<void> {
    const folder = folderOf('nsd');
    const zone = lab.write('nsd/example.zone', `${ZONE}\n`);
    const configuration = lab.write(
      'nsd/nsd.conf',
      `
server:
  ip-address: ${HOST}@${ports.nsd}
  username: ""
  database: ""
  zonesdir: "${folder}"
  pidfile: "${folder}/pid"
  xfrdfile: "${folder}/xfrd"
  xfrdir: "${folder}"
  zonelistfile: "${folder}/zones"
  server-count: 1
remote-control:
  control-enable: no
key:
  name: sha256
  algorithm: hmac-sha256
  secret: "${SECRET}"
zone:
  name: example
  zonefile: "${zone}"
  provide-xfr: ${HOST} sha256
`,
    );
    await readyAt(lab.start('nsd', '-d', '-c', configuration), ports.nsd);
  }

  async function startKnot(): Promise<void> {
    const folder = folderOf('knot');
    const zone = lab.write('knot/example.zone', `${ZONE}\n`);
    const configuration = lab.write(
      'knot/knot.conf',
      `
server:
    rundir: "${folder}"
    listen: ${HOST}@${ports.knot}
database:
    storage: "${folder}"
key:
  - id: sha256
    algorithm: hmac-sha256
    secret: ${SECRET}
acl:
  - id: transfer
    key: sha256
    action: transfer
zone:
  - domain: example
    file: "${zone}"
    zonefile-sync: -1
    journal-content: none
    acl: transfer
`,
    );
    await readyAt(lab.start('knotd', '-c', configuration), ports.knot);
  }

  async function startUnbound(): Promise<void> {
    const folder = folderOf('unbound');
    const configuration = lab.write(
      'unbound/unbound.conf',
      `
server:
  interface: ${HOST}@${ports.unbound}
  tls-port: ${ports.unbound}
  tls-service-key: "${fixture('server.key')}"
  tls-service-pem: "${fixture('server.pem')}"
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: "${folder}/pid"
  use-syslog: no
  module-config: "iterator"
  local-zone: "example." static
  local-data: "www.example. 300 A 192.0.2.10"
remote-control:
  control-enable: no
`,
    );
    const program = lab.start('unbound', '-d', '-c', configuration);
    const ask = [
      '+tls',
      `@${HOST}`,
      '-p',
      String(ports.unbound),
      '+time=1',
      '+tries=1',
      'www.example',
    ];
    await program.until('answers over TLS', () =>
      lab.run('dig', ...ask).stdout.includes('NOERROR'),
    );
  }

  function folderOf(name: string): string {
    const folder = `${lab.folder}/${name}`;
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async function readyAt(program: ReturnType<Lab['start']>, port: number): Promise<void> {
    const ask = [`@${HOST}`, '-p', String(port), '+time=1', '+tries=1', 'example', 'SOA'];
    await program.until('answers', () => lab.run('dig', ...ask).stdout.includes('NOERROR'));
  }

  /** Without what differs from one question to the next. */
  function plain({ stdout, status }: { stdout: string; status: number | null }): string {
    const text = stdout
      .replaceAll(/^; <<>>.*$/gm, '; BANNER')
      .replaceAll(/\bid: \d+/g, 'id: N')
      .replaceAll(/^; COOKIE: .*$/gm, '; COOKIE')
      .replaceAll(/^;; (Query time|WHEN): .*$/gm, ';; $1')
      .replaceAll(
        /(TSIG\thmac-\S+) \d+ 300 (\d+)( [A-Za-z0-9+/= ]+)? \d+ (?=[A-Z])/g,
        '$1 TIME 300 $2 MAC N ',
      );
    return `${text}exit status ${status}\n`;
  }

  function both(...words: readonly string[]): { readonly ours: string; readonly theirs: string } {
    const args = [`@${HOST}`, ...words, '+time=3', '+tries=1'];
    return { ours: plain(runTsDig(lab, ...args)), theirs: plain(lab.run('dig', ...args)) };
  }

  const key = (name: string, algorithm = `hmac-${name}`): string =>
    `${algorithm}:${name}:${SECRET}`;

  describe('the same output as dig', () => {
    test.each<[string, keyof typeof ports, readonly string[]]>([
      ['over TCP', 'dns', ['+tcp', 'www.example']],
      ['over TLS', 'tls', ['+tls', 'www.example']],
      ['over TLS, of unbound', 'unbound', ['+tls', 'www.example']],
      [
        'over TLS with proof',
        'tls',
        ['+tls', `+tls-ca=${fixture('ca.pem')}`, '+tls-hostname=dns.example', 'www.example'],
      ],
      [
        'over TLS without the name',
        'tls',
        ['+tls', `+tls-ca=${fixture('ca.pem')}`, '+tls-hostname=other', 'www.example'],
      ],
      ['over TLS of an unknown authority', 'tls', ['+tls', '+tls-ca', 'www.example']],
      ['over HTTPS', 'https', ['+https', 'txt.example', 'TXT']],
      ['over HTTPS by GET', 'https', ['+https-get', 'www.example']],
      ['over HTTP', 'http', ['+http-plain', 'www.example']],
      ['over HTTP by GET', 'http', ['+http-plain-get', 'none.example']],
      [
        'over HTTPS with proof',
        'https',
        ['+https', `+tls-ca=${fixture('ca.pem')}`, '+tls-hostname=dns.example', 'www.example'],
      ],
      ['padded', 'tls', ['+tls', '+padding=128', 'www.example']],
      ['on one connection', 'dns', ['+keepopen', '+tcp', 'www.example', 'txt.example', 'TXT']],
    ])('%s', (_, port, words) => {
      const { ours, theirs } = both('-p', String(ports[port]), ...words);
      expect(ours).toBe(theirs);
    });

    test.each([
      ...ALGORITHMS.map((name) => [name, key(name)] as const),
      ['truncated', key('short', 'hmac-sha256-128')] as const,
      ['less than agreed', key('sha256', 'hmac-sha256-128')] as const,
      ['an unknown name', key('nobody', 'hmac-sha256')] as const,
      ['another secret', `hmac-sha256:sha256:${Buffer.from('x').toString('base64')}`] as const,
    ])('under a key: %s', (_, text) => {
      const { ours, theirs } = both('-p', String(ports.dns), '-y', text, 'www.example');
      expect(ours).toBe(theirs);
    });

    test('but where a server speaks no TLS, of which dig says nothing', () => {
      const args = [`@${HOST}`, '-p', String(ports.http), '+tls', '+tries=1', 'www.example'];
      const { stdout, status } = runTsDig(lab, ...args);
      expect(stdout).toContain('for www.example failed: TLS: wrong version number.\n');
      expect(status).toBe(9);
    });

    test('a transfer that is refused', () => {
      const { ours, theirs } = both('-p', String(ports.dns), 'example', 'AXFR');
      expect(ours).toBe(theirs);
    });
  });

  describe('transfers', () => {
    test.each(['dns', 'nsd', 'knot'] as const)('of %s, record by record', (server) => {
      const words = ['-p', String(ports[server]), '-y', key('sha256'), 'example', 'AXFR', '+nocmd'];
      const ours = runTsDig(lab, `@${HOST}`, ...words).stdout;
      const theirs = lab.run('dig', `@${HOST}`, ...words).stdout;
      const records = (text: string): readonly string[] =>
        text
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith(';') && !line.includes('\tTSIG\t'));
      expect(records(ours)).toHaveLength(RECORDS);
      expect(records(ours)).toEqual(records(theirs));
      expect(ours).toContain(`;; XFR size: ${RECORDS} records`);
      expect(ours).not.toContain('WARNING');
    });

    test('over TLS', () => {
      const args = ['-p', String(ports.tls), '+tls', '-y', key('sha256'), 'example', 'AXFR'];
      const { stdout } = runTsDig(lab, `@${HOST}`, ...args);
      expect(stdout).toContain(`;; XFR size: ${RECORDS} records`);
      expect(stdout).toContain('(TLS)');
    });

    test('of what has changed (IXFR)', () => {
      const commands = [
        `server ${HOST} ${ports.dns}`,
        'update add new.example. 300 A 192.0.2.99',
        'update delete h7.example. A',
        'send',
        '',
      ].join('\n');
      const script = lab.write('update', commands);
      lab.must('nsupdate', '-y', key('sha256'), script);
      const words = ['-p', String(ports.dns), '-y', key('sha256'), 'example', 'IXFR=1'];
      const { ours, theirs } = both(...words);
      expect(ours).toBe(theirs);
      expect(ours).toContain('new.example.');
      expect(ours).toMatch(/XFR size: 6 records/);
    });
  });

  test('the library does it, too: JSON over HTTPS', () => {
    const args = ['-p', String(ports.https), '+https', '+json', 'www.example'];
    const { stdout } = runTsDig(lab, `@${HOST}`, ...args);
    expect(JSON.parse(stdout)).toMatchObject({
      transport: 'https',
      answers: [{ data: '192.0.2.10' }],
    });
  });
});

/**
 * Zones between ts-dns, BIND, Knot and NSD, signed by a key, in both directions:
 *
 *     nsupdate ─► ts-dns  `ours.`  ── NOTIFY, AXFR, IXFR ─► BIND, Knot, NSD
 *     nsupdate ─► BIND    `bind.`  ── NOTIFY, AXFR, IXFR ─► ts-dns
 *     nsupdate ─► Knot    `knot.`  ── NOTIFY, AXFR, IXFR ─► ts-dns
 *     NSD                 `nsd.`   ────────── AXFR ───────► ts-dns
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Lab, type Program } from './support/lab.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { startTsDns } from './support/ts-dns.ts';

const SECRET = 'c2VjcmV0IG9mIG91cnMsIHRoaXJ0eS10d28gb2N0ZXQ=';
const OURS = '127.0.0.1';
const BIND = '127.0.0.2';
const KNOT = '127.0.0.3';
const NSD = '127.0.0.4';

const obstacle = findObstacle([
  'network namespaces',
  'program nsd',
  'program knotd',
  'program named',
  'program nsupdate',
  'program dig',
]);

describe.skipIf(obstacle !== undefined)(titleOf('zones between servers', obstacle), () => {
  // BIND listens on addresses that an interface has.
  const addresses = [BIND, KNOT, NSD].map((address) => `${address}/8`);
  const lab = new Lab(obstacle === undefined ? { namespace: true, addresses } : {});
  let ours: Program;

  beforeAll(async () => {
    for (const name of ['ours', 'bind', 'knot', 'nsd']) {
      const lines = `@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 192.0.2.1\nfirst A 192.0.2.2\n`;
      lab.write(`${name}.zone`, `$ORIGIN ${name}.\n$TTL 300\n${lines}`);
    }
    startKnotAndNsd(lab);
    lab.write('ts-dns.yaml', configuration());
    ours = await startTsDns(lab, 'serve', '--config', `${lab.folder}/ts-dns.yaml`);
    // BIND asks once as it starts. When nobody answers it waits a minute, longer than this test,
    // unless a NOTIFY comes that finds it ready: on a busy machine neither is sure.
    startBind(lab);
  });
  afterAll(() => lab.close());

  const dig = (server: string, ...args: readonly string[]): string =>
    lab.run('dig', '-y', `hmac-sha256:xfer:${SECRET}`, `@${server}`, ...args).stdout;
  const has = (server: string, name: string, data: string): boolean =>
    lab.run('dig', '+tries=1', '+timeout=2', '+short', `@${server}`, name, 'A').stdout.trim() ===
    data;
  const nsupdate = (server: string, zone: string, line: string): string => {
    const key = `key hmac-sha256:xfer ${SECRET}`;
    const file = lab.write('update', `server ${server}\nzone ${zone}\n${key}\n${line}\nsend\n`);
    return lab.must('nsupdate', file);
  };

  test.each([
    ['BIND', BIND],
    ['Knot', KNOT],
    ['NSD', NSD],
  ])('%s takes our zone, and what nsupdate changes in it', async (_name, server) => {
    await ours.until('has its zone there', () => has(server, 'first.ours', '192.0.2.2'));
    const host = `new-${server.replaceAll('.', '-')}`;
    nsupdate(OURS, 'ours', `update add ${host}.ours 300 A 192.0.2.77`);
    expect(has(OURS, `${host}.ours`, '192.0.2.77')).toBe(true);
    await ours.until('has told it', () => has(server, `${host}.ours`, '192.0.2.77'));
  });

  test.each([
    ['BIND', BIND, 'bind'],
    ['Knot', KNOT, 'knot'],
  ])('we take the zone of %s, and what nsupdate changes there', async (_name, server, zone) => {
    await ours.until('has the zone', () => has(OURS, `first.${zone}`, '192.0.2.2'));
    nsupdate(server, zone, `update add new.${zone} 300 A 192.0.2.78`);
    await ours.until('has been told', () => has(OURS, `new.${zone}`, '192.0.2.78'));
    // As differences, which we can hand on ourselves.
    const line = new RegExp(`"zone":"${zone}\\.".*"what":"differences"`);
    await ours.until('says so', () => line.test(ours.output));
    expect(dig(OURS, zone, 'IXFR=1')).toMatch(/new\.\S+\s+300\s+IN\s+A\s+192\.0\.2\.78/);
  });

  test('we take the zone of NSD', async () => {
    await ours.until('has the zone', () => has(OURS, 'first.nsd', '192.0.2.2'));
    const sorted = (text: string): readonly string[] =>
      text
        .split('\n')
        .filter((line) => /\sIN\s/.test(line))
        .toSorted();
    const axfr = ['+noall', '+answer', '+onesoa', 'nsd', 'AXFR'];
    expect(sorted(dig(OURS, ...axfr))).toEqual(sorted(dig(NSD, ...axfr)));
  });

  test('nobody takes a zone from us without the key', () => {
    const plain = lab.run('dig', `@${OURS}`, 'ours', 'AXFR').stdout;
    expect(plain).toContain('Transfer failed');
    const wrong = lab.run('dig', '-y', `hmac-sha256:xfer:b3RoZXI=`, `@${OURS}`, 'ours', 'AXFR');
    expect(wrong.stdout).toMatch(/NOTAUTH|BADSIG|Transfer failed/);
    expect(dig(OURS, 'ours', 'AXFR')).toContain('first.ours.');
  });

  test('prerequisites of nsupdate are judged as RFC 2136 says', () => {
    const file = lab.write(
      'prerequisite',
      `server ${OURS}\nzone ours\nkey hmac-sha256:xfer ${SECRET}\n` +
        'prereq nxdomain first.ours\nupdate add x.ours 300 A 192.0.2.9\nsend\n',
    );
    expect(lab.run('nsupdate', file).stderr).toContain('YXDOMAIN');
  });
});

function configuration(): string {
  const key = 'key xfer';
  const primary = (name: string, server: string): string =>
    `  - { zone: ${name}, primaries: ${server} ${key}, file: ${name}.kept, ` +
    `transfer: ${key}, notify-from: 127.0.0.0/8 }`;
  return [
    `listen: ${OURS}:53`,
    `keys: [{ name: xfer, secret: ${SECRET} }]`,
    'zones:',
    `  - { file: ours.zone, origin: ours, transfer: ${key}, update: ${key}, ` +
      `also-notify: [${BIND}, ${KNOT}, ${NSD}] }`,
    'secondaries:',
    primary('bind', BIND),
    primary('knot', KNOT),
    primary('nsd', NSD),
    '',
  ].join('\n');
}

function startBind(lab: Lab): void {
  const { folder } = lab;
  const bind = [
    `options { directory "${folder}"; pid-file "${folder}/bind.pid"; recursion no;`,
    `  session-keyfile "${folder}/session.key"; listen-on port 53 { ${BIND}; };`,
    '  listen-on-v6 { none; }; notify explicit; };',
    'controls { };',
    `key "xfer" { algorithm hmac-sha256; secret "${SECRET}"; };`,
    'zone "bind." { type primary; file "bind.zone"; allow-update { key xfer; };',
    `  allow-transfer { key xfer; }; also-notify { ${OURS} port 53; }; };`,
    `zone "ours." { type secondary; primaries { ${OURS} port 53 key xfer; };`,
    '  allow-notify { 127.0.0.0/8; }; file "ours.bind"; };',
  ];
  lab.start('named', '-g', '-n', '1', '-c', lab.write('named.conf', bind.join('\n')));
}

function startKnotAndNsd(lab: Lab): void {
  const { folder } = lab;
  const knot = [
    'server:',
    `    rundir: "${folder}/knot"`,
    `    listen: ${KNOT}@53`,
    'database:',
    `    storage: "${folder}/knot"`,
    'key:',
    '  - id: xfer',
    '    algorithm: hmac-sha256',
    `    secret: "${SECRET}"`,
    'remote:',
    '  - id: ours',
    `    address: ${OURS}@53`,
    '    key: xfer',
    '  - id: told',
    `    address: ${OURS}@53`,
    'acl:',
    '  - id: taken',
    '    key: xfer',
    '    action: [transfer, update]',
    '  - id: heard',
    '    address: 127.0.0.0/8',
    '    action: notify',
    'zone:',
    '  - domain: knot.',
    `    file: "${folder}/knot.zone"`,
    '    notify: told',
    '    acl: taken',
    '    zonefile-sync: -1',
    '    zonefile-load: whole',
    '  - domain: ours.',
    `    file: "${folder}/ours.knot"`,
    '    master: ours',
    '    acl: heard',
  ];
  lab.write('knot/empty', '');
  lab.start('knotd', '-c', lab.write('knot.conf', knot.join('\n')));
  const nsd = [
    'server:',
    `  ip-address: ${NSD}@53`,
    '  username: ""',
    '  database: ""',
    `  zonesdir: "${folder}"`,
    `  pidfile: "${folder}/nsd.pid"`,
    `  xfrdfile: "${folder}/xfrd"`,
    `  xfrdir: "${folder}"`,
    `  zonelistfile: "${folder}/nsd.list"`,
    '  server-count: 1',
    'remote-control:',
    '  control-enable: no',
    'key:',
    '  name: "xfer"',
    '  algorithm: hmac-sha256',
    `  secret: "${SECRET}"`,
    'zone:',
    '  name: "nsd."',
    '  zonefile: "nsd.zone"',
    '  provide-xfr: 127.0.0.0/8 xfer',
    'zone:',
    '  name: "ours."',
    '  zonefile: "ours.nsd"',
    `  request-xfr: ${OURS}@53 xfer`,
    '  allow-notify: 127.0.0.0/8 NOKEY',
  ];
  lab.start('nsd', '-d', '-c', lab.write('nsd.conf', nsd.join('\n')));
}

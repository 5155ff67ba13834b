/**
 * The servers that are compared, each started on one loopback port with one worker, the same data
 * and nothing that only costs time (no query log, no statistics), but for what has it in its name.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ folder: string, host: string, otherHosts?: readonly string[], port: number, zones: readonly (readonly string[])[],
 *   rootHints: string }} Place
 * @typedef {{
 *   name: string,
 *   kinds: readonly import('./tasks.mjs').Kind[],
 *   program: string,
 *   versionArguments: readonly string[],
 *   command: (place: Place) => string[],
 *   isEcho?: boolean,
 *   workers?: number,
 *   prepare?: () => boolean,
 * }} Contestant
 */

const tsDns = fileURLToPath(new URL('../bin/ts-dns', import.meta.url));

/** As the others have it: room for all names that there are, as records and as answers. */
const LARGE_CACHE = [
  ...['answers:', '  cache-octets: 256 MiB'],
  ...['resolver:', '  cache:', '    record-octets: 512 MiB'],
];

/** Where npm's packages are installed, once, outside of ours: nothing here depends on them. */
const npmFolder = join(tmpdir(), 'ts-dns-bench-npm');
const npmPeer = fileURLToPath(new URL('npm-peer.mjs', import.meta.url));

const echo = fileURLToPath(new URL('echo.mjs', import.meta.url));

/** @type {readonly Contestant[]} */
export const contestants = [
  tsDnsContestant('ts-dns'),
  echoContestant('echo', 'batch'),
  { ...tsDnsContestant('ts-dns, dgram', () => ['--io', 'dgram']), kinds: ['authority', 'npm'] },
  {
    ...tsDnsContestant('ts-dns with query log', (folder) => [
      ...['--query-log', join(folder, 'query.log')],
    ]),
    kinds: ['authority', 'cache'],
  },
  {
    ...tsDnsContestant('ts-dns, two workers', () => ['--workers', '2']),
    kinds: ['workers'],
    workers: 2,
  },
  echoContestant('dgram echo', 'dgram'),
  npmContestant('dns2', '3'),
  npmContestant('bns', '0.16'),
  {
    name: 'nsd',
    kinds: ['authority'],
    program: 'nsd',
    versionArguments: ['-v'],
    command: nsdCommand,
  },
  {
    name: 'bind',
    kinds: ['authority', 'cache', 'recursion'],
    program: 'named',
    versionArguments: ['-v'],
    command: bindCommand,
  },
  {
    name: 'knot',
    kinds: ['authority'],
    program: 'knotd',
    versionArguments: ['--version'],
    command: knotCommand,
  },
  {
    name: 'pdns',
    kinds: ['authority'],
    program: 'pdns_server',
    versionArguments: ['--version'],
    command: powerDnsCommand,
  },
  {
    name: 'unbound',
    kinds: ['cache', 'latency', 'recursion'],
    program: 'unbound',
    versionArguments: ['-V'],
    command: unboundCommand,
  },
  {
    name: 'pdns-recursor',
    kinds: ['cache', 'recursion'],
    program: 'pdns_recursor',
    versionArguments: ['--version'],
    command: powerDnsRecursorCommand,
  },
  {
    name: 'dnsmasq',
    kinds: ['cache'],
    program: 'dnsmasq',
    versionArguments: ['--version'],
    command: ({ host, port }) => [
      ...['dnsmasq', '-k', '-C', '/dev/null', '-u', 'root', '--no-resolv', '--no-hosts'],
      ...['--cache-size=1000000', '-p', String(port), '-a', host, '--bind-interfaces'],
      ...['--server=127.0.0.2#53', '--dns-forward-max=1000'],
    ],
  },
];

/** @param {string} name @param {(folder: string) => readonly string[]} [more] @returns {Contestant} */
function tsDnsContestant(name, more = () => []) {
  return {
    name,
    kinds: ['authority', 'npm', 'workers', 'cache', 'latency', 'recursion'],
    program: process.execPath,
    versionArguments: [tsDns, '--version'],
    command: ({ folder, host, port, zones, rootHints }) => [
      ...[process.execPath, tsDns, 'serve', '--log-level', 'error', '--listen', `${host}:${port}`],
      ...zones.flatMap(([origin, file]) => ['--zone', `${origin}=${file}`]),
      ...(zones.length === 0 ? ['--recursion', '--root-hints', rootHints] : []),
      ...['--config', write(folder, 'ts-dns.yaml', LARGE_CACHE)],
      ...more(folder),
    ],
  };
}

/** A package of npm; where npm cannot get it, it stays away. */
/** @param {string} name @param {string} version @returns {Contestant} */
function npmContestant(name, version) {
  const installed = join(npmFolder, 'node_modules', name);
  const npm = ['install', '--prefix', npmFolder, '--no-audit', '--no-fund', '--ignore-scripts'];
  return {
    name,
    kinds: ['npm'],
    program: process.execPath,
    versionArguments: [
      ...['-p', 'JSON.parse(require("fs").readFileSync(process.argv[1])).version'],
      join(installed, 'package.json'),
    ],
    prepare: () => {
      mkdirSync(npmFolder, { recursive: true });
      if (!existsSync(installed)) spawnSync('npm', [...npm, `${name}@${version}`]);
      return existsSync(installed);
    },
    command: ({ host, port, zones: [[origin = '', file = ''] = []] }) => [
      ...[process.execPath, npmPeer, npmFolder, name, host, String(port), origin, file],
    ],
  };
}

/** What no server can be faster than. @param {string} name @param {string} io @returns {Contestant} */
function echoContestant(name, io) {
  return {
    name,
    kinds: ['authority'],
    program: process.execPath,
    versionArguments: [],
    command: ({ host, port }) => [process.execPath, echo, `${host}:${port}`, io],
    isEcho: true,
  };
}

/** @param {Place} place */
export function nsdCommand({ folder, host, otherHosts = [], port, zones }) {
  const server = [
    'server:',
    ...[host, ...otherHosts].map((each) => `  ip-address: ${each}@${port}`),
    '  username: ""',
    '  database: ""',
    `  zonesdir: "${folder}"`,
    `  pidfile: "${folder}/pid"`,
    `  xfrdfile: "${folder}/xfrd"`,
    `  xfrdir: "${folder}"`,
    `  zonelistfile: "${folder}/zones"`,
    '  server-count: 1',
    '  rrl-ratelimit: 0',
    'remote-control:',
    '  control-enable: no',
  ];
  const own = zones.map(([name, file]) => `zone:\n  name: "${name}"\n  zonefile: "${file}"`);
  return ['nsd', '-d', '-c', write(folder, 'nsd.conf', [...server, ...own])];
}

/** @param {Place} place */
function bindCommand({ folder, host, port, zones, rootHints }) {
  const own = zones.map(([name, file]) => `zone "${name}" { type primary; file "${file}"; };`);
  const resolver = [
    'dnssec-validation no;',
    'minimal-responses yes;',
    'recursion yes;',
    'max-cache-size 1g;',
  ];
  const configuration = write(folder, 'named.conf', [
    'options {',
    `  directory "${folder}";`,
    `  pid-file "${folder}/pid";`,
    `  session-keyfile "${folder}/session.key";`,
    `  listen-on port ${port} { ${host}; };`,
    '  listen-on-v6 { none; };',
    ...(zones.length > 0 ? ['recursion no;'] : resolver),
    '};',
    'controls { };',
    ...(zones.length > 0 ? own : [`zone "." { type hint; file "${rootHints}"; };`]),
  ]);
  return ['named', '-g', '-n', '1', '-c', configuration];
}

/** @param {Place} place */
function knotCommand({ folder, host, port, zones }) {
  const configuration = write(folder, 'knot.conf', [
    'server:',
    `    rundir: "${folder}"`,
    `    listen: ${host}@${port}`,
    '    udp-workers: 1',
    '    tcp-workers: 1',
    '    background-workers: 1',
    'database:',
    `    storage: "${folder}"`,
    'zone:',
    ...zones.flatMap(([name, file]) => [
      `  - domain: "${name}"`,
      `    file: "${file}"`,
      '    zonefile-sync: -1',
      '    journal-content: none',
    ]),
  ]);
  return ['knotd', '-c', configuration];
}

/** @param {Place} place */
function powerDnsCommand({ folder, host, port, zones }) {
  const named = zones.map(([name, file]) => `zone "${name}" { type native; file "${file}"; };`);
  const bind = write(folder, 'pdns-zones.conf', named);
  write(folder, 'pdns.conf', [
    'launch=bind',
    `bind-config=${bind}`,
    `local-address=${host}`,
    `local-port=${port}`,
    `socket-dir=${folder}`,
    'receiver-threads=1',
    'distributor-threads=1',
    'webserver=no',
    'setuid=',
    'setgid=',
  ]);
  return ['pdns_server', `--config-dir=${folder}`, '--guardian=no', '--daemon=no'];
}

/** @param {Place} place */
function powerDnsRecursorCommand({ folder, host, port, rootHints }) {
  write(folder, 'recursor.conf', [
    `local-address=${host}`,
    `local-port=${port}`,
    `socket-dir=${folder}`,
    `hint-file=${rootHints}`,
    'dont-query=',
    'dnssec=off',
    'threads=1',
    'max-cache-entries=2000000',
    'max-packetcache-entries=2000000',
    'setuid=',
    'setgid=',
    'quiet=yes',
  ]);
  return ['pdns_recursor', `--config-dir=${folder}`, '--daemon=no'];
}

/** @param {Place} place */
function unboundCommand({ folder, host, port, rootHints }) {
  const configuration = write(folder, 'unbound.conf', [
    'server:',
    `  interface: ${host}`,
    `  port: ${port}`,
    '  num-threads: 1',
    '  username: ""',
    '  chroot: ""',
    `  directory: "${folder}"`,
    `  pidfile: "${folder}/pid"`,
    `  root-hints: "${rootHints}"`,
    '  use-syslog: no',
    '  do-not-query-localhost: no',
    '  module-config: "iterator"',
    '  msg-cache-size: 256m',
    '  rrset-cache-size: 512m',
    'remote-control:',
    '  control-enable: no',
  ]);
  return ['unbound', '-d', '-c', configuration];
}

/** @param {string} folder @param {string} name @param {readonly string[]} lines */
function write(folder, name, lines) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/**
 * The servers that are compared, each started on one loopback port with one worker, the same data
 * and nothing that only costs time (no query log, no statistics).
 *
 * Two tasks: `authority` answers out of a zone, `cache` answers what it has fetched before from an
 * NSD that is not measured.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {'authority' | 'cache'} Task
 * @typedef {{ folder: string, port: number, upstreamPort: number }} Place
 * @typedef {{
 *   name: string,
 *   task: Task,
 *   program: string,
 *   versionArguments: readonly string[],
 *   command: (place: Place) => string[],
 * }} Contestant
 */

export const HOST = '127.0.0.1';
export const UPSTREAM_HOST = '127.0.0.2';
export const NAMES = 1000;

const tsDns = fileURLToPath(new URL('../bin/ts-dns', import.meta.url));

/** @type {readonly Contestant[]} */
export const contestants = [
  {
    name: 'ts-dns',
    task: 'authority',
    program: process.execPath,
    versionArguments: [tsDns, '--version'],
    command: ({ folder, port }) => [
      process.execPath,
      tsDns,
      'serve',
      '--no-recursion',
      '--listen',
      `${HOST}:${port}`,
      '--zone',
      `.=${writeZone(folder)}`,
    ],
  },
  {
    name: 'nsd',
    task: 'authority',
    program: 'nsd',
    versionArguments: ['-v'],
    command: ({ folder, port }) => nsdCommand(folder, HOST, port),
  },
  {
    name: 'bind',
    task: 'authority',
    program: 'named',
    versionArguments: ['-v'],
    command: ({ folder, port }) =>
      bindCommand(folder, port, [
        'recursion no;',
        '};',
        `zone "." { type primary; file "${writeZone(folder)}"; };`,
      ]),
  },
  {
    name: 'knot',
    task: 'authority',
    program: 'knotd',
    versionArguments: ['--version'],
    command: ({ folder, port }) => knotCommand(folder, port),
  },
  {
    name: 'ts-dns',
    task: 'cache',
    program: process.execPath,
    versionArguments: [tsDns, '--version'],
    command: ({ folder, port, upstreamPort }) => [
      process.execPath,
      tsDns,
      'serve',
      '--recursion',
      '--listen',
      `${HOST}:${port}`,
      '--root-hints',
      writeHints(folder),
      '--upstream-port',
      String(upstreamPort),
    ],
  },
  {
    name: 'unbound',
    task: 'cache',
    program: 'unbound',
    versionArguments: ['-V'],
    command: ({ folder, port, upstreamPort }) => unboundCommand(folder, port, upstreamPort),
  },
  {
    name: 'bind',
    task: 'cache',
    program: 'named',
    versionArguments: ['-v'],
    command: ({ folder, port, upstreamPort }) =>
      bindCommand(folder, port, [
        'recursion yes;',
        'dnssec-validation no;',
        'minimal-responses yes;',
        'forward only;',
        `forwarders { ${UPSTREAM_HOST} port ${upstreamPort}; };`,
        '};',
      ]),
  },
];

/** The authority behind the caches. @param {string} folder @param {number} port */
export function upstreamCommand(folder, port) {
  return nsdCommand(folder, UPSTREAM_HOST, port);
}

/** @param {number} index */
export function nameOf(index) {
  return `host-${index}.bench.example.`;
}

/** One zone holds all names: a miss costs one upstream query, and then all are in the cache. */
/** @param {string} folder */
function writeZone(folder) {
  const hosts = Array.from(
    { length: NAMES },
    (_, index) => `${nameOf(index)} A 192.0.2.${index % 250}`,
  );
  const zone = [
    '$ORIGIN .',
    '$TTL 86400',
    '@ IN SOA ns.bench.example. hostmaster.bench.example. 1 3600 900 604800 300',
    '@ IN NS ns.bench.example.',
    `ns.bench.example. IN A ${UPSTREAM_HOST}`,
    ...hosts,
  ];
  return write(folder, 'bench.zone', zone);
}

/** @param {string} folder */
function writeHints(folder) {
  return write(folder, 'root.hints', [
    '. 3600000 NS ns.bench.example.',
    `ns.bench.example. 3600000 A ${UPSTREAM_HOST}`,
  ]);
}

/** @param {string} folder @param {string} address @param {number} port */
function nsdCommand(folder, address, port) {
  const configuration = write(folder, 'nsd.conf', [
    'server:',
    `  ip-address: ${address}@${port}`,
    '  username: ""',
    '  database: ""',
    `  zonesdir: "${folder}"`,
    `  pidfile: "${folder}/pid"`,
    `  xfrdfile: "${folder}/xfrd"`,
    `  xfrdir: "${folder}"`,
    `  zonelistfile: "${folder}/zones"`,
    '  server-count: 1',
    'remote-control:',
    '  control-enable: no',
    'zone:',
    '  name: "."',
    `  zonefile: "${writeZone(folder)}"`,
  ]);
  return ['nsd', '-d', '-c', configuration];
}

/** @param {string} folder @param {number} port @param {readonly string[]} options */
function bindCommand(folder, port, options) {
  const configuration = write(folder, 'named.conf', [
    'options {',
    `  directory "${folder}";`,
    `  pid-file "${folder}/pid";`,
    `  session-keyfile "${folder}/session.key";`,
    `  listen-on port ${port} { ${HOST}; };`,
    '  listen-on-v6 { none; };',
    ...options,
    'controls { };',
  ]);
  return ['named', '-g', '-n', '1', '-c', configuration];
}

/** @param {string} folder @param {number} port */
function knotCommand(folder, port) {
  const configuration = write(folder, 'knot.conf', [
    'server:',
    `    rundir: "${folder}"`,
    `    listen: ${HOST}@${port}`,
    '    udp-workers: 1',
    '    tcp-workers: 1',
    '    background-workers: 1',
    'database:',
    `    storage: "${folder}"`,
    'zone:',
    '  - domain: "."',
    `    file: "${writeZone(folder)}"`,
    '    zonefile-sync: -1',
    '    journal-content: none',
  ]);
  return ['knotd', '-c', configuration];
}

/** @param {string} folder @param {number} port @param {number} upstreamPort */
function unboundCommand(folder, port, upstreamPort) {
  const configuration = write(folder, 'unbound.conf', [
    'server:',
    `  interface: ${HOST}`,
    `  port: ${port}`,
    '  num-threads: 1',
    '  username: ""',
    '  chroot: ""',
    `  directory: "${folder}"`,
    `  pidfile: "${folder}/pid"`,
    '  use-syslog: no',
    '  do-not-query-localhost: no',
    '  module-config: "iterator"',
    'remote-control:',
    '  control-enable: no',
    'stub-zone:',
    '  name: "."',
    `  stub-addr: ${UPSTREAM_HOST}@${upstreamPort}`,
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

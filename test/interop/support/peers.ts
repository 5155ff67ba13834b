/**
 * Starts other people's DNS servers, each with the smallest configuration that serves our zone files
 * and touches nothing of the machine's own set-up. Readiness is an answer, never a guess.
 */
import { dirname } from 'node:path';

import type { Lab, Program } from './lab.ts';
import { zonesFolder } from './ts-dns.ts';

export interface ServedZone {
  /** Absolute, with the final dot. */
  readonly origin: string;
  readonly file: string;
}

export interface AuthorityOptions {
  readonly address: string;
  /** More addresses, of NSD and BIND, with the same ports. */
  readonly others?: readonly string[];
  /** NSD listens on all of them, the others on the first. */
  readonly ports: readonly [number, ...number[]];
  readonly zones: readonly ServedZone[];
}

/** The origin is the file's name: `example.com.zone` holds `example.com.`, `root.zone` the root. */
export function servedZone(file: string, folder: string = zonesFolder): ServedZone {
  const base = file.slice(0, -'.zone'.length);
  return { origin: base === 'root' ? '.' : `${base}.`, file: `${folder}/${file}` };
}

export async function startNsd(lab: Lab, options: AuthorityOptions): Promise<Program> {
  const { address, others = [], ports, zones } = options;
  const folder = folderFor(lab, 'nsd', options);
  const configuration = lab.write(
    `${folder}/nsd.conf`,
    [
      'server:',
      ...[address, ...others].flatMap((one) => ports.map((port) => `  ip-address: ${one}@${port}`)),
      '  username: ""',
      '  database: ""',
      `  zonesdir: "${lab.folder}/${folder}"`,
      `  pidfile: "${lab.folder}/${folder}/pid"`,
      `  xfrdfile: "${lab.folder}/${folder}/xfrd"`,
      `  xfrdir: "${lab.folder}/${folder}"`,
      `  zonelistfile: "${lab.folder}/${folder}/zones"`,
      '  server-count: 1',
      '  refuse-any: no',
      '  rrl-ratelimit: 0',
      'remote-control:',
      '  control-enable: no',
      ...zones.flatMap((zone) => [
        'zone:',
        `  name: "${zone.origin}"`,
        `  zonefile: "${zone.file}"`,
      ]),
    ].join('\n'),
  );
  const program = lab.start('nsd', '-d', '-c', configuration);
  return ready(lab, program, options);
}

export async function startBind(lab: Lab, options: AuthorityOptions): Promise<Program> {
  const { address, others = [], ports, zones } = options;
  const folder = folderFor(lab, 'bind', options);
  const [ipv4, ipv6] = [false, true].map((isIPv6) =>
    [address, ...others].filter((one) => one.includes(':') === isIPv6),
  );
  const configuration = lab.write(
    `${folder}/named.conf`,
    [
      'options {',
      `  directory "${lab.folder}/${folder}";`,
      `  pid-file "${lab.folder}/${folder}/pid";`,
      `  session-keyfile "${lab.folder}/${folder}/session.key";`,
      `  listen-on port ${ports[0]} { ${listOf(ipv4!)} };`,
      `  listen-on-v6 port ${ports[0]} { ${listOf(ipv6!)} };`,
      '  recursion no;',
      '  notify no;',
      '  minimal-any no;',
      '  check-integrity no;',
      '  check-names primary ignore;',
      '};',
      'controls { };',
      ...zones.map(({ origin, file }) => `zone "${origin}" { type primary; file "${file}"; };`),
    ].join('\n'),
  );
  const program = lab.start('named', '-g', '-n', '1', '-c', configuration);
  return ready(lab, program, options);
}

export async function startKnot(lab: Lab, options: AuthorityOptions): Promise<Program> {
  const { address, ports, zones } = options;
  const folder = folderFor(lab, 'knot', options);
  const configuration = lab.write(
    `${folder}/knot.conf`,
    [
      'server:',
      `    rundir: "${lab.folder}/${folder}"`,
      `    listen: ${address}@${ports[0]}`,
      '    udp-workers: 1',
      '    tcp-workers: 1',
      '    background-workers: 1',
      'database:',
      `    storage: "${lab.folder}/${folder}"`,
      'zone:',
      ...zones.flatMap(({ origin, file }) => [
        `  - domain: "${origin}"`,
        `    file: "${file}"`,
        '    zonefile-sync: -1',
        '    journal-content: none',
      ]),
    ].join('\n'),
  );
  const program = lab.start('knotd', '-c', configuration);
  return ready(lab, program, options);
}

export interface UnboundOptions {
  readonly address: string;
  readonly port: number;
  readonly rootHints: string;
}

/** A plain iterator without DNSSEC, which may ask name servers on loopback addresses. */
export async function startUnbound(lab: Lab, options: UnboundOptions): Promise<Program> {
  const reverseZones = [
    '2.0.192.in-addr.arpa.',
    '100.51.198.in-addr.arpa.',
    '113.0.203.in-addr.arpa.',
    '8.b.d.0.1.0.0.2.ip6.arpa.',
  ];
  const configuration = lab.write(
    'unbound/unbound.conf',
    [
      'server:',
      `  interface: ${options.address}`,
      `  port: ${options.port}`,
      '  username: ""',
      '  chroot: ""',
      `  directory: "${lab.folder}/unbound"`,
      `  pidfile: "${lab.folder}/unbound/pid"`,
      '  use-syslog: no',
      '  do-not-query-localhost: no',
      '  module-config: "iterator"',
      `  root-hints: "${options.rootHints}"`,
      ...reverseZones.map((zone) => `  local-zone: "${zone}" nodefault`),
      'remote-control:',
      '  control-enable: no',
    ].join('\n'),
  );
  const program = lab.start('unbound', '-d', '-c', configuration);
  await program.until('answers', () =>
    answers(lab, { address: options.address, port: options.port, name: '.' }),
  );
  return program;
}

/** Whether some answer, whatever its code, comes back from an address and port. */
export function answers(
  lab: Lab,
  { address, port, name }: { address: string; port: number; name: string },
): boolean {
  const args = [`@${address}`, '-p', String(port), '+time=1', '+tries=1', '+norec', name, 'SOA'];
  return /status: (NOERROR|NXDOMAIN|REFUSED|SERVFAIL)/.test(lab.run('dig', ...args).stdout);
}

async function ready(lab: Lab, program: Program, options: AuthorityOptions): Promise<Program> {
  const name = options.zones[0]?.origin ?? '.';
  for (const port of options.ports) {
    const { address } = options;
    await program.until(`answers on ${address}:${port}`, () =>
      answers(lab, { address, port, name }),
    );
  }
  return program;
}

/** A list of addresses in BIND's syntax. */
function listOf(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'none;' : addresses.map((one) => `${one};`).join(' ');
}

function folderFor(lab: Lab, name: string, { address, ports }: AuthorityOptions): string {
  const folder = `${name}-${address}-${ports[0]}`;
  return dirname(lab.write(`${folder}/.keep`, '')).slice(lab.folder.length + 1);
}

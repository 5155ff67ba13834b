/**
 * Other people's resolvers over a private internet: no validation, our root hints, the same bounds
 * on TTLs as ours, and nothing that asks the real internet.
 */
import { answers } from './peers.ts';
import type { Lab, Program } from './lab.ts';

export interface ResolverOptions {
  readonly address: string;
  readonly port: number;
  readonly rootHints: string;
}

const TTL_CAP_SECONDS = 86_400;
const NEGATIVE_TTL_CAP_SECONDS = 3600;

export async function startUnboundResolver(lab: Lab, options: ResolverOptions): Promise<Program> {
  const folder = `${lab.folder}/unbound`;
  const configuration = lab.write(
    'unbound/unbound.conf',
    lines(
      'server:',
      `  interface: ${options.address}@${options.port}`,
      '  access-control: 0.0.0.0/0 allow',
      '  username: ""',
      '  chroot: ""',
      `  directory: "${folder}"`,
      `  pidfile: "${folder}/pid"`,
      '  use-syslog: no',
      '  module-config: "iterator"',
      `  root-hints: "${options.rootHints}"`,
      `  cache-max-ttl: ${TTL_CAP_SECONDS}`,
      `  cache-max-negative-ttl: ${NEGATIVE_TTL_CAP_SECONDS}`,
      'remote-control:',
      '  control-enable: no',
    ),
  );
  return ready(lab, options, lab.start('unbound', '-d', '-c', configuration));
}

export async function startBindResolver(lab: Lab, options: ResolverOptions): Promise<Program> {
  const folder = `${lab.folder}/bind-resolver`;
  const configuration = lab.write(
    'bind-resolver/named.conf',
    lines(
      'options {',
      `  directory "${folder}";`,
      `  pid-file "${folder}/pid";`,
      `  session-keyfile "${folder}/session.key";`,
      `  listen-on port ${options.port} { ${options.address}; };`,
      '  listen-on-v6 { none; };',
      '  recursion yes;',
      '  allow-query { any; };',
      '  allow-recursion { any; };',
      '  dnssec-validation no;',
      '  empty-zones-enable no;',
      '  minimal-responses yes;',
      `  max-cache-ttl ${TTL_CAP_SECONDS};`,
      `  max-ncache-ttl ${NEGATIVE_TTL_CAP_SECONDS};`,
      '};',
      'controls { };',
      `zone "." { type hint; file "${options.rootHints}"; };`,
    ),
  );
  return ready(lab, options, lab.start('named', '-g', '-n', '1', '-c', configuration));
}

export async function startPowerDnsRecursor(lab: Lab, options: ResolverOptions): Promise<Program> {
  const folder = `${lab.folder}/recursor`;
  lab.write(
    'recursor/recursor.conf',
    lines(
      `local-address=${options.address}:${options.port}`,
      'query-local-address=0.0.0.0, ::',
      'allow-from=0.0.0.0/0',
      'dont-query=',
      `hint-file=${options.rootHints}`,
      'dnssec=off',
      `socket-dir=${folder}`,
      'write-pid=no',
      'daemon=no',
      'disable-syslog=yes',
      'security-poll-suffix=',
      'serve-rfc1918=no',
      'threads=1',
      // Its default makes every TTL 0 a 1.
      'minimum-ttl-override=0',
      `max-cache-ttl=${TTL_CAP_SECONDS}`,
      `max-negative-ttl=${NEGATIVE_TTL_CAP_SECONDS}`,
    ),
  );
  return ready(lab, options, lab.start('pdns_recursor', `--config-dir=${folder}`));
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

async function ready(lab: Lab, options: ResolverOptions, program: Program): Promise<Program> {
  const { address, port } = options;
  await program.until('answers', () => answers(lab, { address, port, name: '.' }));
  return program;
}

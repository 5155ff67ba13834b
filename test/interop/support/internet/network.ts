/**
 * The network of the generated internet, inside a lab's namespace: addresses of authorities on the
 * loopback, a link where nobody answers, and a cable to this process, over which it asks resolvers.
 */
import { spawnSync } from 'node:child_process';

import type { Lab } from '../lab.ts';
import { allHosts, REFUSING_ADDRESS, SILENT_PREFIX } from './hosts.ts';

/** Link-local (RFC 3927), so that no route of this machine is in the way. */
const OUR_ADDRESS = '169.254.53.1/30';
export const RESOLVER_ADDRESS = '169.254.53.2';
export const CLIENT_PREFIX = '169.254.53.0/30';

export function buildNetwork(lab: Lab): void {
  const inside = (...args: readonly string[]): string => lab.must('ip', ...args);
  for (const address of [...allHosts.flatMap((host) => host.addresses), REFUSING_ADDRESS]) {
    const whole = address.includes(':') ? [`${address}/128`, 'nodad'] : [`${address}/32`];
    inside('addr', 'add', ...whole, 'dev', 'lo');
  }
  inside('link', 'add', 'silent0', 'type', 'veth', 'peer', 'name', 'silent1');
  // Without ARP a datagram leaves at once, for nobody.
  inside('link', 'set', 'silent0', 'arp', 'off');
  for (const end of ['silent0', 'silent1']) inside('link', 'set', end, 'up');
  inside('route', 'add', SILENT_PREFIX, 'dev', 'silent0');
  // The end of the cable outside goes when the namespace goes.
  const outside = `tsdns${process.pid}`;
  const peer = ['peer', 'name', outside, 'netns', String(process.pid)];
  inside('link', 'add', 'cable', 'type', 'veth', ...peer);
  inside('addr', 'add', `${RESOLVER_ADDRESS}/30`, 'dev', 'cable');
  inside('link', 'set', 'cable', 'up');
  ip('addr', 'add', OUR_ADDRESS, 'dev', outside);
  ip('link', 'set', outside, 'up');
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

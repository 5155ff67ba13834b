/**
 * The name servers of `/etc/resolv.conf` (resolv.conf(5)). Reads nothing else of it: ts-dig has its
 * own timeouts, and no search list.
 */

import { canonicalEndpointAddress } from '../net/address.ts';

/** As many as the C library reads. */
const MAX_NAME_SERVERS = 3;
/** What resolv.conf(5) prescribes for a file that names no server. */
const FALLBACK: readonly string[] = ['127.0.0.1'];

/** Addresses in the order of the file; lines that name no address are skipped. */
export function nameServersOf(text: string | undefined): readonly string[] {
  const servers = (text ?? '')
    .split('\n')
    .map((line) => /^nameserver[ \t]+([^ \t\r]+)/.exec(line)?.[1])
    .map((address) => (address === undefined ? undefined : canonicalEndpointAddress(address)))
    .filter((address) => address !== undefined)
    .slice(0, MAX_NAME_SERVERS);
  return servers.length === 0 ? FALLBACK : servers;
}

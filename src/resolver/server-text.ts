/**
 * How an extended error (RFC 8914) names a server. Everybody who asks gets to read it, and caches
 * pass it on: the addresses of authorities are public, but those that an operator configured are
 * the plan of a network. So forwarders and servers of stub zones are told by their place in the
 * configuration; who may see explanations sees their addresses there.
 */

import type { Delegation } from '../cache/delegation-cache.ts';

/** What the servers of a zone are for us. */
export function roleOf({ configured }: Delegation): string {
  if (!configured) return 'server';
  return configured.kind === 'forward' ? 'forwarder' : 'stub server';
}

/** `192.0.2.1`, `forwarder 2`, or `a stub server` for one that has only a name there. */
export function serverText(address: string, delegation: Delegation): string {
  if (!delegation.configured) return address;
  const addresses = delegation.nameServers.flatMap((server) => server.addresses);
  const place = addresses.indexOf(address) + 1;
  return place === 0 ? `a ${roleOf(delegation)}` : `${roleOf(delegation)} ${place}`;
}

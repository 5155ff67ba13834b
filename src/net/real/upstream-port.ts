/**
 * Source ports that nobody can guess (RFC 5452 §9.2, RFC 6056 §3.3.1): drawn from all of 1024 to
 * 65535, where the kernel by itself would use less than half of them.
 */

import { familyOfAddress } from '../address.ts';
import type { Endpoint, Random } from '../ports.ts';
import { bindError, codeOf } from '../socket-errors.ts';

/** Ports below are reserved for services and mostly forbidden. */
const FIRST_PORT = 1024;
const PORT_COUNT = 65536 - FIRST_PORT;
/**
 * Ports whose traffic networks filter or treat specially, so that an answer may never arrive:
 * reflectors (SSDP, WS-Discovery, memcached), multicast names (mDNS, LLMNR), tunnels (IPsec, VXLAN,
 * RoCE, Geneve).
 */
const AVOIDED_PORTS: ReadonlySet<number> = new Set([
  1900, 3702, 4500, 4789, 4791, 5353, 5355, 6081, 11211,
]);
/** With half of all ports taken, one try in 256 still comes to ask the kernel for any port. */
const MAX_PORT_TRIES = 8;

export function unpredictablePort(random: Random): number {
  const port = FIRST_PORT + random.below(PORT_COUNT);
  return AVOIDED_PORTS.has(port) ? unpredictablePort(random) : port;
}

/** Calls `open` with one port after the other until one is free. Throws `BindError`. */
export async function onUnpredictablePort<Opened>(
  address: string,
  random: Random,
  open: (local: Endpoint) => Opened | Promise<Opened>,
): Promise<Opened> {
  for (let tries = 1; ; tries += 1) {
    const local = { address, port: tries > MAX_PORT_TRIES ? 0 : unpredictablePort(random) };
    try {
      const opened = open(local);
      return opened instanceof Promise ? await opened : opened;
    } catch (error) {
      const code = codeOf(error);
      const isTaken = code === 'EADDRINUSE' || code === 'EACCES';
      if (!isTaken || local.port === 0) throw bindError(local, 'udp', error);
    }
  }
}

/** Where to bind a socket that asks `remote` from whatever address the routes say. */
export function anyAddress(remote: Endpoint): string {
  return familyOfAddress(remote.address) === 6 ? '::' : '0.0.0.0';
}

/**
 * DNS over TLS (RFC 7858) for everything that speaks over TCP: the same octets in the same frames,
 * on a stream that is encrypted.
 */

import type { Runtime } from '../net/ports.ts';
import type { ConnectTlsOptions, SecureNetwork } from '../net/secure.ts';

/** `runtime` with TLS wherever it would open a TCP connection. */
export function overTls(
  runtime: Runtime,
  secure: Pick<SecureNetwork, 'connectTls'>,
  tls: Pick<ConnectTlsOptions, 'terms' | 'serverName'>,
): Runtime {
  const { network } = runtime;
  return {
    ...runtime,
    network: {
      bindUdp: (local, handler) => network.bindUdp(local, handler),
      connectUdp: (remote, options) => network.connectUdp(remote, options),
      listenTcp: (local, onConnection) => network.listenTcp(local, onConnection),
      connectTcp: (remote, options = {}) => secure.connectTls(remote, { ...options, ...tls }),
    },
  };
}

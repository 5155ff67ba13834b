/** A TCP socket bound below Node, because not every Node can let several listen on one port. */

import { endpointFamily } from '../../address.ts';
import type { Endpoint } from '../../ports.ts';
import { SocketFailure } from '../../socket-errors.ts';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOL_SOCKET,
  STREAM_SOCKET,
} from './abi.ts';
import { failure, integer } from './descriptor.ts';
import type { Libc } from './libc.ts';
import { encodeSocketAddress } from './socket-address.ts';

/** Ready for `net.Server.listen({ fd })`. Throws a `SocketFailure`. */
export function bindShared(local: Endpoint, libc: Libc): number {
  const family = endpointFamily(local.address);
  const address = family && encodeSocketAddress(local, family, libc);
  if (family === undefined || address === undefined) throw new SocketFailure('EINVAL', 'bind');
  const fd = libc.socket(family === 6 ? AF_INET6 : AF_INET, STREAM_SOCKET, 0);
  if (fd < 0) throw failure(libc, 'socket');
  const set = (level: number, name: number): boolean =>
    libc.setsockopt(fd, level, name, integer(1), 4) === 0;
  const isBound =
    (family === 4 || set(IPPROTO_IPV6, IPV6_V6ONLY)) &&
    // As Node has it: connections of a server that has gone do not hold the port.
    set(SOL_SOCKET, SO_REUSEADDR) &&
    set(SOL_SOCKET, SO_REUSEPORT) &&
    libc.bind(fd, address, address.length) === 0;
  if (isBound) {
    libc.giveAway(fd);
    return fd;
  }
  const reason = failure(libc, 'bind');
  libc.close(fd);
  throw reason;
}

/** Opens a bound UDP socket below Node, with the options that dgram does not know. */

import { endpointFamily, type Family } from '../../address.ts';
import type { Endpoint } from '../../ports.ts';
import { SocketFailure } from '../../socket-errors.ts';
import {
  AF_INET,
  AF_INET6,
  DATAGRAM_SOCKET,
  IP_MTU_DISCOVER,
  IP_PKTINFO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_MTU_DISCOVER,
  IPV6_RECVPKTINFO,
  IPV6_V6ONLY,
  PMTUDISC_OMIT,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOCKADDR_IN6_OCTETS,
  SOL_SOCKET,
  UDP_SEGMENT,
} from './abi.ts';
import type { Libc } from './libc.ts';
import { decodeSocketAddress, encodeSocketAddress } from './socket-address.ts';

/** An open socket. Whoever holds it closes `fd`, once: the number is soon somebody else's. */
export interface Descriptor {
  readonly fd: number;
  readonly family: Family;
  readonly local: Endpoint;
  /** Bound to all addresses, so each datagram tells which one it was sent to. */
  readonly isWildcard: boolean;
  /** The kernel cuts messages into datagrams: Linux since 4.18, but not all that imitate it. */
  readonly canSegment: boolean;
}

export interface DescriptorOptions {
  /** Several sockets, of several processes too, share the port and its load. */
  readonly reusePort: boolean;
  /** Wanted; the kernel may grant less, unless this process may force it. */
  readonly kernelBufferOctets: number;
}

/** Throws a `SocketFailure` with the code of the operating system. */
export function openDescriptor(
  local: Endpoint,
  options: DescriptorOptions,
  libc: Libc,
): Descriptor {
  const family = endpointFamily(local.address);
  const address = family && encodeSocketAddress(local, family, libc);
  if (family === undefined || address === undefined) throw new SocketFailure('EINVAL', 'bind');
  const fd = libc.socket(family === 6 ? AF_INET6 : AF_INET, DATAGRAM_SOCKET, 0);
  if (fd < 0) throw failure(libc, 'socket');
  try {
    const isWildcard = address.subarray(family === 6 ? 8 : 4).every((octet) => octet === 0);
    configure({ fd, family, isWildcard }, options, libc);
    if (libc.bind(fd, address, address.length) < 0) throw failure(libc, 'bind');
    const bound = boundEndpoint(fd, family, libc);
    return { fd, family, isWildcard, local: bound, canSegment: canSegment(fd, libc) };
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** What the failed call of a moment ago reports. */
export function failure(libc: Libc, operation: string): SocketFailure {
  return new SocketFailure(libc.errorName(libc.errno()), operation);
}

/** A whole number as `setsockopt` takes it. */
export function integer(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

function configure(
  socket: Omit<Descriptor, 'local' | 'canSegment'>,
  options: DescriptorOptions,
  libc: Libc,
): void {
  const { fd, family, isWildcard } = socket;
  const set = (level: number, name: number, value: number): boolean =>
    libc.setsockopt(fd, level, name, integer(value), 4) === 0;
  const demand = (level: number, name: number): void => {
    if (!set(level, name, 1)) throw failure(libc, 'setsockopt');
  };
  if (family === 6) demand(IPPROTO_IPV6, IPV6_V6ONLY);
  if (options.reusePort) demand(SOL_SOCKET, SO_REUSEPORT);
  if (isWildcard && family === 6) demand(IPPROTO_IPV6, IPV6_RECVPKTINFO);
  if (isWildcard && family === 4) demand(IPPROTO_IP, IP_PKTINFO);
  // Best effort from here: without them we serve all the same.
  if (family === 6) set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_OMIT);
  else set(IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_OMIT);
  const octets = options.kernelBufferOctets;
  if (!set(SOL_SOCKET, SO_RCVBUFFORCE, octets)) set(SOL_SOCKET, SO_RCVBUF, octets);
  if (!set(SOL_SOCKET, SO_SNDBUFFORCE, octets)) set(SOL_SOCKET, SO_SNDBUF, octets);
}

function canSegment(fd: number, libc: Libc): boolean {
  return libc.getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, integer(0), integer(4)) === 0;
}

export function boundEndpoint(fd: number, family: Family, libc: Libc): Endpoint {
  const address = new Uint8Array(SOCKADDR_IN6_OCTETS);
  if (libc.getsockname(fd, address, integer(address.length)) < 0) {
    throw failure(libc, 'getsockname');
  }
  return decodeSocketAddress(address, family, libc);
}

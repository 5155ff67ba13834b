/**
 * Numbers and struct layouts of Linux on 64-bit little-endian machines, where x64 and arm64, glibc
 * and musl agree. Other machines take the plain dgram adapter.
 *
 *     struct mmsghdr (64)      struct msghdr (56 of it)       struct iovec (16)
 *      0 msghdr                 0 u64 msg_name                 0 u64 iov_base
 *     56 u32 msg_len            8 u32 msg_namelen              8 u64 iov_len
 *     60 padding               16 u64 msg_iov
 *                              24 u64 msg_iovlen              struct cmsghdr (16, then data)
 *     struct sockaddr_in (16)  32 u64 msg_control              0 u64 cmsg_len: 16 + data
 *      0 u16 family            40 u64 msg_controllen           8 i32 cmsg_level
 *      2 u16 port, big-endian  48 i32 msg_flags               12 i32 cmsg_type
 *      4 u8[4] address
 *                              struct sockaddr_in6 (28)       struct in_pktinfo (12)
 *     struct in6_pktinfo (20)   0 u16 family                   0 i32 ipi_ifindex
 *      0 u8[16] ipi6_addr       2 u16 port, big-endian         4 u8[4] ipi_spec_dst
 *     16 u32 ipi6_ifindex       4 u32 flow                     8 u8[4] ipi_addr
 *                               8 u8[16] address
 *                              24 u32 scope
 *
 * musl declares `msg_iovlen`, `msg_controllen` and `cmsg_len` as 32 bits and padding, which is the
 * same octets as long as the upper half is 0.
 */

import { arch } from 'node:os';

export const AF_INET = 2;
export const AF_INET6 = 10;

/** SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC. */
export const DATAGRAM_SOCKET: number = 0x2 | 0x800 | 0x80000;
/** SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC. */
export const STREAM_SOCKET: number = 0x1 | 0x800 | 0x80000;
export const O_CLOEXEC = 0x80000;

export const MSG_CTRUNC = 0x8;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_REUSEPORT = 15;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;

export const IPPROTO_IP = 0;
export const IP_PKTINFO = 8;
export const IP_MTU_DISCOVER = 10;
export const IPPROTO_IPV6 = 41;
export const IPV6_MTU_DISCOVER = 23;
export const IPV6_V6ONLY = 26;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const IPPROTO_UDP = 17;
/** What a message holds is sent as datagrams of so many octets, the last one shorter perhaps. */
export const UDP_SEGMENT = 103;
/** Never trusts a path MTU that an ICMP error claims, which anybody can forge (RFC 9715 §3.1). */
export const PMTUDISC_OMIT = 5;

export const EPOLL_CTL_ADD = 1;
export const EPOLLIN = 1;
/** u32 events, then 8 octets that the kernel gives back; x64 packs the struct. */
export const EPOLL_EVENT_OCTETS: number = arch() === 'x64' ? 12 : 16;
export const EPOLL_DATA_OFFSET: number = EPOLL_EVENT_OCTETS - 8;

export const Errno = {
  EINTR: 4,
  EAGAIN: 11,
  ENOBUFS: 105,
} as const;

export const MMSGHDR_OCTETS = 64;
export const IOVEC_OCTETS = 16;
export const CMSGHDR_OCTETS = 16;

/** Offsets in an `mmsghdr` of its 32-bit words. */
export const MmsghdrWord = {
  name: 0,
  nameLength: 2,
  iov: 4,
  iovLength: 6,
  control: 8,
  controlLength: 10,
  flags: 12,
  length: 14,
  count: 16,
} as const;

export const SOCKADDR_IN_OCTETS = 16;
export const SOCKADDR_IN6_OCTETS = 28;
/** Room for either, aligned to 8. */
export const SOCKADDR_OCTETS = 32;
/** CMSG_SPACE of the larger one, in6_pktinfo: 16 + 20, aligned to 8. */
export const CONTROL_OCTETS = 40;
/** CMSG_SPACE of a segment's length: 16 + 2, aligned to 8. */
export const SEGMENT_OCTETS = 24;

/**
 * The functions of the C library that the batched adapter calls, through koffi. Loaded on first
 * use, because programs that bind no socket (`ts-dig`) should not pay for it.
 */

import { arch } from 'node:os';
import type { DescriptorLedger } from './descriptor-ledger.ts';

/** Octets whose address goes to the kernel for the time of one call. */
type Memory = Uint8Array;

/** Those that return a number return -1 when they fail; `errno` then says why. */
export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Memory, octets: number): number;
  getsockopt(fd: number, level: number, name: number, value: Memory, octets: Memory): number;
  bind(fd: number, address: Memory, octets: number): number;
  connect(fd: number, address: Memory, octets: number): number;
  getsockname(fd: number, address: Memory, octets: Memory): number;
  send(fd: number, bytes: Memory, count: number, flags: number): number;
  /** Returns the octets of the datagram, at most `count`; `octets` is those of the address. */
  recvfrom(
    fd: number,
    bytes: Memory,
    count: number,
    flags: number,
    address: Memory,
    octets: Memory,
  ): number;
  close(fd: number): number;
  dup3(from: number, to: number, flags: number): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, fd: number, event: Memory): number;
  epollWait(epoll: number, events: Memory, count: number, timeoutMs: number): number;
  /** `messages` are structs that point to other memory: see the danger in `slab.ts`. */
  recvmmsg(fd: number, messages: Memory, count: number, flags: number, timeout: null): number;
  sendmmsg(fd: number, messages: Memory, count: number, flags: number): number;
  /** 0 when there is none. */
  interfaceIndex(name: string): number;
  /** null when there is none. */
  interfaceName(index: number, name: Memory): unknown;
  /** From here on Node sees to it that the descriptor is closed. */
  giveAway(fd: number): void;
  /** Why the last call failed. */
  errno(): number;
  /** Such as 'EADDRINUSE'. */
  errorName(errno: number): string;
  /** Of the first octet. It never moves, but it is freed when nobody refers to `memory`. */
  address(memory: ArrayBuffer): bigint;
}

/** As koffi reads them. */
const PROTOTYPES = {
  socket: 'int socket(int family, int type, int protocol)',
  setsockopt: 'int setsockopt(int fd, int level, int name, void *value, uint32_t octets)',
  getsockopt: 'int getsockopt(int fd, int level, int name, void *value, void *octets)',
  bind: 'int bind(int fd, void *address, uint32_t octets)',
  connect: 'int connect(int fd, void *address, uint32_t octets)',
  getsockname: 'int getsockname(int fd, void *address, void *octets)',
  send: 'int64_t send(int fd, void *bytes, uint64_t count, int flags)',
  recvfrom:
    'int64_t recvfrom(int fd, void *bytes, uint64_t count, int flags, void *address, void *octets)',
  close: 'int close(int fd)',
  dup3: 'int dup3(int from, int to, int flags)',
  epollCreate: 'int epoll_create1(int flags)',
  epollControl: 'int epoll_ctl(int epoll, int operation, int fd, void *event)',
  epollWait: 'int epoll_wait(int epoll, void *events, int count, int timeout)',
  recvmmsg: 'int recvmmsg(int fd, void *messages, uint32_t count, int flags, void *timeout)',
  sendmmsg: 'int sendmmsg(int fd, void *messages, uint32_t count, int flags)',
  interfaceIndex: 'uint32_t if_nametoindex(const char *name)',
  interfaceName: 'void *if_indextoname(uint32_t index, void *name)',
} as const;

type Functions = Pick<Libc, keyof typeof PROTOTYPES>;

/** Rejects when koffi is not installed, has no binary for this machine, or finds no C library. */
export async function loadLibc(ledger?: DescriptorLedger): Promise<Libc> {
  const { load, errno, address, os } = await import('koffi');
  const names = new Map(Object.entries(os.errno).map(([name, value]) => [value, name]));
  const functions = loadFunctions(load);
  return {
    ...functions,
    ...(ledger && notedIn(ledger, functions)),
    giveAway: (fd) => ledger?.forget(fd),
    errno,
    errorName: (number) => names.get(number) ?? `errno ${number}`,
    address,
  };
}

/** Those that open and close. */
function notedIn(
  ledger: DescriptorLedger,
  { socket, epollCreate, close }: Functions,
): Pick<Libc, 'socket' | 'epollCreate' | 'close'> {
  const noted = (fd: number): number => {
    ledger.note(fd);
    return fd;
  };
  return {
    socket: (family, type, protocol) => noted(socket(family, type, protocol)),
    epollCreate: (flags) => noted(epollCreate(flags)),
    close(fd) {
      // Before, because afterwards another thread may have the number.
      ledger.forget(fd);
      return close(fd);
    },
  };
}

interface Library {
  func(prototype: string): unknown;
}

function loadFunctions(load: (path: string | null) => Library): Functions {
  const machine = arch() === 'x64' ? 'x86_64' : 'aarch64';
  let failure: unknown;
  // Node itself is linked to the C library; the names are for one that hides its symbols.
  for (const path of [null, 'libc.so.6', `libc.musl-${machine}.so.1`]) {
    try {
      const library = load(path);
      const functions = Object.entries(PROTOTYPES).map(
        ([name, prototype]) => [name, library.func(prototype)] as const,
      );
      return Object.fromEntries(functions) as unknown as Functions;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

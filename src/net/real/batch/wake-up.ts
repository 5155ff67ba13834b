/**
 * Tells when a descriptor that Node does not know has become readable, without reading from it.
 *
 * Node offers no such thing, and a dgram socket on the descriptor itself would always read one
 * datagram first, losing what only `recvmmsg` tells: the address it was sent to. So dgram gets the
 * descriptor of a socket that is never used, and before the event loop looks at it for the first
 * time, an epoll instance takes its place (`dup3`). The loop sees the epoll readable when the real
 * socket is, dgram tries to read from it, fails (ENOTSOCK), and reports that as 'error': this is
 * the signal. It comes again in each turn of the loop until all datagrams are read.
 *
 * That dgram behaves so is nobody's promise: `support.ts` has seen it before anything relies on it.
 */

import { createSocket, type Socket } from 'node:dgram';

import {
  AF_INET,
  DATAGRAM_SOCKET,
  EPOLL_CTL_ADD,
  EPOLL_DATA_OFFSET,
  EPOLL_EVENT_OCTETS,
  EPOLLIN,
  O_CLOEXEC,
} from './abi.ts';
import { failure } from './descriptor.ts';
import type { Libc } from './libc.ts';

export interface WakeUp {
  /** Whether it keeps the process alive. At first it does. */
  hold(isHeld: boolean): void;
  /** No signal comes after it. The watched descriptor stays open. */
  close(onClosed: () => void): void;
}

/** Throws a `SocketFailure` when there are too many open files. */
export function watchReadable(fd: number, onReadable: () => void, libc: Libc): WakeUp {
  const epoll = openEpoll(libc);
  try {
    watch(epoll, fd, libc);
    return watchEpoll(epoll, onReadable, libc);
  } finally {
    libc.close(epoll);
  }
}

/** Of an epoll instance with whatever it watches; it may be closed afterwards. */
export function watchEpoll(epoll: number, onReadable: () => void, libc: Libc): WakeUp {
  const place = libc.socket(AF_INET, DATAGRAM_SOCKET, 0);
  if (place < 0) throw failure(libc, 'socket');
  const socket = createSocket('udp4');
  socket.on('error', onReadable);
  // Synchronous: the loop registers the descriptor only after this turn.
  socket.bind({ fd: place, exclusive: true });
  hearWithoutError(socket, onReadable);
  libc.giveAway(place);
  const isReplaced = libc.dup3(epoll, place, O_CLOEXEC) === place;
  const reason = isReplaced ? undefined : failure(libc, 'dup3');
  if (reason !== undefined) {
    socket.close();
    throw reason;
  }
  return {
    hold(isHeld) {
      if (isHeld) socket.ref();
      else socket.unref();
    },
    close(onClosed) {
      socket.off('error', onReadable);
      socket.on('error', () => {});
      socket.close(onClosed);
    },
  };
}

/**
 * The error costs 5 µs, its stack trace most of it, and nobody reads it. dgram makes it in the
 * function that its handle calls; where that is where we know it from, ours takes its place.
 */
function hearWithoutError(socket: Socket, onReadable: () => void): void {
  const states = Object.getOwnPropertySymbols(socket)
    .filter(({ description }) => description === 'state symbol')
    .map((symbol) => (socket as unknown as Record<symbol, Partial<DgramState>>)[symbol]);
  const handle = states[0]?.handle;
  if (typeof handle?.onmessage !== 'function') return;
  const onmessage = (count: number): void => {
    if (count < 0) onReadable();
  };
  Object.assign(handle, { onmessage });
}

interface DgramState {
  readonly handle: { readonly onmessage: unknown };
}

export function openEpoll(libc: Libc): number {
  const epoll = libc.epollCreate(O_CLOEXEC);
  if (epoll < 0) throw failure(libc, 'epoll_create1');
  return epoll;
}

/** Whether `fd` is readable; events carry its number. A closed descriptor leaves by itself. */
export function watch(epoll: number, fd: number, libc: Libc): void {
  eventView.setUint32(0, EPOLLIN, true);
  eventView.setUint32(EPOLL_DATA_OFFSET, fd, true);
  if (libc.epollControl(epoll, EPOLL_CTL_ADD, fd, event) < 0) throw failure(libc, 'epoll_ctl');
}

/** The kernel keeps a copy. */
const event = new Uint8Array(EPOLL_EVENT_OCTETS);
const eventView = new DataView(event.buffer);

/**
 * TCP over `node:net`. Half-open connections are allowed, because a client may finish sending
 * before it reads (RFC 7766 §6.2.4), and every socket has an error handler from its first moment:
 * a reset without one ends the process.
 */

import { connect, createServer, type Server, type Socket } from 'node:net';

import type {
  ConnectTcpOptions,
  Endpoint,
  Listener,
  TcpConnection,
  TcpHandlers,
} from '../ports.ts';
import type { Cancellation } from '../cancellation.ts';
import { endpointFamily } from '../address.ts';
import { bindError, connectError, SocketFailure } from '../socket-errors.ts';
import { guarded, type BugReporter } from './bugs.ts';

export interface ListenContext {
  readonly onBug: BugReporter;
  /** Opens a socket that may share its port with others. Absent: nobody shares ports. */
  readonly bindShared?: ((local: Endpoint) => number) | undefined;
}

export function listenTcp(
  local: Endpoint,
  onConnection: (connection: TcpConnection) => void,
  context: ListenContext,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    // Node would take any other text for a name, and ask the machine's own resolver.
    if (endpointFamily(local.address) === undefined) {
      reject(bindError(local, 'tcp', new SocketFailure('EINVAL', 'listen')));
      return;
    }
    const { onBug, bindShared } = context;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      guarded(onBug, 'onConnection', () => accept(socket, onConnection, onBug));
    });
    // Rejecting a settled promise does nothing: later errors concern one connection that failed.
    server.on('error', (error) => reject(bindError(local, 'tcp', error)));
    const listening = (): void => resolve(new RealListener(server));
    try {
      if (bindShared) server.listen({ fd: bindShared(local) }, listening);
      else server.listen({ ...hostAndPort(local), exclusive: true, ipv6Only: true }, listening);
    } catch (error) {
      reject(bindError(local, 'tcp', error));
    }
  });
}

function hostAndPort({ address, port }: Endpoint): { host: string; port: number } {
  return { host: address, port };
}

export function connectTcp(
  remote: Endpoint,
  options: ConnectTcpOptions,
  onBug: BugReporter,
): Promise<TcpConnection> {
  return new Promise((resolve, reject) => {
    const { signal, localAddress, localPort } = options;
    if (signal?.aborted === true) {
      reject(connectError(remote, abortCause(signal)));
      return;
    }
    if (endpointFamily(remote.address) === undefined) {
      reject(connectError(remote, new SocketFailure('EINVAL', 'connect')));
      return;
    }
    const socket = connect({
      host: remote.address,
      port: remote.port,
      noDelay: true,
      allowHalfOpen: true,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(localPort === undefined ? {} : { localPort }),
    });
    const abort = (): void => {
      socket.destroy();
      if (signal !== undefined) fail(abortCause(signal));
    };
    const fail = (cause: unknown): void => {
      signal?.removeEventListener('abort', abort);
      reject(connectError(remote, cause));
    };
    socket.on('error', fail);
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      signal?.removeEventListener('abort', abort);
      socket.off('error', fail);
      resolve(new RealConnection(socket, onBug));
    });
  });
}

class RealListener implements Listener {
  readonly local: Endpoint;
  readonly #server: Server;
  #closed: Promise<void> | undefined;

  constructor(server: Server) {
    const address = server.address();
    this.local =
      address === null || typeof address === 'string'
        ? { address: '', port: 0 }
        : { address: address.address, port: address.port };
    this.#server = server;
  }

  /** Settles at once: Node's own callback would wait for the last open connection. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close();
      setImmediate(resolve);
    });
    return this.#closed;
  }
}

/** Also of a Unix socket, whose addresses are empty. */
export class RealConnection implements TcpConnection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #onBug: BugReporter;
  readonly #written = (): void => this.#reportDrain();
  #handlers: TcpHandlers | undefined;
  #error: Error | undefined;
  #owesDrain = false;
  #isClosed = false;

  constructor(socket: Socket, onBug: BugReporter) {
    // Kept, because Node forgets both when the connection closes.
    this.remote = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    this.local = { address: socket.localAddress ?? '', port: socket.localPort ?? 0 };
    this.#socket = socket;
    this.#onBug = onBug;
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.once('close', () => {
      this.#isClosed = true;
      this.#call('onClose', (handlers) => handlers.onClose(this.#error));
    });
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  start(handlers: TcpHandlers): void {
    this.#handlers = handlers;
    if (this.#isClosed) {
      setImmediate(() => this.#call('onClose', () => handlers.onClose(this.#error)));
      return;
    }
    this.#socket.on('end', () => this.#call('onEnd', () => handlers.onEnd()));
    this.#socket.on('data', (bytes: Uint8Array) => {
      if (!this.#socket.destroyed) this.#call('onData', () => handlers.onData(bytes));
    });
  }

  write(bytes: Uint8Array): void {
    // After `end` or a close the bytes have nowhere to go, and Node would make an error of it.
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.write(Buffer.from(bytes), this.#written);
    if (this.#socket.writableLength > 0) this.#owesDrain = true;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    // What Node has read and nobody has seen would else turn into an orderly end for the peer.
    const isTcp = this.remote.address !== '';
    if (isTcp && this.#socket.readableLength > 0) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /** Node's own 'drain' comes only after more than its high-water mark was written. */
  #reportDrain(): void {
    if (!this.#owesDrain || this.#socket.writableLength > 0 || this.#socket.destroyed) return;
    this.#owesDrain = false;
    this.#call('onDrain', (handlers) => handlers.onDrain());
  }

  #call(where: string, callback: (handlers: TcpHandlers) => void): void {
    const handlers = this.#handlers;
    if (handlers !== undefined) guarded(this.#onBug, where, () => callback(handlers));
  }
}

function accept(
  socket: Socket,
  onConnection: (connection: TcpConnection) => void,
  onBug: BugReporter,
): void {
  const connection = new RealConnection(socket, onBug);
  // Reset before it was accepted: there is no peer to speak of.
  if (connection.remote.address === '') {
    socket.destroy();
    return;
  }
  onConnection(connection);
}

function abortCause(signal: Cancellation): Error {
  return new Error('aborted', { cause: signal.reason });
}

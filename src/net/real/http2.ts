/**
 * HTTP/2 over `node:http2` (RFC 9113), as a client of DNS over HTTPS needs it. Loaded when the
 * first connection is asked for.
 */

import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';

import { endpointFamily } from '../address.ts';
import type { Endpoint } from '../ports.ts';
import {
  HttpError,
  type ConnectHttpOptions,
  type HttpConnection,
  type HttpReply,
  type HttpRequest,
} from '../secure.ts';
import { connectError, SocketFailure } from '../socket-errors.ts';
import { openTls } from './tls.ts';

/** As long as a DNS message can be; more is nothing that we asked for. */
const MAX_BODY_OCTETS = 65_535;

export async function connectHttp(
  remote: Endpoint,
  options: ConnectHttpOptions,
): Promise<HttpConnection> {
  const { tls, signal } = options;
  if (!tls) return new RealHttpConnection(remote, await openPlain(remote, options));
  const socket = await openTls(remote, { ...options, ...tls }, 'h2');
  if (socket.alpnProtocol !== 'h2') {
    socket.destroy();
    throw connectError(remote, new Error('ALPN for HTTP/2 failed'));
  }
  if (signal?.aborted === true) socket.destroy();
  return new RealHttpConnection(remote, socket);
}

function openPlain(remote: Endpoint, options: ConnectHttpOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { signal, localAddress, localPort } = options;
    if (signal?.aborted === true || endpointFamily(remote.address) === undefined) {
      reject(connectError(remote, new SocketFailure('EINVAL', 'connect')));
      return;
    }
    const socket = connectSocket({
      host: remote.address,
      port: remote.port,
      noDelay: true,
      ...(localAddress !== undefined && { localAddress }),
      ...(localPort !== undefined && { localPort }),
    });
    const fail = (cause: unknown): void => {
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      reject(connectError(remote, cause));
    };
    const abort = (): void => fail(new Error('aborted', { cause: signal?.reason }));
    socket.on('error', fail);
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      signal?.removeEventListener('abort', abort);
      socket.on('error', () => {});
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

class RealHttpConnection implements HttpConnection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #session: ClientHttp2Session;
  /** Why it ended, where the peer or the network said so. */
  #error: Error | undefined;

  constructor(remote: Endpoint, socket: Socket) {
    this.remote = remote;
    this.local = { address: socket.localAddress ?? '', port: socket.localPort ?? 0 };
    this.#session = connect('http://unused.invalid', {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    // Without a listener an error would end the process; each request learns of it by itself.
    this.#session.on('error', (error: Error) => {
      this.#error ??= error;
    });
    this.#session.on('goaway', () => this.#session.close());
  }

  get isOpen(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  request(request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen || signal.aborted) {
        reject(connectError(this.remote, this.#error ?? new SocketFailure('EOF', 'request')));
        return;
      }
      const stream = this.#session.request(headersOf(request), { endStream: !request.body });
      const abort = (): void => stream.close(constants.NGHTTP2_CANCEL);
      signal.addEventListener('abort', abort, { once: true });
      collect(stream, {
        resolve,
        reject: (error) => reject(error ?? connectError(this.remote, this.#ending())),
        onEnd: () => signal.removeEventListener('abort', abort),
      });
      if (request.body) stream.end(Buffer.from(request.body.octets));
    });
  }

  close(): void {
    this.#session.destroy();
  }

  #ending(): Error {
    return this.#error ?? new SocketFailure('EOF', 'read');
  }
}

interface Collector {
  readonly resolve: (reply: HttpReply) => void;
  /** Without an error of its own: the connection ended. */
  readonly reject: (error: Error | undefined) => void;
  readonly onEnd: () => void;
}

function collect(stream: ClientHttp2Stream, { resolve, reject, onEnd }: Collector): void {
  const chunks: Buffer[] = [];
  let octets = 0;
  let head: Pick<HttpReply, 'status' | 'contentType'> | undefined;
  let error: Error | undefined;
  let isWhole = false;
  stream.on('response', (headers) => {
    head = { status: headers[':status'] ?? 0, contentType: headers['content-type'] };
  });
  stream.on('data', (chunk: Buffer) => {
    octets += chunk.length;
    if (octets <= MAX_BODY_OCTETS) chunks.push(chunk);
    else {
      error ??= new HttpError(`the HTTP reply is longer than ${MAX_BODY_OCTETS} octets`);
      stream.close(constants.NGHTTP2_CANCEL);
    }
  });
  stream.on('end', () => {
    isWhole = true;
  });
  // What is wrong is told by 'close', which always comes.
  stream.on('error', (cause: Error) => {
    error ??= new HttpError(`the HTTP request failed: ${cause.message}`, { cause });
  });
  stream.on('close', () => {
    onEnd();
    const isReset = stream.rstCode !== constants.NGHTTP2_NO_ERROR;
    if (head && isWhole && !error && !isReset) {
      resolve({ ...head, body: new Uint8Array(Buffer.concat(chunks)) });
    } else reject(error);
  });
}

function headersOf(request: HttpRequest): Record<string, string | number> {
  const { method, path, scheme, authority, accept, body } = request;
  return {
    ':method': method,
    ':path': path,
    ':scheme': scheme,
    ':authority': authority,
    accept,
    ...(body && { 'content-type': body.type, 'content-length': body.octets.length }),
  };
}

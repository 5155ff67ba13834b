/** What the cases of the parity suite are made of: sockets that talk, streams that are watched. */

import type {
  ConnectedUdpOptions,
  ConnectedUdpSocket,
  Endpoint,
  Peer,
  Runtime,
  TcpConnection,
  TcpHandlers,
} from '../../src/net/ports.ts';

export interface Pair {
  readonly client: Runtime;
  readonly server: Runtime;
  readonly serverAddress: string;
  /** Drives virtual time until the promise settles; on real sockets returns the promise. */
  run<Value>(promise: Promise<Value>): Promise<Value>;
}

export interface Log {
  readonly events: readonly string[];
  readonly closed: Promise<void>;
  text(): string;
}

/** Starts a connection, keeps what it says, and lets `reactions` answer. */
export function follow(connection: TcpConnection, reactions: Partial<TcpHandlers> = {}): Log {
  const events: string[] = [];
  const chunks: Buffer[] = [];
  const closed = deferred<void>();
  connection.start({
    onData: (bytes) => {
      chunks.push(Buffer.from(bytes));
      reactions.onData?.(bytes);
    },
    onEnd: () => {
      events.push('end');
      reactions.onEnd?.();
    },
    onDrain: () => {
      events.push('drain');
      reactions.onDrain?.();
    },
    onClose: (error) => {
      events.push(error === undefined ? 'close' : 'error');
      closed.resolve();
    },
  });
  return { events, closed: closed.promise, text: () => Buffer.concat(chunks).toString() };
}

const CHUNK = new Uint8Array(64 * 1024);
/** More than any kernel buffers on loopback. */
const MAX_CHUNKS = 1024;
/** Round trips without progress until a stream counts as stuck. */
const CALM_ROUNDS = 10;

/** Writes until the network takes no more for now. Returns the number of bytes. */
export function writeUntilFull(connection: TcpConnection): number {
  let chunks = 0;
  while (connection.unsentBytes === 0 && chunks < MAX_CHUNKS) {
    connection.write(CHUNK);
    chunks += 1;
  }
  return chunks * CHUNK.length;
}

/** The same until the reader's side is full too, so that nothing moves any more. */
export async function writeUntilStuck(connection: TcpConnection, pair: Pair): Promise<number> {
  let written = 0;
  let calmRounds = 0;
  while (calmRounds < CALM_ROUNDS) {
    const more = writeUntilFull(connection);
    calmRounds = more === 0 ? calmRounds + 1 : 0;
    written += more;
    await passTime(pair);
  }
  return written;
}

/** One round trip: whatever was on its way before has arrived. */
export async function passTime(pair: Pair): Promise<void> {
  const server = await pair.server.network.bindUdp(anyPort(pair), echo);
  await exchange(pair.client, server.local, text('lets some time pass'));
  await server.close();
}

export async function openPair(
  pair: Pair,
): Promise<{ client: TcpConnection; server: TcpConnection; close: () => Promise<void> }> {
  const accepted = deferred<TcpConnection>();
  const listener = await pair.server.network.listenTcp(anyPort(pair), accepted.resolve);
  const client = await pair.client.network.connectTcp(listener.local);
  const server = await accepted.promise;
  return { client, server, close: () => listener.close() };
}

export async function closeBoth(client: TcpConnection, server: TcpConnection): Promise<void> {
  const logs = [follow(client), follow(server)];
  client.destroy();
  server.destroy();
  await Promise.all(logs.map((log) => log.closed));
}

export async function exchange(
  client: Runtime,
  to: Endpoint,
  question: Uint8Array,
): Promise<Buffer> {
  const answered = deferred<Buffer>();
  const socket: ConnectedUdpSocket = await client.network.connectUdp(to, {
    onDatagram: (datagram) => answered.resolve(Buffer.from(datagram)),
    onError: answered.reject,
  });
  socket.send(question);
  const answer = await answered.promise;
  socket.close();
  return answer;
}

export async function closedPort(pair: Pair): Promise<Endpoint> {
  const socket = await pair.server.network.bindUdp(anyPort(pair), () => 0);
  await socket.close();
  return socket.local;
}

export function anyPort({ serverAddress }: Pair): Endpoint {
  return { address: serverAddress, port: 0 };
}

export const silent: ConnectedUdpOptions = { onDatagram: () => {}, onError: () => {} };

export function echo(datagram: Uint8Array, _peer: Peer, reply: Uint8Array): number {
  return copyInto(reply, datagram);
}

export function copyInto(reply: Uint8Array, bytes: Uint8Array): number {
  reply.set(bytes);
  return bytes.length;
}

export function text(characters: string): Buffer {
  return Buffer.from(characters);
}

export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: Error): void;
}

export function deferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve: (value) => resolve(value), reject: (error) => reject(error) };
}

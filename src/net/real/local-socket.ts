/**
 * Unix sockets for the control of a running server: a name in the file system, which its mode keeps
 * to the user who runs it. Windows has no such thing that Node could restrict.
 *
 * The name of a server that was killed stays behind. It is taken over when nobody listens there any
 * more, and only when it is a socket: a file of somebody's that stands in the way is left alone.
 */

import { chmodSync, existsSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { BindError, ConnectError } from '../errors.ts';
import type { ByteStream } from '../ports.ts';
import { codeOf } from '../socket-errors.ts';
import { guarded, type BugReporter } from './bugs.ts';
import { RealConnection } from './tcp.ts';

export interface LocalListener {
  /** Takes the name away; open connections live on. */
  close(): Promise<void>;
}

/** What every system takes; Node cuts off what is beyond, and makes another name. */
const PATH_OCTETS = 103;
/** The owner may connect, which takes the right to write; nobody else. */
const OWNER_ONLY = 0o600;

/** Rejects with `BindError`. */
export async function listenLocal(
  path: string,
  onConnection: (connection: ByteStream) => void,
  onBug: BugReporter,
): Promise<LocalListener> {
  if (isTooLong(path)) throw new BindError(`cannot listen at ${path}: ${TOO_LONG}`);
  try {
    return await listen(path, onConnection, onBug);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw bindError(path, error);
  }
  await removeStale(path);
  return listen(path, onConnection, onBug).catch((error: unknown) => {
    throw bindError(path, error);
  });
}

/** Rejects with `ConnectError`. */
export function connectLocal(path: string, onBug: BugReporter): Promise<ByteStream> {
  return new Promise((resolve, reject) => {
    if (isTooLong(path)) {
      reject(new ConnectError(`no server at ${path}: ${TOO_LONG}`));
      return;
    }
    const socket = connect({ path, allowHalfOpen: true });
    const fail = (error: Error): void => {
      const reason = REASONS.get(codeOf(error) ?? '') ?? error.message;
      reject(new ConnectError(`no server at ${path}: ${reason}`, { cause: error }));
    };
    socket.on('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve(new RealConnection(socket, onBug));
    });
  });
}

function listen(
  path: string,
  onConnection: (connection: ByteStream) => void,
  onBug: BugReporter,
): Promise<LocalListener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      guarded(onBug, 'onConnection', () => onConnection(new RealConnection(socket, onBug)));
    });
    server.on('error', reject);
    // The name is made within the call: nobody may get in between that and the change of its mode.
    // tidy-allow process: the mode of a socket is not for `listen` to say
    const umask = process.umask(0o777 & ~OWNER_ONLY);
    try {
      server.listen(path, () => resolve(new RealLocalListener(server)));
    } finally {
      // tidy-allow process: as it was before
      process.umask(umask);
    }
    if (server.listening) chmodSync(path, OWNER_ONLY);
  });
}

class RealLocalListener implements LocalListener {
  readonly #server: Server;
  #closed: Promise<void> | undefined;

  constructor(server: Server) {
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

async function removeStale(path: string): Promise<void> {
  if (!lstatSync(path).isSocket()) {
    throw new BindError(`cannot listen at ${path}: there is a file that is no socket`);
  }
  if (await isAnswered(path)) {
    throw new BindError(`cannot listen at ${path}: another server listens there`);
  }
  unlinkSync(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Whoever may not connect cannot know, and must not take the name away.
    socket.once('error', (error) => resolve(codeOf(error) !== 'ECONNREFUSED'));
  });
}

function isTooLong(path: string): boolean {
  return Buffer.byteLength(path) > PATH_OCTETS;
}

const TOO_LONG = 'the path is too long for a socket';

function bindError(path: string, error: unknown): BindError {
  // Node says 'permission denied' of a folder that is not there.
  const code = existsSync(dirname(path)) ? (codeOf(error) ?? '') : 'ENOENT';
  const reason = REASONS.get(code) ?? (error as Error).message;
  return new BindError(`cannot listen at ${path}: ${reason}`, { cause: error });
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file or folder'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['EACCES', 'permission denied'],
  ['ECONNREFUSED', 'nobody listens there'],
  ['EADDRINUSE', 'another server listens there'],
]);

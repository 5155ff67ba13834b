/**
 * Listeners on UDP and TCP in front of one responder. Knows no zone and no cache.
 *
 * Closing drains: no new query is taken, those in flight are answered, and only what is still
 * unanswered after `drainMs` is given up.
 */

import { BindError } from '../net/errors.ts';
import type { Logger } from '../net/logger.ts';
import type { Endpoint, Listener, Runtime, TcpConnection, UdpSocket } from '../net/ports.ts';
import type { Responder } from '../query/respond.ts';
import { tcpLimits, type TcpLimits } from './tcp-limits.ts';
import { serveTcp, type TcpSession } from './tcp-session.ts';
import { listenUdp } from './udp-listener.ts';

export const serverLimits = {
  /** How long queries in flight may still be answered when the server closes. */
  drainMs: 5_000,
  /** How often a drain looks whether all is done. */
  drainPollMs: 10,
  /** Tries to find a port that is free for UDP and TCP alike, when any port will do. */
  freePortTries: 16,
} as const;

export interface Server {
  /** What is listened on, with the port that was found where 0 was asked for. */
  readonly endpoints: readonly Endpoint[];
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly responder: Responder;
  readonly listen: readonly Endpoint[];
  /** By default `tcpLimits`. */
  readonly tcp?: Partial<TcpLimits> | undefined;
}

/** Opens every endpoint or none: rejects with the `BindError` of the first that cannot open. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const sessions = new Sessions(options);
  const opened: Opened[] = [];
  try {
    for (const local of options.listen) opened.push(await open(local, options, sessions));
  } catch (error) {
    await Promise.all(opened.map(closeListeners));
    throw error;
  }
  return {
    endpoints: opened.map(({ udp }) => udp.local),
    close: () => drain(opened, sessions, options),
  };
}

interface Opened {
  readonly udp: UdpSocket;
  readonly tcp: Listener;
}

async function open(local: Endpoint, options: ServerOptions, sessions: Sessions): Promise<Opened> {
  const { network } = options.runtime;
  for (let triesLeft = serverLimits.freePortTries; ; triesLeft--) {
    // TCP first: whoever has an answer over UDP, and comes for a zone or the rest, finds it open.
    const tcp = await network.listenTcp(local, (connection) => sessions.accept(connection));
    try {
      return { tcp, udp: await listenUdp(network, tcp.local, options.responder) };
    } catch (error) {
      await tcp.close();
      const mayRetry = local.port === 0 && triesLeft > 1 && error instanceof BindError;
      if (!mayRetry) throw error;
    }
  }
}

/** The open TCP connections, bounded in all and by address. */
class Sessions {
  readonly #options: ServerOptions;
  readonly #limits: TcpLimits;
  readonly #sessions = new Set<TcpSession>();
  readonly #perAddress = new Map<string, number>();

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#limits = { ...tcpLimits, ...options.tcp };
  }

  get size(): number {
    return this.#sessions.size;
  }

  accept(connection: TcpConnection): void {
    const { address } = connection.remote;
    const count = this.#perAddress.get(address) ?? 0;
    const isFull =
      this.#sessions.size >= this.#limits.connections ||
      count >= this.#limits.connectionsPerAddress;
    if (isFull) {
      connection.destroy();
      return;
    }
    this.#perAddress.set(address, count + 1);
    const { responder, runtime } = this.#options;
    const session = serveTcp(connection, {
      responder,
      clock: runtime.clock,
      onClosed: () => this.#remove(session, address),
      crowding: () => this.#sessions.size / this.#limits.connections,
      limits: this.#limits,
    });
    this.#sessions.add(session);
  }

  drain(): void {
    for (const session of this.#sessions) session.drain();
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #remove(session: TcpSession, address: string): void {
    this.#sessions.delete(session);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
}

async function drain(
  opened: readonly Opened[],
  sessions: Sessions,
  options: ServerOptions,
): Promise<void> {
  const { clock } = options.runtime;
  // UDP sockets stay open until the answers in flight are out.
  options.responder.stop();
  const accepting = Promise.all(opened.map(({ tcp }) => tcp.close()));
  sessions.drain();
  const giveUpAt = clock.monotonic() + serverLimits.drainMs;
  while (options.responder.pending > 0 || sessions.size > 0) {
    if (clock.monotonic() >= giveUpAt) break;
    await new Promise<void>((resolve) => clock.schedule(serverLimits.drainPollMs, resolve));
  }
  options.responder.abort();
  sessions.destroy();
  await Promise.all([accepting, ...opened.map(({ udp }) => udp.close())]);
}

async function closeListeners({ udp, tcp }: Opened): Promise<void> {
  await Promise.all([udp.close(), tcp.close()]);
}

/**
 * The TCP connections to servers that are open (RFC 7766 §6.2.2: few to each, kept for a while). A
 * question joins one that has room, or opens another within the limits; when it dies under the
 * question, that is asked once more on a new one. A server on whose connections nothing is answered
 * is left alone for a while: who accepts and closes would have us connect without end.
 */

import type { Endpoint, Runtime } from '../net/ports.ts';
import type { Edns } from '../wire/edns.ts';
import { connectionLimits, type ConnectionLimits } from './limits.ts';
import { unreachable, type Exchange } from './outcome.ts';
import type { ExchangeRequest } from './request.ts';
import { SharedConnection, type Verdict } from './shared-connection.ts';

export class ConnectionPool {
  readonly #runtime: Runtime;
  readonly #limits: ConnectionLimits;
  /** By server; the order of the first is that of their opening. */
  readonly #connections = new Map<string, SharedConnection[]>();
  readonly #failures = new Map<string, { count: number; atMs: number }>();
  #count = 0;

  constructor(runtime: Runtime, limits: Partial<ConnectionLimits> = {}) {
    this.#runtime = runtime;
    this.#limits = { ...connectionLimits, ...limits };
  }

  /** Connections that are open or being opened. */
  get size(): number {
    return this.#count;
  }

  async ask(request: ExchangeRequest, edns: Edns | false): Promise<Exchange> {
    const present = this.#find(request.server);
    const first = await this.#askOn(present, request, edns);
    // A server may close what is idle at any time, so this says nothing about the question.
    const isStale = present !== undefined && first.kind === 'unreachable';
    return isStale ? this.#askOn(undefined, request, edns) : first;
  }

  /** Ends what is under way, too. */
  close(): void {
    for (const list of [...this.#connections.values()]) for (const one of [...list]) one.close();
  }

  async #askOn(
    present: SharedConnection | undefined,
    request: ExchangeRequest,
    edns: Edns | false,
  ): Promise<Exchange> {
    if (request.signal?.aborted === true) return { kind: 'cancelled' };
    if (!present && this.#isShunned(request.server)) return unreachable('tcp', shunned);
    if (!present && !this.#hasRoom(request.server)) return { kind: 'out of budget' };
    if (request.spend?.('tcp') === false) return { kind: 'out of budget' };
    return (present ?? this.#open(request.server)).ask(request, edns);
  }

  #find(server: Endpoint): SharedConnection | undefined {
    return this.#connections.get(keyOf(server))?.find(({ isFree }) => isFree);
  }

  #isShunned(server: Endpoint): boolean {
    const failure = this.#failures.get(keyOf(server));
    if (!failure || failure.count < this.#limits.failures) return false;
    return this.#runtime.clock.monotonic() < failure.atMs + this.#limits.shunnedMs;
  }

  /** Makes room, if it can, by closing what is idle. */
  #hasRoom(server: Endpoint): boolean {
    const { perServer, connections } = this.#limits;
    if ((this.#connections.get(keyOf(server))?.length ?? 0) >= perServer) return false;
    if (this.#count < connections) return true;
    for (const list of this.#connections.values()) {
      const idle = list.find(({ isIdle }) => isIdle);
      if (!idle) continue;
      idle.close();
      return true;
    }
    return false;
  }

  #open(server: Endpoint): SharedConnection {
    const key = keyOf(server);
    const connection = new SharedConnection({
      runtime: this.#runtime,
      server,
      limits: this.#limits,
      onClose: (closed, verdict) => this.#remove(key, closed, verdict),
    });
    const list = this.#connections.get(key);
    if (list) list.push(connection);
    else this.#connections.set(key, [connection]);
    this.#count++;
    return connection;
  }

  #remove(key: string, connection: SharedConnection, verdict: Verdict): void {
    const list = this.#connections.get(key)!;
    list.splice(list.indexOf(connection), 1);
    if (list.length === 0) this.#connections.delete(key);
    this.#count--;
    if (verdict === 'proven') this.#failures.delete(key);
    else if (verdict === 'failed') this.#addFailure(key);
  }

  #addFailure(key: string): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    this.#failures.delete(key);
    this.#failures.set(key, { count, atMs: this.#runtime.clock.monotonic() });
    if (this.#failures.size <= this.#limits.remembered) return;
    for (const oldest of this.#failures.keys()) {
      this.#failures.delete(oldest);
      return;
    }
  }
}

const shunned = new Error('its connections failed a short while ago');

function keyOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

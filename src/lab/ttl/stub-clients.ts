/**
 * Clients as most machines are: they ask one resolver over UDP, wait five seconds, ask once more,
 * and give up (resolv.conf(5): `timeout:5 attempts:2`). They keep nothing themselves.
 */

import assert from 'node:assert/strict';

import type { Endpoint, Peer, Runtime, Timer, UdpSocket } from '../../net/ports.ts';
import { encodeMessage } from '../../wire/encode.ts';
import { createMessage } from '../../wire/message.ts';
import type { Question } from '../../wire/record.ts';

const TIMEOUT_MS = 5000;
const ATTEMPTS = 2;
const CLIENT_PORT = 5353;
const ID_COUNT = 65_536;

/** How one question of a client ended. */
export interface Outcome {
  /** Index into the population. */
  readonly client: number;
  /** Index into the questions. */
  readonly question: number;
  readonly askedAtMs: number;
  readonly endedAtMs: number;
  /** Undefined when nothing came, however often it asked. Valid until the listener returns. */
  readonly reply: Uint8Array | undefined;
}

export interface StubOptions {
  /** Simulated, or this machine. */
  readonly host: { readonly addresses: readonly string[]; readonly runtime: Runtime };
  readonly resolver: Endpoint;
  readonly questions: readonly Question[];
  readonly onOutcome: (outcome: Outcome) => void;
  /** Default 5353. */
  readonly port?: number;
  readonly timeoutMs?: number;
  readonly attempts?: number;
}

interface Waiting {
  readonly question: number;
  readonly askedAtMs: number;
  attempts: number;
  timer: Timer;
}

export class StubClients {
  readonly #options: StubOptions;
  readonly #queries: readonly Uint8Array[];
  readonly #clients: StubClient[] = [];

  private constructor(options: StubOptions) {
    this.#options = options;
    this.#queries = options.questions.map((question) =>
      encodeMessage(createMessage({ rd: true, questions: [question] })),
    );
  }

  /** One client for each address of the host. Await it inside the world's `run`. */
  static async open(options: StubOptions): Promise<StubClients> {
    const clients = new StubClients(options);
    for (const [index, address] of options.host.addresses.entries()) {
      const client = new StubClient(index, options, clients.#queries);
      await client.open(address);
      clients.#clients.push(client);
    }
    return clients;
  }

  get count(): number {
    return this.#clients.length;
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  /** Questions that wait for their end. */
  get waiting(): number {
    return this.#clients.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  ask(client: number, question: number): void {
    const asking = this.#clients[client];
    assert(asking !== undefined && this.#options.questions[question] !== undefined);
    asking.ask(question);
  }
}

class StubClient {
  readonly #index: number;
  readonly #options: StubOptions;
  readonly #queries: readonly Uint8Array[];
  readonly #waiting = new Map<number, Waiting>();
  #socket: UdpSocket | undefined;
  #nextId = 0;

  constructor(index: number, options: StubOptions, queries: readonly Uint8Array[]) {
    this.#index = index;
    this.#options = options;
    this.#queries = queries;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  async open(address: string): Promise<void> {
    const { host, port = CLIENT_PORT } = this.#options;
    this.#socket = await host.runtime.network.bindUdp({ address, port }, (datagram) => {
      this.#take(datagram);
      return 0;
    });
  }

  close(): void {
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    void this.#socket?.close();
  }

  ask(question: number): void {
    assert(this.#waiting.size < ID_COUNT, 'a client has no id left to ask with');
    while (this.#waiting.has(this.#nextId)) this.#nextId = (this.#nextId + 1) % ID_COUNT;
    const id = this.#nextId;
    this.#nextId = (id + 1) % ID_COUNT;
    const askedAtMs = this.#options.host.runtime.clock.monotonic();
    const waiting = { question, askedAtMs, attempts: 1, timer: this.#startTimer(id) };
    this.#waiting.set(id, waiting);
    this.#send(id, question);
  }

  #send(id: number, question: number): void {
    const query = this.#queries[question]!;
    query[0] = id >>> 8;
    query[1] = id & 0xff;
    this.#socket!.send(query, this.#resolver);
  }

  get #resolver(): Peer {
    const endpoint = this.#options.resolver;
    const { port } = endpoint;
    const peer: Peer = { endpoint, port, octets: new Uint8Array(0), retain: () => peer };
    return peer;
  }

  #startTimer(id: number): Timer {
    const { timeoutMs = TIMEOUT_MS, host } = this.#options;
    return host.runtime.clock.schedule(timeoutMs, () => {
      const waiting = this.#waiting.get(id)!;
      if (waiting.attempts >= (this.#options.attempts ?? ATTEMPTS)) this.#end(id, undefined);
      else {
        waiting.attempts += 1;
        waiting.timer = this.#startTimer(id);
        this.#send(id, waiting.question);
      }
    });
  }

  #take(datagram: Uint8Array): void {
    const id = ((datagram[0] ?? 0) << 8) | (datagram[1] ?? 0);
    if (this.#waiting.has(id)) this.#end(id, datagram);
  }

  #end(id: number, reply: Uint8Array | undefined): void {
    const { question, askedAtMs, timer } = this.#waiting.get(id)!;
    timer.cancel();
    this.#waiting.delete(id);
    const endedAtMs = this.#options.host.runtime.clock.monotonic();
    this.#options.onOutcome({ client: this.#index, question, askedAtMs, endedAtMs, reply });
  }
}

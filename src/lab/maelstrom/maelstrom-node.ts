/**
 * A node for Maelstrom (jepsen-io/maelstrom, doc/protocol.md): our Raft behind its lines of JSON,
 * so that its checkers, which are not ours, judge our protocol. The workload is lin-kv: read, write
 * and cas, each an entry of the log, reads too.
 *
 *     { src: c1, dest: n1, body: { type: init, msg_id: 1, node_id: n1, node_ids: [n1, n2, n3] } }
 *     { src: n1, dest: n2, body: { type: raft, data: … } }
 *
 * Knows no stream: lines come in by `take` and leave by `write`. Its disk is as mortal as it is,
 * and Maelstrom, which kills no nodes, does not mind.
 */

import type { Clock, Random, Timer } from '../../net/ports.ts';
import { NS_PER_MS } from '../../sim/units.ts';
import { Raft } from '../agreement/raft/raft.ts';
import type { RaftOptions } from '../agreement/raft/raft-options.ts';
import { bodyOf, readPayload, wrapPayload } from '../process/payload.ts';
import type { Context, Payload } from '../process/process.ts';
import {
  errorReply,
  type JsonCall,
  JsonRegisters,
  readCall,
  type Reply,
} from './json-registers.ts';

export interface MaelstromParts {
  readonly clock: Clock;
  readonly random: Random;
  /** One line, without its end. */
  write(line: string): void;
}

const RAFT: RaftOptions = {
  ...{ heartbeatNs: 50 * NS_PER_MS, timeoutNs: [250 * NS_PER_MS, 500 * NS_PER_MS] },
  ...{ hasPreVote: true, batch: 64, window: 8, compactAfter: 10_000 },
};
/** Maelstrom's clients wait for five seconds. */
const PATIENCE_MS = 4500;
/** An entry of a log says its length in 16 bits. */
const MAX_CALL_OCTETS = 60_000;
const TIMEOUT = 0;
const NOT_SUPPORTED = 10;
const MALFORMED = 12;

type Body = Readonly<Record<string, unknown>>;
interface Message {
  readonly src: string;
  readonly dest: string;
  readonly body: Body;
}
interface Waiting {
  readonly request: Message;
  readonly patience: Timer;
  /** By which it is withdrawn. */
  count?: number;
}

/** What is no message of Maelstrom's. */
export class MaelstromError extends Error {
  override readonly name = 'MaelstromError';
}

export class MaelstromNode {
  readonly #parts: MaelstromParts;
  readonly #registers = new JsonRegisters();
  readonly #waiting = new Map<number, Waiting>();
  readonly #timers = new Set<Timer>();
  #names: readonly string[] = [];
  #self = 0;
  #raft: Raft | undefined;
  #requests = 0;
  #messages = 0;

  constructor(parts: MaelstromParts) {
    this.#parts = parts;
  }

  /** Throws `MaelstromError` for what is no message; the node goes on with the next. */
  take(line: string): void {
    const message = readMessage(line);
    const { body, src } = message;
    if (body['type'] === 'init') this.#init(message);
    else if (this.#raft === undefined) throw new MaelstromError('the first message must be init');
    else if (body['type'] === 'raft') this.#takeRaft(src, body);
    else if (body['type'] === 'echo') {
      this.#reply(message, { type: 'echo_ok', echo: body['echo'] });
    } else this.#takeCall(message, this.#raft);
  }

  /** Nothing happens any more. */
  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #init(message: Message): void {
    const { node_id: id, node_ids: ids } = message.body;
    const names = Array.isArray(ids) ? ids.map(String) : [];
    const self = names.indexOf(String(id));
    if (self === -1) throw new MaelstromError('init: node_id is none of node_ids');
    if (this.#raft !== undefined) throw new MaelstromError('init: this node has a name already');
    this.#names = names;
    this.#self = self;
    this.#raft = new Raft(this.#context(), RAFT, {
      apply: ({ origin, payload }) => this.#apply(origin, payload),
      snapshot: () => this.#registers.pack(),
      restore: (state) => this.#registers.unpack(state),
    });
    this.#raft.onStart();
    this.#reply(message, { type: 'init_ok' });
  }

  #takeRaft(src: string, { data }: Body): void {
    const from = this.#names.indexOf(src);
    if (from === -1 || typeof data !== 'string') throw new MaelstromError(`raft: from ${src}`);
    this.#raft?.onDatagram(from, new Uint8Array(Buffer.from(data, 'base64')));
  }

  #takeCall(request: Message, raft: Raft): void {
    const { type } = request.body;
    const call = readCall(request.body);
    if (call === undefined) {
      const isKnown = type === 'read' || type === 'write' || type === 'cas';
      const code = isKnown ? MALFORMED : NOT_SUPPORTED;
      this.#reply(request, errorReply(code, `${String(type)} with these fields is not known`));
      return;
    }
    const octets = new TextEncoder().encode(JSON.stringify(call));
    if (octets.length > MAX_CALL_OCTETS) {
      this.#reply(request, errorReply(MALFORMED, `more than ${MAX_CALL_OCTETS} octets`));
      return;
    }
    this.#requests += 1;
    const number = this.#requests;
    const patience = this.#schedule(PATIENCE_MS, () => this.#giveUp(number));
    const waiting: Waiting = { request, patience };
    this.#waiting.set(number, waiting);
    // Who is alone has its answer before this returns.
    waiting.count = raft.submit(wrapPayload(number, octets));
  }

  #apply(origin: number, payload: Payload): void {
    const call = JSON.parse(new TextDecoder().decode(bodyOf(payload))) as JsonCall;
    const reply = this.#registers.apply(call);
    const waiting = this.#waiting.get(readPayload(payload) ?? 0);
    if (origin !== this.#self || waiting === undefined) return;
    this.#end(readPayload(payload) ?? 0, waiting, reply);
  }

  #giveUp(number: number): void {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return;
    if (waiting.count !== undefined) this.#raft?.withdraw(waiting.count);
    this.#end(number, waiting, errorReply(TIMEOUT, 'no majority has answered; it may yet happen'));
  }

  #end(number: number, { request, patience }: Waiting, reply: Reply): void {
    this.#waiting.delete(number);
    patience.cancel();
    this.#timers.delete(patience);
    this.#reply(request, reply);
  }

  #reply({ src, body }: Message, reply: Reply): void {
    this.#messages += 1;
    this.#send(src, { ...reply, msg_id: this.#messages, in_reply_to: body['msg_id'] });
  }

  #send(dest: string, body: Body): void {
    this.#parts.write(JSON.stringify({ src: this.#names[this.#self] ?? '', dest, body }));
  }

  #schedule(delayMs: number, action: () => void): Timer {
    const timer = this.#parts.clock.schedule(delayMs, () => {
      this.#timers.delete(timer);
      action();
    });
    this.#timers.add(timer);
    return timer;
  }

  #context(): Context {
    const { clock, random } = this.#parts;
    const files = new Map<string, Uint8Array>();
    return {
      self: this.#self,
      nodeCount: this.#names.length,
      random,
      disk: {
        read: (key) => files.get(key),
        write: (key, bytes) => void files.set(key, new Uint8Array(bytes)),
      },
      monotonicNs: () => Math.round(clock.monotonic() * NS_PER_MS),
      wallNs: () => Math.round(clock.monotonic() * NS_PER_MS),
      send: (to, bytes) => {
        const data = Buffer.from(bytes).toString('base64');
        this.#send(this.#names[to] ?? '', { type: 'raft', data });
      },
      setTimer: (delayNs, name) =>
        this.#schedule(delayNs / NS_PER_MS, () => this.#raft?.onTimer(name)),
      deliver: () => {},
      note: () => {},
      stepWall: () => {},
      steerClock: () => {},
    };
  }
}

function readMessage(line: string): Message {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MaelstromError(`no JSON: ${reason}`);
  }
  const { src, dest, body } = (message ?? {}) as Partial<Message>;
  if (typeof src !== 'string' || typeof dest !== 'string') {
    throw new MaelstromError('a message has src and dest, which are strings');
  }
  if (typeof body !== 'object' || body === null) throw new MaelstromError('a message has a body');
  return { src, dest, body };
}

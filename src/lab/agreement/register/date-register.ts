/**
 * A register that all servers share, such as a date: writes go through the log of Raft, and reads
 *
 * - *log*: as well, so that a read is as dear as a write;
 * - *lease*: to the leader, who answers alone as long as nobody else can lead (`lease.ts`);
 * - *follower*: to whoever is asked, who answers what it has applied, which may be old.
 *
 * Every server is also the one that a client of its own asks. A client does not wait for ever: it
 * gives up, and does not know then whether what it asked for will be done.
 */

import { type Answer, answerLabel, NOTHING, type RegisterCall } from '../../history/history.ts';
import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import { readPayload } from '../../process/payload.ts';
import type {
  Context,
  Label,
  NodeId,
  Payload,
  Process,
  ProcessTimer,
} from '../../process/process.ts';
import { others } from '../../order/multicast.ts';
import { Raft } from '../raft/raft.ts';
import type { RaftOptions, StateMachine } from '../raft/raft-options.ts';
import { Lease, type LeaseOptions } from './lease.ts';
import { unpackCall } from './register-command.ts';
import { Registers } from './registers.ts';

export type RegisterMutant =
  'read-without-lease' | 'lease-ignores-drift' | 'ack-before-commit' | 'no-fencing';

export interface RegisterOptions {
  readonly raft: RaftOptions;
  readonly reads: 'log' | 'lease' | 'follower';
  readonly lease: LeaseOptions;
  /** How long a client waits. */
  readonly patienceNs: number;
  readonly mutant?: RegisterMutant | undefined;
}

/** Before the register's own messages, so that they are none of Raft's. */
const MARK = 255;
const SHAPES = {
  lease: { term: 'u32', round: 'u32' },
  granted: { term: 'u32', round: 'u32' },
  read: { message: 'u32', key: 'rest' },
  value: { message: 'u32', isThere: 'u8', value: 'u32' },
} as const;
type Message = MessageOf<typeof SHAPES>;
const format: MessageFormat<Message> = messageFormat(SHAPES);

interface Waiting {
  readonly payload: Payload;
  readonly call: RegisterCall;
  readonly patience: ProcessTimer;
  /** In the log of Raft. */
  count?: number;
  beats: number;
}

export class DateRegister implements Process {
  readonly #context: Context;
  readonly #options: RegisterOptions;
  readonly #raft: Raft;
  readonly #lease: Lease;
  readonly #registers = new Registers();
  /** By message, what clients here wait for. */
  readonly #waiting = new Map<number, Waiting>();
  #ledTerm = 0;

  constructor(context: Context, options: RegisterOptions) {
    this.#context = context;
    this.#options = options;
    const { mutant, reads } = options;
    const margin = mutant === 'lease-ignores-drift' ? 0 : options.lease.margin;
    this.#lease = new Lease({
      ...{ context, options: { ...options.lease, margin } },
      ask: (round) => this.#askForLease(round),
    });
    const isFenced = reads === 'lease' && mutant !== 'no-fencing';
    const raft: RaftOptions = {
      ...options.raft,
      ...(isFenced && { mayVote: () => !this.#lease.isPromised }),
    };
    this.#raft = new Raft(context, raft, this.#machine());
    if (this.#raft.term > 0) this.#lease.promise();
  }

  onStart(): void {
    this.#raft.onStart();
    if (this.#options.reads === 'lease') this.#beat();
  }

  onCommand(payload: Payload): void {
    const [message, call] = [readPayload(payload), unpackCall(payload)];
    if (message === undefined || call === undefined) return;
    const { reads, patienceNs, mutant } = this.#options;
    if (call.kind === 'read' && reads === 'follower') {
      this.#deliver(payload, { kind: 'value', value: this.#registers.read(call.key) });
      return;
    }
    const patience = this.#context.setTimer(patienceNs, 'patience', message);
    const waiting: Waiting = { payload, call, patience, beats: 0 };
    this.#waiting.set(message, waiting);
    if (call.kind === 'read' && reads === 'lease') {
      this.#askLeader(message, waiting);
      return;
    }
    const isRash = mutant === 'ack-before-commit' && this.#raft.isLeading && call.kind === 'write';
    const count = this.#raft.submit(payload);
    waiting.count = count;
    if (isRash) this.#answer(message, { kind: 'ok' });
  }

  onTimer(name: string, detail: number): void {
    if (name === 'patience') this.#giveUp(detail);
    else if (name === 'beat') this.#beat();
    else this.#raft.onTimer(name);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    if (bytes[0] !== MARK) {
      this.#raft.onDatagram(from, bytes);
      return;
    }
    const message = format.read(bytes.subarray(1));
    if (message !== undefined) this.#handle(from, message);
  }

  describeState(): Readonly<Record<string, string | number | boolean>> {
    const { isHeld, isPromised } = this.#lease;
    const lease = this.#options.reads === 'lease' ? { lease: isHeld, promised: isPromised } : {};
    return { ...this.#raft.describeState(), ...lease, waiting: this.#waiting.size };
  }

  #handle(from: NodeId, message: Message): void {
    switch (message.kind) {
      case 'lease':
        if (message.term !== this.#raft.term || from !== this.#raft.leader) return;
        this.#lease.promise();
        this.#send(from, { ...message, kind: 'granted' }, { tag: 'granted' });
        return;
      case 'granted':
        if (message.term === this.#ledTerm) this.#lease.take(from, message.round);
        return;
      case 'read':
        this.#serve(from, message);
        return;
      case 'value': {
        const value = message.isThere === 1 ? message.value : NOTHING;
        this.#answer(message.message, { kind: 'value', value });
      }
    }
  }

  // Reads of the leader.

  get #mayServe(): boolean {
    if (this.#options.mutant === 'read-without-lease') return this.#raft.isLeading;
    return this.#raft.isReady && this.#ledTerm === this.#raft.term && this.#lease.isHeld;
  }

  #askLeader(message: number, { call }: Waiting): void {
    const { leader } = this.#raft;
    if (leader === undefined) return;
    if (leader !== this.#context.self) {
      const key = Uint8Array.from(call.key, (letter) => letter.charCodeAt(0));
      this.#send(leader, { kind: 'read', message, key }, { tag: 'read', detail: message });
    } else if (this.#mayServe) {
      this.#answer(message, { kind: 'value', value: this.#registers.read(call.key) });
    }
  }

  /** Who may not is silent: the other asks again, perhaps somebody else. */
  #serve(from: NodeId, { message, key }: Extract<Message, { readonly kind: 'read' }>): void {
    if (!this.#mayServe) return;
    const value = this.#registers.read(String.fromCharCode(...key));
    const isThere = Number(value !== NOTHING);
    this.#send(
      from,
      { kind: 'value', message, isThere, value: value >>> 0 },
      { tag: 'value', detail: message },
    );
  }

  #beat(): void {
    this.#context.setTimer(this.#options.raft.heartbeatNs, 'beat');
    if (this.#raft.isLeading) {
      if (this.#ledTerm !== this.#raft.term) this.#lease.end();
      this.#ledTerm = this.#raft.term;
      this.#lease.renew();
    }
    for (const [message, waiting] of this.#waiting) {
      // Asked a moment ago, or a beat ago and not answered.
      if (waiting.call.kind === 'read' && waiting.beats > 0) this.#askLeader(message, waiting);
      waiting.beats += 1;
    }
  }

  #askForLease(round: number): void {
    const question: Message = { kind: 'lease', term: this.#raft.term, round };
    for (const node of others(this.#context, this.#context.nodeCount)) {
      this.#send(node, question, { tag: 'lease' });
    }
  }

  // Answers.

  #machine(): StateMachine {
    return {
      apply: ({ payload, origin }, index) => {
        const call = unpackCall(payload);
        if (call === undefined) return;
        const answer = this.#registers.apply(call);
        this.#context.deliver(payload, origin, { tag: 'apply', detail: index });
        const message = readPayload(payload);
        if (origin === this.#context.self && message !== undefined) this.#answer(message, answer);
      },
      snapshot: () => this.#registers.pack(),
      restore: (state) => this.#registers.unpack(state),
    };
  }

  #answer(message: number, answer: Answer): void {
    const waiting = this.#waiting.get(message);
    if (waiting === undefined) return;
    this.#waiting.delete(message);
    waiting.patience.cancel();
    this.#deliver(waiting.payload, answer);
  }

  #giveUp(message: number): void {
    const waiting = this.#waiting.get(message);
    if (waiting?.count !== undefined) this.#raft.withdraw(waiting.count);
    this.#answer(message, { kind: 'gives up' });
  }

  #deliver(payload: Payload, answer: Answer): void {
    this.#context.deliver(payload, this.#context.self, answerLabel(answer));
  }

  #send(to: NodeId, message: Message, { tag, detail = -1 }: Label): void {
    const written = format.write(message);
    const bytes = new Uint8Array(1 + written.length);
    bytes[0] = MARK;
    bytes.set(written, 1);
    this.#context.send(to, bytes, { tag, detail });
  }
}

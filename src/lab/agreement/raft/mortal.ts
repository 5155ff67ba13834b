/**
 * A Raft server that dies whenever it has led for a while, in the manner of the measurements of
 * Ongaro (2014, §9.3): it appends entries and sends each to fewer of the others, so that their logs
 * differ, and half of them cannot lead; all hear its last heartbeat at the same time; and it is
 * gone at a random moment before the next. After a rest it comes back.
 */

import type { Context, Label, NodeId, Process } from '../../process/process.ts';
import { makePayload } from '../../process/payload.ts';
import { Delivering } from './delivering.ts';
import { Raft } from './raft.ts';
import type { RaftOptions } from './raft-options.ts';

/** Before these are sent, something is on disk. */
const ANSWERS: ReadonlySet<string> = new Set(['voted', 'appended', 'heard']);

export interface MortalOptions {
  readonly raft: RaftOptions;
  /** How long a server writes to its disk before it answers. */
  readonly writeNs: number;
  /** Heartbeats of a leader until it dies. */
  readonly heartbeats: number;
  readonly restNs: number;
}

export class Mortal implements Process {
  readonly #context: Context;
  readonly #options: MortalOptions;
  #raft: Raft;
  #heartbeats = 0;
  #isDead = false;
  /** Who gets the next entry; undefined: everybody gets everything. */
  #chosen: ReadonlySet<NodeId> | undefined;
  #life = 0;
  readonly #waiting = new Map<number, () => void>();
  #answers = 0;
  #commands = 0;

  constructor(context: Context, options: MortalOptions) {
    this.#context = context;
    this.#options = options;
    this.#raft = this.#bear();
  }

  onStart(): void {
    this.#raft.onStart();
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    if (!this.#isDead) this.#raft.onDatagram(from, bytes);
  }

  /** Timers of an earlier life are not for this one. */
  onTimer(name: string, detail: number): void {
    if (name === 'die') this.#die();
    else if (name === 'rise') this.#rise();
    else if (name === 'written') this.#answer(detail);
    else if (!this.#isDead && detail === this.#life) this.#takeTimer(name);
  }

  describeState(): Readonly<Record<string, string | number | boolean>> {
    return this.#isDead ? { role: 'dead' } : this.#raft.describeState();
  }

  #takeTimer(name: string): void {
    const isHeartbeat = name === 'tick' && this.#raft.isLeading;
    this.#heartbeats = isHeartbeat ? this.#heartbeats + 1 : 0;
    const isLast = this.#heartbeats === this.#options.heartbeats;
    this.#raft.onTimer(name);
    if (!isLast) return;
    const { random } = this.#context;
    this.#appendUnevenly();
    this.#context.setTimer(random.below(this.#options.raft.heartbeatNs), 'die');
  }

  /** Of the others, the first gets nothing, the next one entry, and so on: all logs differ. */
  #appendUnevenly(): void {
    const { random, nodeCount, self } = this.#context;
    const others = Array.from({ length: nodeCount }, (_, node) => node).filter((id) => id !== self);
    while (others.length > 1) {
      others.splice(random.below(others.length), 1);
      this.#chosen = new Set(others);
      this.#commands += 1;
      this.#raft.onCommand(makePayload(this.#commands * nodeCount + self));
    }
  }

  #answerLater(to: NodeId, bytes: Uint8Array, label: Label): void {
    this.#answers += 1;
    this.#waiting.set(this.#answers, () => this.#context.send(to, bytes, label));
    this.#context.setTimer(this.#options.writeNs, 'written', this.#answers);
  }

  #answer(number: number): void {
    const send = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (!this.#isDead) send?.();
  }

  #die(): void {
    this.#context.note('dies');
    this.#isDead = true;
    this.#context.setTimer(this.#options.restNs, 'rise');
  }

  #rise(): void {
    this.#isDead = false;
    this.#heartbeats = 0;
    this.#chosen = undefined;
    this.#life += 1;
    this.#raft = this.#bear();
    this.#raft.onStart();
  }

  #bear(): Raft {
    const context: Context = {
      ...this.#context,
      send: (to: NodeId, bytes: Uint8Array, label: Label) => {
        const isKept = label.tag === 'append' && this.#chosen?.has(to) === false;
        if (ANSWERS.has(label.tag)) this.#answerLater(to, bytes, label);
        else if (!isKept) this.#context.send(to, bytes, label);
      },
      setTimer: (delayNs: number, name: string) =>
        this.#context.setTimer(delayNs, name, this.#life),
    };
    return new Raft(context, this.#options.raft, new Delivering(context));
  }
}

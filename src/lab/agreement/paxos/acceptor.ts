/**
 * An acceptor of Paxos (Lamport 1998, 2001): promises to a proposer that it will take part in no
 * smaller ballot, and accepts what it is told in a ballot unless it has promised a larger one. It
 * tells whoever asks what it has accepted last. All of that is on disk before it answers, which
 * takes a while.
 */

import type { Context, Disk, NodeId, Process } from '../../process/process.ts';
import { TwiceWritten } from '../twice-written.ts';
import { Decisions } from './decisions.ts';
import { format, type Message, type Of } from './paxos-messages.ts';
import type { PaxosOptions } from './paxos-options.ts';

interface Vote {
  promised: number;
  accepted: number;
  value: number;
}

const VOTE_OCTETS = 12;
/** Of chances that are drawn. */
const PARTS = 2 ** 20;
const NONE: Vote = { promised: 0, accepted: 0, value: 0 };

export class Acceptor implements Process {
  readonly #context: Context;
  readonly #options: PaxosOptions;
  readonly #disk: Disk;
  readonly #decisions: Decisions;
  readonly #votes = new Map<number, Vote>();
  /** What is sent when the disk has written it. */
  readonly #answers = new Map<number, () => void>();
  #lastAnswer = 0;
  /** By decision, whether it is up for it. */
  readonly #isUp = new Map<number, boolean>();

  constructor(context: Context, options: PaxosOptions) {
    this.#context = context;
    this.#options = options;
    this.#disk = new TwiceWritten(context.disk);
    this.#decisions = new Decisions(context);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message === undefined || !this.#isUpFor(message.decision)) return;
    if (message.kind === 'decided') this.#decisions.learn(message);
    else if (message.kind === 'prepare') this.#promise(from, message);
    else if (message.kind === 'accept') this.#accept(from, message);
  }

  onTimer(_name: string, number: number): void {
    this.#answers.get(number)?.();
    this.#answers.delete(number);
  }

  describeState(): Readonly<Record<string, string | number | boolean>> {
    const last = Math.max(-1, ...this.#votes.keys());
    const { promised, accepted, value } = this.#votes.get(last) ?? NONE;
    return { promised, ...(accepted > 0 && { accepted, value }) };
  }

  #isUpFor(decision: number): boolean {
    const { down } = this.#options;
    if (down === 0) return true;
    const isUp = this.#isUp.get(decision) ?? this.#context.random.below(PARTS) >= down * PARTS;
    this.#isUp.set(decision, isUp);
    return isUp;
  }

  #promise(from: NodeId, { decision, ballot }: Of<'prepare'>): void {
    if (this.#tellDecided(from, decision)) return;
    const vote = this.#voteOf(decision);
    if (ballot < vote.promised) {
      this.#refuse(from, { decision, ballot });
      return;
    }
    vote.promised = ballot;
    this.#write(decision, vote);
    const { accepted, value } = vote;
    this.#answer(from, { kind: 'promise', decision, ballot, accepted, value });
  }

  #accept(from: NodeId, { decision, ballot, value }: Of<'accept'>): void {
    if (this.#tellDecided(from, decision)) return;
    const vote = this.#voteOf(decision);
    if (ballot < vote.promised && this.#options.mutant !== 'forget-promise') {
      this.#refuse(from, { decision, ballot });
      return;
    }
    Object.assign(vote, { promised: Math.max(ballot, vote.promised), accepted: ballot, value });
    this.#write(decision, vote);
    this.#answer(from, { kind: 'accepted', decision, ballot });
  }

  #tellDecided(to: NodeId, decision: number): boolean {
    const value = this.#decisions.valueOf(decision);
    if (value === undefined) return false;
    this.#send(to, { kind: 'decided', decision, value });
    return true;
  }

  #refuse(to: NodeId, { decision, ballot }: { decision: number; ballot: number }): void {
    const { promised } = this.#voteOf(decision);
    this.#send(to, { kind: 'refused', decision, ballot, promised });
  }

  #answer(to: NodeId, message: Message): void {
    if (this.#options.writeNs === 0) {
      this.#send(to, message);
      return;
    }
    this.#lastAnswer += 1;
    this.#answers.set(this.#lastAnswer, () => this.#send(to, message));
    this.#context.setTimer(this.#options.writeNs, 'written', this.#lastAnswer);
  }

  #send(to: NodeId, message: Message): void {
    this.#context.send(to, format.write(message), { tag: message.kind, detail: message.decision });
  }

  #voteOf(decision: number): Vote {
    const known = this.#votes.get(decision) ?? this.#read(decision);
    this.#votes.set(decision, known);
    return known;
  }

  #read(decision: number): Vote {
    const bytes = this.#disk.read(fileOf(decision));
    if (bytes?.length !== VOTE_OCTETS) return { ...NONE };
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return { promised: view.getUint32(0), accepted: view.getUint32(4), value: view.getUint32(8) };
  }

  #write(decision: number, { promised, accepted, value }: Vote): void {
    if (this.#options.mutant === 'no-disk') return;
    const bytes = new Uint8Array(VOTE_OCTETS);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, promised);
    view.setUint32(4, accepted);
    view.setUint32(8, value);
    this.#disk.write(fileOf(decision), bytes);
  }
}

function fileOf(decision: number): string {
  return `vote ${decision}`;
}

/**
 * A proposer of Paxos. In a ballot of its own number it first asks a majority to take part in no
 * smaller one, and hears what they have accepted; then it asks them to accept the value of the
 * largest ballot among these, and only if there is none its own. What a majority accepts in one
 * ballot is decided.
 *
 *     proposer ── prepare ──► acceptors ── promise ──► proposer ── accept ──► acceptors
 *     proposer ◄─ accepted ── acceptors                proposer ── decided ──► all
 */

import { readPayload } from '../../process/payload.ts';
import type { Context, NodeId, Payload, Process, ProcessTimer } from '../../process/process.ts';
import { others } from '../../order/multicast.ts';
import { Decisions } from './decisions.ts';
import { format, type Message, type Of } from './paxos-messages.ts';
import type { PaxosOptions } from './paxos-options.ts';

interface Attempt {
  readonly own: number;
  ballot: number;
  phase: 'prepare' | 'accept' | 'waits';
  readonly answered: Set<NodeId>;
  /** Of the promises so far, the largest ballot in which something was accepted, and what. */
  best: { readonly ballot: number; readonly value: number };
  timer: ProcessTimer | undefined;
}

/** Of chances that are drawn. */
const PARTS = 2 ** 20;

export class Proposer implements Process {
  readonly #context: Context;
  readonly #options: PaxosOptions;
  readonly #acceptors: readonly NodeId[];
  readonly #decisions: Decisions;
  readonly #attempts = new Map<number, Attempt>();

  constructor(context: Context, options: PaxosOptions) {
    this.#context = context;
    this.#options = options;
    this.#decisions = new Decisions(context);
    const all = Array.from({ length: context.nodeCount }, (_, node) => node);
    this.#acceptors = all.slice(options.proposers);
  }

  /** Decision d is between the messages from d times the number of proposers on. */
  onCommand(payload: Payload): void {
    const own = readPayload(payload);
    if (own === undefined) return;
    const attempt: Attempt = {
      ...{ own, ballot: 0, phase: 'prepare', answered: new Set<NodeId>() },
      ...{ best: { ballot: 0, value: 0 }, timer: undefined },
    };
    const decision = Math.floor(own / this.#options.proposers);
    // Too late: others have decided already.
    if (this.#decisions.valueOf(decision) !== undefined) return;
    this.#attempts.set(decision, attempt);
    this.#begin(decision, attempt, 0);
  }

  onTimer(_name: string, decision: number): void {
    const attempt = this.#attempts.get(decision);
    if (attempt) this.#begin(decision, attempt, attempt.ballot);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message === undefined) return;
    if (message.kind === 'decided') {
      this.#end(message.decision);
      this.#decisions.learn(message);
      return;
    }
    const attempt = this.#attempts.get(message.decision);
    if (attempt === undefined || message.ballot !== attempt.ballot) return;
    if (message.kind === 'promise') this.#takePromise(from, message, attempt);
    else if (message.kind === 'accepted') this.#takeAccepted(from, message, attempt);
    else if (message.kind === 'refused') this.#takeRefusal(message, attempt);
  }

  describeState(): Readonly<Record<string, string | number | boolean>> {
    const [attempt] = this.#attempts.values();
    if (attempt === undefined) return { phase: 'idle' };
    return { phase: attempt.phase, ballot: attempt.ballot, answers: attempt.answered.size };
  }

  /** A ballot larger than `beyond`, and no other proposer's. */
  #begin(decision: number, attempt: Attempt, beyond: number): void {
    const { proposers, timeoutNs } = this.#options;
    const round = Math.floor(beyond / proposers) + 1;
    attempt.ballot = round * proposers + this.#context.self;
    attempt.phase = 'prepare';
    attempt.answered.clear();
    attempt.best = { ballot: 0, value: 0 };
    this.#context.note('begins ballot', attempt.ballot, attempt.own);
    this.#tellAll({ kind: 'prepare', decision, ballot: attempt.ballot });
    this.#arm(decision, attempt, timeoutNs);
  }

  #takePromise(from: NodeId, { decision, accepted, value }: Of<'promise'>, attempt: Attempt): void {
    if (attempt.phase !== 'prepare') return;
    attempt.answered.add(from);
    if (accepted > attempt.best.ballot) attempt.best = { ballot: accepted, value };
    if (!this.#isMajority(attempt)) return;
    attempt.phase = 'accept';
    attempt.answered.clear();
    this.#tellAll({
      ...{ kind: 'accept', decision, ballot: attempt.ballot },
      value: this.#valueOf(attempt),
    });
    this.#arm(decision, attempt, this.#options.timeoutNs);
  }

  #takeAccepted(from: NodeId, { decision }: Of<'accepted'>, attempt: Attempt): void {
    if (attempt.phase !== 'accept') return;
    attempt.answered.add(from);
    if (this.#options.mutant !== 'one-is-enough' && !this.#isMajority(attempt)) return;
    const value = this.#valueOf(attempt);
    this.#end(decision);
    this.#decisions.learn({ decision, value });
    for (const node of others(this.#context, this.#context.nodeCount)) {
      this.#send(node, { kind: 'decided', decision, value });
    }
  }

  /** Somebody else has a larger ballot: again with a larger one, after a while. */
  #takeRefusal({ decision, promised }: Of<'refused'>, attempt: Attempt): void {
    if (attempt.phase === 'waits') return;
    const { waitNs, stepBack, stepBackNs } = this.#options;
    this.#context.note('is refused', promised, attempt.own);
    const stepsBack = this.#context.random.below(PARTS) < stepBack * PARTS;
    const delayNs = stepsBack ? stepBackNs : waitNs;
    attempt.ballot = promised;
    attempt.phase = 'waits';
    if (delayNs === 0) this.#begin(decision, attempt, promised);
    else this.#arm(decision, attempt, delayNs);
  }

  #valueOf({ best, own }: Attempt): number {
    return best.ballot > 0 && this.#options.mutant !== 'own-value-always' ? best.value : own;
  }

  #isMajority({ answered }: Attempt): boolean {
    return 2 * answered.size > this.#acceptors.length;
  }

  #end(decision: number): void {
    this.#attempts.get(decision)?.timer?.cancel();
    this.#attempts.delete(decision);
  }

  #arm(decision: number, attempt: Attempt, delayNs: number): void {
    attempt.timer?.cancel();
    attempt.timer = this.#context.setTimer(delayNs, 'again', decision);
  }

  #tellAll(message: Message): void {
    for (const node of this.#acceptors) this.#send(node, message);
  }

  #send(to: NodeId, message: Message): void {
    this.#context.send(to, format.write(message), { tag: message.kind, detail: message.decision });
  }
}

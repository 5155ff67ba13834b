/**
 * NTP between the nodes of an experiment: the packets, formulas and checks of `src/lab/ntp`, which
 * the real client uses, over a `Context`.
 */

import { modes, type NtpPacket, readPacket, writePacket } from '../ntp/packet.ts';
import { type Sample, sampleOf } from '../ntp/on-wire.ts';
import { judgeReply } from '../ntp/reply.ts';
import { timestampOf } from '../ntp/timestamp.ts';
import type { Context, NodeId, Process } from '../process/process.ts';

/** The wall clocks of a run count from here: 2000-01-01. */
const EPOCH_NS = 946_684_800_000_000_000n;
const PRECISION_NS = 1;

const BLANK: NtpPacket = {
  leap: 0,
  version: 4,
  mode: modes.server,
  stratum: 1,
  poll: 4,
  precision: -30,
  rootDelay: 0,
  rootDispersion: 0,
  referenceId: 0,
  reference: 0n,
  origin: 0n,
  receive: 0n,
  transmit: 0n,
};

function stampOf(wallNs: number): bigint {
  return timestampOf(EPOCH_NS + BigInt(wallNs));
}

export interface TimeServerOptions {
  /** How long it keeps a request before it answers. Default: not at all. */
  readonly holdNs?: number;
  /** It lies: what it tells is ahead of its clock by so much. */
  readonly lieNs?: number;
}

/** Answers every request with what its wall clock shows. */
export class TimeServer implements Process {
  readonly #context: Context;
  readonly #holdNs: number;
  readonly #lieNs: number;
  /** Requests that it holds, by number. */
  readonly #held = new Map<number, { readonly to: NodeId; readonly answer: NtpPacket }>();
  #lastHeld = 0;

  constructor(context: Context, { holdNs = 0, lieNs = 0 }: TimeServerOptions = {}) {
    this.#context = context;
    this.#holdNs = holdNs;
    this.#lieNs = lieNs;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const request = readPacket(bytes);
    if (request?.mode !== modes.client) return;
    const receive = this.#now();
    const answer = { ...BLANK, origin: request.transmit, receive };
    if (this.#holdNs === 0) {
      this.#send(from, answer);
      return;
    }
    this.#lastHeld += 1;
    this.#held.set(this.#lastHeld, { to: from, answer });
    this.#context.setTimer(this.#holdNs, 'held', this.#lastHeld);
  }

  onTimer(_name: string, detail: number): void {
    const held = this.#held.get(detail);
    this.#held.delete(detail);
    if (held) this.#send(held.to, held.answer);
  }

  #send(to: NodeId, answer: NtpPacket): void {
    const bytes = writePacket({ ...answer, transmit: this.#now() });
    this.#context.send(to, bytes, { tag: 'time' });
  }

  #now(): bigint {
    return stampOf(this.#context.wallNs() + this.#lieNs);
  }
}

/** What an answer says, and how long it took by our clock. */
export interface Exchanged extends Sample {
  readonly elapsedNs: number;
}

/** 'no-origin-check' believes any answer, also one to an earlier question. */
export type ExchangeMutant = 'no-origin-check';

/** The questions of one node, at most one under way to each server. */
export class Exchanges {
  readonly #context: Context;
  readonly #mutant: ExchangeMutant | undefined;
  readonly #asked = new Map<NodeId, { readonly cookie: bigint; readonly wallNs: number }>();

  constructor(context: Context, mutant?: ExchangeMutant) {
    this.#context = context;
    this.#mutant = mutant;
  }

  /** An earlier question to the same server is given up. */
  ask(server: NodeId): void {
    const context = this.#context;
    const { random } = context;
    const words = [random.uint16(), random.uint16(), random.uint16(), random.uint16() | 1];
    const cookie = words.reduce((sum, word) => (sum << 16n) | BigInt(word), 0n);
    this.#asked.set(server, { cookie, wallNs: context.wallNs() });
    const request = { ...BLANK, leap: 3 as const, mode: modes.client, stratum: 0 };
    context.send(server, writePacket({ ...request, transmit: cookie }), { tag: 'ask' });
  }

  /** Undefined when it is no answer to what was asked. */
  take(server: NodeId, bytes: Uint8Array): Exchanged | undefined {
    const asked = this.#asked.get(server);
    const isChecked = this.#mutant !== 'no-origin-check';
    const cookie = isChecked ? asked?.cookie : readPacket(bytes)?.origin;
    const judged = judgeReply(bytes, cookie);
    if (asked === undefined || judged.kind !== 'answer') return undefined;
    if (isChecked) this.#asked.delete(server);
    const { receive: t2, transmit: t3 } = judged.packet;
    const nowNs = this.#context.wallNs();
    const times = { t1: stampOf(asked.wallNs), t2, t3, t4: stampOf(nowNs) };
    return { ...sampleOf(times, PRECISION_NS), elapsedNs: nowNs - asked.wallNs };
  }
}

/**
 * An NTP client (RFC 5905 §8, §10): asks one server several times and says how far its clock is
 * ahead of ours. It sets no clock.
 */

import type { ConnectedUdpSocket, Endpoint, Random, Runtime, Timer } from '../../net/ports.ts';
import { ClockFilter, type Filtered } from './clock-filter.ts';
import { ntp } from './constants.ts';
import { type Sample, sampleOf } from './on-wire.ts';
import { modes, type NtpPacket, writePacket } from './packet.ts';
import { judgeReply, type Kiss, type Refusal } from './reply.ts';
import { type NtpTimestamp, shortNs, timestampOf } from './timestamp.ts';

export interface NtpQueryOptions {
  readonly runtime: Runtime;
  readonly server: Endpoint;
  /** Our clock, in nanoseconds since 1970. */
  readonly nowNs: () => bigint;
  /** How often it asks. */
  readonly samples: number;
  /** From an answer, or from giving up, to the next question. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export interface NtpQueryResult {
  readonly samples: readonly Sample[];
  /** Undefined when no answer was believed. */
  readonly best: (Filtered & { readonly rootDistanceNs: number }) | undefined;
  /** The last one believed. */
  readonly packet: NtpPacket | undefined;
  /** What the server wants of us, instead of the time. */
  readonly kiss: Kiss | undefined;
  /** Why packets were not believed, and how many. */
  readonly refusals: Readonly<Partial<Record<Refusal, number>>>;
  /** Questions without an answer that was believed. */
  readonly silences: number;
}

/** What a clock of ours can be read with. */
const PRECISION_NS = 1000;
const PRECISION = -20;

/** Rejects with `BindError`. */
export async function queryNtp(options: NtpQueryOptions): Promise<NtpQueryResult> {
  const client = new Client(options);
  try {
    return await client.run();
  } finally {
    client.close();
  }
}

class Client {
  readonly #options: NtpQueryOptions;
  readonly #filter = new ClockFilter();
  readonly #samples: Sample[] = [];
  readonly #refusals: Partial<Record<Refusal, number>> = {};
  #socket: ConnectedUdpSocket | undefined;
  /** The question that waits. */
  #asked: { readonly cookie: NtpTimestamp; readonly t1: NtpTimestamp } | undefined;
  #answered: ((kiss?: Kiss) => void) | undefined;
  #packet: NtpPacket | undefined;
  #kiss: Kiss | undefined;
  #silences = 0;

  constructor(options: NtpQueryOptions) {
    this.#options = options;
  }

  async run(): Promise<NtpQueryResult> {
    const { runtime, server, samples } = this.#options;
    this.#socket = await runtime.network.connectUdp(server, {
      onDatagram: (bytes) => this.#take(bytes),
      onError: () => this.#answered?.(),
    });
    let { intervalMs } = this.#options;
    for (let asked = 0; asked < samples; asked += 1) {
      if (asked > 0) await this.#sleep(intervalMs);
      const kiss = await this.#ask();
      if (kiss === 'DENY' || kiss === 'RSTR') break;
      // RFC 5905 §7.4: it must ask less often.
      if (kiss === 'RATE') intervalMs *= 2;
    }
    return this.#result();
  }

  close(): void {
    this.#socket?.close();
  }

  /** Resolves at the answer, with the kiss that it is; or when there is none in time. */
  async #ask(): Promise<Kiss | undefined> {
    const { runtime, timeoutMs, nowNs } = this.#options;
    const cookie = randomTimestamp(runtime.random);
    const request = writePacket({ ...REQUEST, transmit: cookie });
    const kiss = await new Promise<Kiss | undefined>((resolve) => {
      const timer: Timer = runtime.clock.schedule(timeoutMs, () => {
        this.#silences += 1;
        resolve(undefined);
      });
      this.#answered = (answer) => {
        timer.cancel();
        resolve(answer);
      };
      this.#asked = { cookie, t1: timestampOf(nowNs()) };
      this.#socket?.send(request);
    });
    this.#asked = undefined;
    this.#answered = undefined;
    return kiss;
  }

  #take(bytes: Uint8Array): void {
    const { nowNs, runtime } = this.#options;
    const t4 = timestampOf(nowNs());
    const asked = this.#asked;
    const judged = judgeReply(bytes, asked?.cookie);
    if (judged.kind === 'refused' || asked === undefined) {
      const because = judged.kind === 'refused' ? judged.because : 'forged origin';
      this.#refusals[because] = (this.#refusals[because] ?? 0) + 1;
      // Who repeats what we sent is the server: that it has no time to tell is an answer.
      if (ANSWERS.has(because)) this.#answered?.();
      return;
    }
    // A second answer to the same question is none.
    this.#asked = undefined;
    if (judged.kind === 'kiss') {
      this.#kiss = judged.code;
      this.#answered?.(judged.code);
      return;
    }
    const { packet } = judged;
    const { receive: t2, transmit: t3 } = packet;
    const sample = sampleOf({ t1: asked.t1, t2, t3, t4 }, PRECISION_NS);
    this.#packet = packet;
    this.#samples.push(sample);
    const serverNs = 2 ** Math.max(-40, Math.min(packet.precision, 0)) * 1e9;
    this.#filter.add({
      ...sample,
      atNs: runtime.clock.monotonic() * 1e6,
      dispersionNs: serverNs + PRECISION_NS + (sample.delayNs * ntp.phiPpm) / 1_000_000,
    });
    this.#answered?.();
  }

  #result(): NtpQueryResult {
    const filtered = this.#filter.best(this.#options.runtime.clock.monotonic() * 1e6);
    const packet = this.#packet;
    return {
      samples: this.#samples,
      best: filtered && packet && { ...filtered, rootDistanceNs: rootDistanceNs(filtered, packet) },
      packet,
      kiss: this.#kiss,
      refusals: this.#refusals,
      silences: this.#silences,
    };
  }

  #sleep(ms: number): Promise<void> {
    const { clock } = this.#options.runtime;
    return new Promise((resolve) => {
      clock.schedule(ms, resolve);
    });
  }
}

const ANSWERS: ReadonlySet<Refusal> = new Set(['unsynchronised', 'too distant', 'kiss']);

/** All of a client that a server needs to know, and nothing of its clock. */
const REQUEST: NtpPacket = {
  leap: 3,
  version: ntp.version,
  mode: modes.client,
  stratum: 0,
  poll: ntp.minPoll,
  precision: PRECISION,
  rootDelay: 0,
  rootDispersion: 0,
  referenceId: 0,
  reference: 0n,
  origin: 0n,
  receive: 0n,
  transmit: 0n,
};

/** Λ: the truth is so near, if nobody lies (RFC 5905 §11.2): of one good sample, not of eight. */
function rootDistanceNs(best: Filtered, { rootDelay, rootDispersion }: NtpPacket): number {
  return (shortNs(rootDelay) + best.delayNs) / 2 + shortNs(rootDispersion) + best.jitterNs;
}

/** Never 0, which would be no timestamp. */
function randomTimestamp(random: Random): NtpTimestamp {
  const words = Array.from({ length: 4 }, () => BigInt(random.uint16()));
  return words.reduce((number, word) => (number << 16n) | word, 0n) | 1n;
}

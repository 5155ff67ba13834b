/**
 * A9, loss recovery as in QUIC (RFC 9002): every packet has a new number, also one that carries an
 * old message, so an acknowledgement always tells which copy arrived, and every one of them
 * measures the round trip. A packet is lost when three later ones have arrived, or one that was
 * sent 9/8 of a round trip later. When nothing comes back, a probe asks for an acknowledgement.
 *
 * Without congestion control: a window of messages instead.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import { NumberSet } from '../../process/number-set.ts';
import type { Context, NodeId, Payload, Process, ProcessTimer } from '../../process/process.ts';
import type { DeliveryLayer } from '../delivery-layer.ts';
import { pairsOf, rangesOf } from './ranges.ts';

const SHAPES = {
  data: { packet: 'u32', sequence: 'u32', payload: 'rest' },
  /** Ranges of packets that arrived, and how long the newest has waited for this. */
  ack: { delayNs: 'u53', ranges: 'list' },
} as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

/** RFC 9002 §6.1.1. */
const PACKET_THRESHOLD = 3;
/** RFC 9002 §6.1.2. */
const TIME_THRESHOLD = 9 / 8;
const GRANULARITY_NS = 1_000_000;
/** RFC 9002 §6.2.2. */
const INITIAL_ROUND_TRIP_NS = 333_000_000;
/** A probe comes at least so often, however long nothing came back. */
const MAX_PROBE_TIMEOUT_NS = 2_000_000_000;
/** More ranges than any loss makes here; the oldest are left out. */
const MAX_RANGES = 64;

export interface PacketNumberOptions {
  readonly peer: NodeId;
  readonly window: number;
  readonly maxAckDelayNs: number;
}

interface Packet {
  readonly sequence: number;
  readonly sentAtNs: number;
}

export class PacketNumberSender implements Process {
  readonly #context: Context;
  readonly #options: PacketNumberOptions;
  readonly #unacknowledged = new Map<number, Payload>();
  /** Packets of which nothing is known yet, in the order of their numbers. */
  readonly #underWay = new Map<number, Packet>();
  #nextPacket = 0;
  #largestAcknowledged = -1;
  #base = 0;
  #next = 0;
  #submitted = 0;
  #smoothedNs = INITIAL_ROUND_TRIP_NS;
  #deviationNs = INITIAL_ROUND_TRIP_NS / 2;
  #hasSample = false;
  #probes = 0;
  #timer: ProcessTimer | undefined;

  constructor(context: Context, options: PacketNumberOptions) {
    this.#context = context;
    this.#options = options;
  }

  onCommand(payload: Payload): void {
    this.#unacknowledged.set(this.#submitted, payload);
    this.#submitted += 1;
    this.#sendWindow();
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind !== 'ack') return;
    const arrived = [...pairsOf(message.ranges)];
    const largest = (arrived.at(-1)?.[1] ?? 0) - 1;
    if (largest >= this.#nextPacket) return;
    const newest = this.#underWay.get(largest);
    if (newest) this.#sample(newest, message.delayNs);
    this.#largestAcknowledged = Math.max(this.#largestAcknowledged, largest);
    this.#acknowledge(arrived);
    this.#detectLoss();
    this.#sendWindow();
  }

  onTimer(name: string): void {
    if (name === 'loss') this.#detectLoss();
    else this.#probe();
    this.#setTimer();
  }

  describeState(): { base: number; next: number; 'under way': number; packet: number } {
    const { size } = this.#underWay;
    return { base: this.#base, next: this.#next, 'under way': size, packet: this.#nextPacket };
  }

  #acknowledge(arrived: readonly (readonly [number, number])[]): void {
    for (const [number, { sequence }] of this.#underWay) {
      if (!arrived.some(([first, end]) => first <= number && number < end)) continue;
      this.#underWay.delete(number);
      this.#unacknowledged.delete(sequence);
      this.#probes = 0;
    }
    while (this.#base < this.#next && !this.#unacknowledged.has(this.#base)) this.#base += 1;
  }

  /** RFC 9002 §5.3; the first sample replaces what was assumed. */
  #sample({ sentAtNs }: Packet, ackDelayNs: number): void {
    const elapsedNs = this.#context.monotonicNs() - sentAtNs;
    const sampleNs = Math.max(1, elapsedNs - Math.min(ackDelayNs, this.#options.maxAckDelayNs));
    if (this.#hasSample) {
      const error = Math.abs(this.#smoothedNs - sampleNs);
      this.#deviationNs = (3 * this.#deviationNs + error) / 4;
      this.#smoothedNs = (7 * this.#smoothedNs + sampleNs) / 8;
    } else {
      this.#hasSample = true;
      this.#smoothedNs = sampleNs;
      this.#deviationNs = sampleNs / 2;
    }
  }

  /** Sends again what was in packets that must be lost (RFC 9002 §6.1). */
  #detectLoss(): void {
    const lostBeforeNs = this.#context.monotonicNs() - this.#lossDelayNs();
    const lost: number[] = [];
    for (const [number, { sequence, sentAtNs }] of this.#underWay) {
      if (number > this.#largestAcknowledged) break;
      const isOvertaken = this.#largestAcknowledged - number >= PACKET_THRESHOLD;
      if (!isOvertaken && sentAtNs > lostBeforeNs) continue;
      this.#underWay.delete(number);
      lost.push(sequence);
    }
    for (const sequence of lost) this.#send(sequence);
  }

  /** Nothing has come back: the oldest message once more, in a packet of its own. */
  #probe(): void {
    this.#probes += 1;
    if (this.#base < this.#next) this.#send(this.#base);
  }

  #sendWindow(): void {
    const end = Math.min(this.#base + this.#options.window, this.#submitted);
    for (; this.#next < end; this.#next += 1) this.#send(this.#next);
    this.#setTimer();
  }

  #send(sequence: number): void {
    const payload = this.#unacknowledged.get(sequence);
    if (payload === undefined) return;
    const packet = this.#nextPacket;
    this.#nextPacket += 1;
    this.#underWay.set(packet, { sequence, sentAtNs: this.#context.monotonicNs() });
    const bytes = format.write({ kind: 'data', packet, sequence, payload });
    this.#context.send(this.#options.peer, bytes, { tag: 'data', detail: sequence });
  }

  /** For the first packet that may yet prove lost by time, else for a probe (RFC 9002 §6.2.1). */
  #setTimer(): void {
    this.#timer?.cancel();
    if (this.#base === this.#next) return;
    const nowNs = this.#context.monotonicNs();
    const [oldest] = this.#underWay;
    if (oldest && oldest[0] < this.#largestAcknowledged) {
      const atNs = oldest[1].sentAtNs + this.#lossDelayNs();
      this.#timer = this.#context.setTimer(Math.max(0, atNs - nowNs), 'loss');
      return;
    }
    const varianceNs = Math.max(4 * this.#deviationNs, GRANULARITY_NS);
    const timeoutNs = this.#smoothedNs + varianceNs + this.#options.maxAckDelayNs;
    const backedOffNs = Math.min(MAX_PROBE_TIMEOUT_NS, timeoutNs * 2 ** this.#probes);
    this.#timer = this.#context.setTimer(Math.round(backedOffNs), 'probe');
  }

  #lossDelayNs(): number {
    return Math.max(GRANULARITY_NS, Math.round(TIME_THRESHOLD * this.#smoothedNs));
  }
}

export interface PacketNumberReceiverOptions {
  readonly layer: DeliveryLayer;
  /** An acknowledgement at least for so many packets, … */
  readonly every: number;
  /** … and for what has waited so long. */
  readonly maxAckDelayNs: number;
}

export class PacketNumberReceiver implements Process {
  readonly #context: Context;
  readonly #options: PacketNumberReceiverOptions;
  readonly #arrived = new NumberSet();
  #unacknowledged = 0;
  #largest = -1;
  #largestAtNs = 0;
  #timer: ProcessTimer | undefined;

  constructor(context: Context, options: PacketNumberReceiverOptions) {
    this.#context = context;
    this.#options = options;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind !== 'data') return;
    const { packet, sequence, payload } = message;
    const { layer, every, maxAckDelayNs } = this.#options;
    const isNext = packet === this.#largest + 1;
    this.#arrived.add(packet);
    if (packet > this.#largest) {
      this.#largest = packet;
      this.#largestAtNs = this.#context.monotonicNs();
    }
    layer({ sequence, payload, from });
    this.#unacknowledged += 1;
    // At once when something is missing or late (RFC 9000 §13.2.1).
    if (!isNext || this.#unacknowledged >= every) this.#acknowledge(from);
    else if (this.#unacknowledged === 1) {
      this.#timer = this.#context.setTimer(maxAckDelayNs, 'acknowledge', from);
    }
  }

  onTimer(_name: string, from: NodeId): void {
    this.#acknowledge(from);
  }

  describeState(): { largest: number; missing: number } {
    return { largest: this.#largest, missing: this.#largest + 1 - this.#arrived.size };
  }

  #acknowledge(to: NodeId): void {
    this.#timer?.cancel();
    this.#unacknowledged = 0;
    const { floor } = this.#arrived;
    const ranges = [...(floor > 0 ? [0, floor] : []), ...rangesOf(this.#arrived.above())];
    const delayNs = this.#context.monotonicNs() - this.#largestAtNs;
    const newest = ranges.slice(-2 * MAX_RANGES);
    const ack = format.write({ kind: 'ack', delayNs, ranges: newest });
    this.#context.send(to, ack, { tag: 'ack', detail: this.#largest });
  }
}

/**
 * What the experiments on reliable delivery have in common: a sender, a receiver, a line between
 * them that may lose in both directions, and messages at a steady rate.
 */

import type { Claims, FaultClass } from '../experiment/claims.ts';
import type { Command, Scene } from '../experiment/experiment.ts';
import type { ChoiceParameter, CountParameter, ValuesOf } from '../experiment/parameters.ts';
import type { LinkOptions } from '../../sim/link-options.ts';
import { makePayload } from '../process/payload.ts';
import type { ProcessFactory } from '../process/process.ts';
import { type Layer, LAYERS } from './delivery-layer.ts';
import { NS_PER_MS } from '../../sim/units.ts';

/** How long after the last sign of progress a run may still last: many timers of any protocol. */
const SETTLE_NS = 120_000 * NS_PER_MS;

const SENDER = 0;
export const RECEIVER = 1;

/** Silence must come this long after the last loss: many times any timer here. */
export const SILENCE_NS: number = 30_000 * NS_PER_MS;

/** What a line may do to datagrams, and people to nodes without taking what they know. */
export const LINE_FAULTS: readonly FaultClass[] = [
  'loss',
  'duplication',
  'reordering',
  'pause',
  'partition',
  'cut',
  'hold',
  'clog',
];

/** Layers that lose nothing over a protocol that repeats. */
export const LOSSLESS_LAYERS: readonly Layer[] = [
  'raw',
  'dedup',
  'reliable-unordered',
  'reliable-ordered',
  'exactly-once',
];

export const LINE_PARAMETERS = {
  messages: { kind: 'count', default: 100, min: 1, max: 10_000_000, help: 'messages to send' },
  interval: { kind: 'duration', default: '1ms', help: 'between two messages; 0ms: all at once' },
  size: { kind: 'count', default: 64, min: 8, max: 60_000, help: 'octets of a message' },
  rtt: { kind: 'duration', default: '48ms', help: 'round trip without jitter' },
  jitter: { kind: 'duration', default: '0ms', help: 'added to a way, uniform from 0 to this' },
  loss: {
    kind: 'fraction',
    default: 0,
    help: 'p, chance of a datagram to the receiver to be lost',
  },
  burst: { kind: 'count', default: 1, min: 1, max: 1000, help: 'mean length of a row of losses' },
  duplicate: { kind: 'fraction', default: 0, help: 'chance of a datagram to arrive twice' },
  swap: { kind: 'fraction', default: 0, help: 'chance to overtake the datagram before' },
  'ack-loss': { kind: 'fraction', default: 0, help: 'q, chance of one to the sender to be lost' },
} as const;
export type LineValues = ValuesOf<typeof LINE_PARAMETERS>;

/** Short runs over bad lines, for the fuzzer. */
export const BAD_LINES: NonNullable<Claims<typeof LINE_PARAMETERS>['draw']> = {
  messages: [12],
  interval: [0, 5 * NS_PER_MS],
  rtt: [4 * NS_PER_MS, 20 * NS_PER_MS],
  jitter: [0, 10 * NS_PER_MS],
  loss: [0, 0.3],
  'ack-loss': [0, 0.3],
  burst: [1, 1, 3],
  duplicate: [0, 0, 0.2],
  swap: [0, 0, 0.2],
};

/** The number that the first message has on the wire, as a parameter. */
export const FIRST_NUMBER: CountParameter = {
  kind: 'count',
  default: 0,
  min: 0,
  max: 2 ** 32 - 1,
  help: 'number of the first message on the wire',
};

/** At the start of the numbers, or so that a dozen messages go beyond the end of 16 bits. */
export const NEAR_THE_WRAP: readonly number[] = [0, 2 ** 16 - 6];

/** The delivery layer as a parameter. */
export function layerParameter(usual: Layer): ChoiceParameter<Layer> {
  return { kind: 'choice', choices: LAYERS, default: usual, help: 'what the receiver delivers' };
}

export interface TwoNodes {
  readonly sender: ProcessFactory;
  readonly receiver: ProcessFactory;
  /** How long a message occupies the line to the receiver, besides the way itself. */
  readonly frameNs?: number;
  /** Of the jitter; default: uniform from 0 to it. Else it is the mean. */
  readonly spread?: 'uniform' | 'exponential';
}

export function twoNodeScene(
  values: LineValues,
  { sender, receiver, frameNs = 0, spread = 'uniform' }: TwoNodes,
): Scene {
  const { messages, interval, rtt, jitter, loss, burst, duplicate, swap, size } = values;
  const jitterMs = jitter / NS_PER_MS;
  const isExponential = spread === 'exponential' && jitter > 0;
  const line = {
    ...(isExponential ? { jitter: { kind: spread, meanMs: jitterMs } } : { jitterMs }),
    duplicate,
    swap,
  };
  const there = {
    ...line,
    delayMs: (rtt / 2 + frameNs) / NS_PER_MS,
    ...lossOf(loss, burst),
  };
  const back = { ...line, delayMs: rtt / 2 / NS_PER_MS, ...lossOf(values['ack-loss'], burst) };
  return {
    nodes: [
      { name: 'sender', create: sender },
      { name: 'receiver', create: receiver },
    ],
    link: there,
    links: [{ from: RECEIVER, to: SENDER, link: back }],
    workload: steadily({ messages, intervalNs: interval, octets: size }),
    untilNs: messages * (interval + slowestMessageNs(values, frameNs)) + SETTLE_NS,
  };
}

/** A share `loss` of all, in rows of `burst` on average: while bad, the line loses everything. */
function lossOf(loss: number, burst: number): Partial<LinkOptions> {
  if (burst === 1 || loss === 0 || loss === 1) return { loss };
  const leave = 1 / burst;
  return { burst: { enter: Math.min(1, (loss * leave) / (1 - loss)), leave } };
}

/** Whether each datagram is lost alone, or arrives once and overtakes none: as theory has it. */
export function isPlain({ burst, duplicate, swap }: LineValues): boolean {
  return burst === 1 && duplicate === 0 && swap === 0;
}

/** A generous mean for a protocol that sends one message at a time. */
function slowestMessageNs({ rtt, jitter, loss, ...values }: LineValues, frameNs: number): number {
  const success = Math.max(0.01, (1 - loss) * (1 - values['ack-loss']));
  return (10 * (rtt + 2 * jitter + frameNs)) / success;
}

/** `messages` of the sender, one every `intervalNs`. */
export function* steadily({
  messages,
  intervalNs,
  octets,
}: {
  readonly messages: number;
  readonly intervalNs: number;
  readonly octets: number;
}): Generator<Command> {
  for (let message = 0; message < messages; message += 1) {
    yield { atNs: message * intervalNs, node: SENDER, payload: makePayload(message, octets) };
  }
}

/**
 * What the experiments on total order have in common: parameters, the workload, the link, and which
 * properties are promised when.
 */

import type { Claims, FaultClass } from '../experiment/claims.ts';
import type { Checker, Command, NodePlan, Scene } from '../experiment/experiment.ts';
import type { ValuesOf } from '../experiment/parameters.ts';
import { causalOrder, fifoOrder, realTimeOrder, totalOrder } from '../checkers/order.ts';
import { integrity, uniformAgreement, validity } from '../checkers/order-agreement.ts';
import { makePayload } from '../process/payload.ts';
import type { Jitter } from '../../sim/jitter.ts';
import type { ProcessFactory } from '../process/process.ts';
import { onReliableLinks } from './reliable-links.ts';
import { NS_PER_MS } from '../../sim/units.ts';

/** After the last message, for what waits for timers. */
const SETTLE_NS = 500 * NS_PER_MS;

export const ORDER_PARAMETERS = {
  nodes: { kind: 'count', default: 5, min: 2, max: 100, help: 'members, n' },
  senders: { kind: 'count', default: 1, min: 1, max: 100, help: 'members that send, from 1 on' },
  messages: { kind: 'count', default: 20, min: 1, max: 1_000_000, help: 'messages of each sender' },
  interval: { kind: 'duration', default: '100ms', help: 'between two messages of a sender' },
  gap: { kind: 'duration', default: '0ms', help: 'between a sender and the next, s' },
  payload: { kind: 'count', default: 100, min: 8, max: 1200, help: 'octets of a message, L' },
  delay: { kind: 'duration', default: '10ms', help: 'of a hop, δ' },
  jitter: { kind: 'duration', default: '0ms', help: 'added to a hop: at most, or on average, J' },
  spread: {
    kind: 'choice',
    choices: ['uniform', 'exponential'],
    default: 'uniform',
    help: 'of the jitter: from 0 to J, or exponential with mean J',
  },
  loss: { kind: 'fraction', default: 0, help: 'chance of a datagram to be lost' },
  links: {
    kind: 'choice',
    choices: ['plain', 'reliable', 'fifo'],
    default: 'plain',
    help: 'plain; reliable: acknowledged and sent again; fifo: and in order',
  },
} as const;
export type OrderValues = ValuesOf<typeof ORDER_PARAMETERS>;

/** Whether links lose nothing: what most promises rest on. */
export function isReliable({ links, loss }: OrderValues): boolean {
  return links !== 'plain' || loss === 0;
}

/** Whether they also keep the order: plain ones as long as nobody does anything to them. */
export function isFifo({ links, jitter, loss }: OrderValues): boolean {
  return links === 'fifo' || (links === 'plain' && jitter === 0 && loss === 0);
}

/** What every experiment's fuzzing begins with: reliable links, short runs that overlap. */
export const RELIABLE_DRAW: NonNullable<Claims<typeof ORDER_PARAMETERS>['draw']> = {
  links: ['reliable', 'fifo'],
  nodes: [3, 4, 5],
  senders: [1, 2, 3],
  messages: [5, 10],
  interval: [5 * NS_PER_MS, 30 * NS_PER_MS],
  gap: [0, NS_PER_MS, 7 * NS_PER_MS],
  jitter: [0, 5 * NS_PER_MS, 40 * NS_PER_MS],
  loss: [0, 0.1],
};

/** What happens to links and to time, and ends: whoever only waits for messages survives it. */
export const ALL_BUT_CRASHES: readonly FaultClass[] = [
  'loss',
  'duplication',
  'reordering',
  'pause',
  'partition',
  'cut',
  'hold',
  'clog',
];

/** The scene of `kinds`, on reliable links when they are wanted. */
export function orderScene(
  values: OrderValues,
  kinds: readonly NodePlan[],
): Pick<Scene, 'nodes' | 'link' | 'workload' | 'untilNs'> {
  const { delay, jitter, loss, links } = values;
  const resendNs = 3 * (delay + jitter) + NS_PER_MS;
  const nodes = kinds.map((kind): NodePlan => {
    if (links === 'plain') return kind;
    const options = { resendNs, isFifo: links === 'fifo' };
    return { ...kind, create: onReliableLinks(kind.create, options) };
  });
  const slowestNs = Math.max(...kinds.map(({ serviceNs = 0 }) => serviceNs));
  const workNs = values.messages * values.senders * slowestNs;
  return {
    nodes,
    link: { delayMs: delay / NS_PER_MS, loss, ...(jitter > 0 && { jitter: jitterOf(values) }) },
    workload: rounds(values),
    untilNs: lastCommandNs(values) + workNs + 40 * (delay + jitter) + SETTLE_NS,
  };
}

function jitterOf({ jitter, spread }: OrderValues): Jitter {
  const ms = jitter / NS_PER_MS;
  return spread === 'uniform' ? { kind: spread, maxMs: ms } : { kind: spread, meanMs: ms };
}

/** `names[i]` for node i, then 'member'. */
export function members(
  count: number,
  create: ProcessFactory,
  names: readonly string[] = [],
): readonly NodePlan[] {
  return Array.from({ length: count }, (_, node) => {
    return { name: names[node] ?? `member ${node}`, create };
  });
}

/** Sender j of S is node 1 + j (mod n): node 0, where one is chosen, sends last. */
function* rounds(values: OrderValues): Generator<Command> {
  const { nodes, messages, interval, gap, payload } = values;
  const senders = Math.min(values.senders, nodes);
  const commands: Command[] = [];
  for (let round = 0; round < messages; round += 1) {
    for (let sender = 0; sender < senders; sender += 1) {
      const atNs = round * interval + sender * gap;
      const message = round * senders + sender;
      const node = (1 + sender) % nodes;
      commands.push({ atNs, node, payload: makePayload(message, payload) });
    }
  }
  yield* commands.toSorted((a, b) => a.atNs - b.atNs);
}

function lastCommandNs({ messages, interval, senders, gap }: OrderValues): number {
  return (messages - 1) * interval + (senders - 1) * gap;
}

/** What a protocol with one order for all promises when nobody crashes. */
export function allOrders(values: OrderValues): readonly Checker[] {
  return [
    totalOrder(),
    integrity(),
    ...(isReliable(values) ? [validity(), uniformAgreement(values.nodes), realTimeOrder()] : []),
    ...(isReliable(values) && isFifo(values) ? [fifoOrder(), causalOrder()] : []),
  ];
}

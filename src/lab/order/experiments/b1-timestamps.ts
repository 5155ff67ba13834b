/** B1: deliver in the order of wall clocks, after a wait. */

import { causalOrder, fifoOrder, totalOrder } from '../../checkers/order.ts';
import { integrity, uniformAgreement, validity } from '../../checkers/order-agreement.ts';
import { exp } from '../../../sim/math.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { MIN_SAMPLES } from '../../meters/batch-means.ts';
import { together } from '../../meters/together.ts';
import { OrderMeter } from '../order-meter.ts';
import { isReliable, members, ORDER_PARAMETERS, orderScene } from '../order-scene.ts';
import { exact, isCalm } from '../predict.ts';
import { LateMeter } from '../share-meter.ts';
import { Timestamps, type TimestampsMutant } from '../timestamps.ts';

const MS = 1_000_000;

const parameters = {
  ...ORDER_PARAMETERS,
  wait: { kind: 'duration', default: '30ms', help: 'from stamp to delivery, Δ' },
  skew: { kind: 'duration', default: '0ms', help: 'the clock of node 1 is ahead by this, ε' },
} as const;
type Values = ValuesOf<typeof parameters>;

export const TIMESTAMPS: Experiment = defineExperiment({
  id: 'B1',
  title: 'Timestamps of wall clocks',
  quote: 'chronologically (time stamp)',
  question: 'Is it enough that every message says when it was sent?',
  explanation:
    'A message carries the time T of its sender’s clock; everybody delivers it when the own ' +
    'clock shows T + Δ, in the order of T. With δ + ε ≤ Δ (delay, and difference of the ' +
    'clocks) everybody has everything in time. Beyond that, a message comes when later ones ' +
    'have been delivered. A wrong clock is enough; the network may be perfect. This is why a ' +
    'network without a bound on delays gives no guarantee by timestamps.',
  lookFor: [
    'Everybody delivers at the same instant, the sender too: Δ after sending.',
    'With --senders 2 --gap 25ms --skew 30ms: no jitter, no loss, and two orders.',
  ],
  parameters,
  mutants: { 'no-waiting': 'Δ is taken for 0: total order' },
  scene: (values, { mutant }) => {
    const { nodes, wait, skew } = values;
    const kinds = members(
      nodes,
      (context) => new Timestamps(context, wait, mutant as TimestampsMutant),
    );
    return orderScene(
      values,
      kinds.map(({ name, create }, node) => {
        return { name, create, ...(node === 1 && { clock: { offsetNs: skew } }) };
      }),
    );
  },
  meter: ({ wait, skew }) =>
    skew === 0 ? together(new OrderMeter(), new LateMeter(wait)) : new OrderMeter(),
  predict: (values) => [
    exact('msgs.perBroadcast', values.nodes - 1, 'n − 1'),
    ...(isCalm(values) ? [...predictOrder(values), ...predictLatency(values)] : []),
    ...predictLate(values),
  ],
  checkers: (values) => [
    integrity(),
    ...(isReliable(values) ? [validity(), uniformAgreement(values.nodes)] : []),
    ...(isSynchronous(values) ? [totalOrder(), fifoOrder(), causalOrder()] : []),
  ],
  claims: {
    // Duplicates would be delivered twice: the protocol counts on the links for that.
    survives: [],
    draw: {
      nodes: [3, 4, 5],
      senders: [1, 2, 3],
      messages: [5, 10],
      interval: [5 * MS, 30 * MS],
      gap: [0, MS, 7 * MS],
      jitter: [0, 5 * MS, 15 * MS],
      skew: [0, 2 * MS, 5 * MS],
    },
  },
});

/** What the protocol takes for granted. */
function isSynchronous({ delay, jitter, spread, skew, wait, links, loss }: Values): boolean {
  return (
    delay + jitter + skew <= wait &&
    (jitter === 0 || spread === 'uniform') &&
    links === 'plain' &&
    loss === 0
  );
}

/** A message comes too late when its jitter is more than what Δ leaves for it. */
function predictLate(values: Values): readonly Prediction[] {
  const { messages, senders, nodes, wait, delay, jitter, spread, skew, links, loss } = values;
  const samples = messages * Math.min(senders, nodes) * (nodes - 1);
  const isPlain = links === 'plain' && loss === 0 && jitter > 0 && skew === 0;
  if (!isPlain || samples < MIN_SAMPLES || wait < delay) return [];
  const room = wait - delay;
  const value = spread === 'exponential' ? exp(-room / jitter) : Math.max(0, 1 - room / jitter);
  const formula = spread === 'exponential' ? 'e^(−(Δ − δ)/J)' : '1 − (Δ − δ)/J';
  return [{ metric: 'late', kind: 'statistical', value, formula }];
}

function predictLatency({ wait, skew, delay, senders }: Values): readonly Prediction[] {
  if (skew > 0 || delay > wait) return [];
  const who = senders === 1 ? ['sender', 'others'] : ['others'];
  return who.map((name) => exact(`lat.${name}.max`, wait, 'Δ'));
}

/**
 * Node 1 sends, and after the gap s node 2: by the stamps node 2 is first when s < ε. Node 1
 * delivers its own message after Δ all the same, and has the other by then only when s + δ ≤ Δ.
 */
function predictOrder({
  wait,
  skew,
  delay,
  gap,
  senders,
  messages,
  interval,
  nodes,
}: Values): readonly Prediction[] {
  if (senders !== 2 || nodes < 3 || interval < 2 * (wait + skew + gap + delay)) return [];
  const isBroken = gap < skew && gap + delay > wait;
  return [exact('order.violations', isBroken ? messages : 0, 's < ε and s + δ > Δ: 1 a round')];
}

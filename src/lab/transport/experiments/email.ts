/** Email: everything must arrive, and nobody minds the order. */

import { quiescence } from '../../checkers/traffic.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { headOfLineNs } from '../head-of-line.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onAverage, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { repeating } from '../repeating.ts';
import { BAD_LINES, LINE_FAULTS, LINE_PARAMETERS, SILENCE_NS, twoNodeScene } from '../two-nodes.ts';

export const email: Experiment = defineExperiment({
  id: 'email',
  title: 'Email',
  quote: 'email',
  question: 'What does order cost whom it does not serve?',
  explanation:
    'Every message must arrive, once: the set that is delivered is the set that was sent. ' +
    'Without an order a message waits only for its own repair, d + timer p/(1-p) on average. ' +
    'In order it also waits for the repair of each one before it, which at a message every 10 ' +
    'ms and one loss in ten is the greater part of its time.',
  lookFor: [
    'lat.mean with --delivery reliable-unordered and reliable-ordered: the same traffic.',
    'lat.p50: half of all mail is there at once, or is not.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    messages: { ...LINE_PARAMETERS.messages, default: 3000 },
    interval: { ...LINE_PARAMETERS.interval, default: '10ms', min: '1us' },
    size: { ...LINE_PARAMETERS.size, default: 1000 },
    rtt: { ...LINE_PARAMETERS.rtt, default: '40ms' },
    loss: { ...LINE_PARAMETERS.loss, default: 0.1 },
    delivery: {
      kind: 'choice',
      choices: ['reliable-unordered', 'reliable-ordered'],
      default: 'reliable-unordered',
      help: 'what the receiver delivers',
    },
    timer: { kind: 'duration', default: '60ms', min: '1us', help: 'until one is repeated' },
  },
  mutants: {
    'no-dedup': 'copies are delivered like messages; violates no duplicate',
  },
  scene: (values, { mutant }) => {
    const layer = mutant === 'no-dedup' ? 'raw' : values.delivery;
    return twoNodeScene(values, repeating(layer, values.timer));
  },
  meter: () => new TrafficMeter(),
  predict: onPlainLines(({ messages, interval, rtt, jitter, loss: p, delivery, timer }) => {
    const delivered = exactly('delivered', messages, 'messages');
    if (p === 1) return [];
    if (jitter > 0) return [delivered];
    const isOrdered = delivery === 'reliable-ordered';
    const waitNs = isOrdered
      ? headOfLineNs({ loss: p, timerNs: timer, intervalNs: interval })
      : (timer * p) / (1 - p);
    const formula = isOrdered ? 'd+the wait for those before' : 'd+timer p/(1-p)';
    return [delivered, ...onAverage(messages, [['lat.mean', rtt / 2 + waitNs, formula]])];
  }),
  checkers: ({ delivery }) => [
    ...promisesOf(delivery, { isReliable: true }),
    quiescence(SILENCE_NS),
  ],
  plots: linePlots(),
  claims: {
    survives: LINE_FAULTS,
    draw: {
      ...BAD_LINES,
      interval: [5_000_000],
      delivery: ['reliable-unordered', 'reliable-ordered'],
    },
  },
});

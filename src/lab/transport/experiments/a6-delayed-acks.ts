/** A6: one acknowledgement for many messages, and repairs that do not wait for the timer. */

import { quiescence, windowSafety } from '../../checkers/traffic.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { withoutTimers } from '../mutants.ts';
import { linePlots } from '../line-plots.ts';
import { atLeast, exactly, onAverage, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { DelayedAckReceiver, DelayedAckSender } from '../protocols/delayed-acks.ts';
import {
  BAD_LINES,
  layerParameter,
  LINE_FAULTS,
  LINE_PARAMETERS,
  LOSSLESS_LAYERS,
  RECEIVER,
  SILENCE_NS,
  twoNodeScene,
} from '../two-nodes.ts';

const MS = 1_000_000;

export const delayedAcks: Experiment = defineExperiment({
  id: 'A6',
  title: 'Cumulative, delayed acks',
  quote: 'reduce # of messages',
  question: 'How few acknowledgements are enough?',
  explanation:
    'An acknowledgement of number n acknowledges everything before n, so it need not be sent for ' +
    'every message: one for every m, or for what has waited D. Without loss a message costs ' +
    '1 + 1/m. TCP has m = 2 (RFC 9293 §3.8.6.3).\n\n' +
    'What is out of order is acknowledged at once, with the number that is missing. Three ' +
    'repeats of it are a loss, which is sent again without waiting for the timer: fast ' +
    'retransmit. With loss there are therefore more acknowledgements, never fewer.\n\n' +
    'The price: a loss at the end has nothing behind it that could repeat an acknowledgement, ' +
    'and waits for the timer; and D is added to what the sender believes to be the round trip.',
  lookFor: [
    'One arrow back for every m arrows there.',
    'After a cross, three arrows back in a row, then the copy: long before the timer.',
    'The mutant fast-only: which losses are never repaired?',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    every: {
      kind: 'count',
      default: 2,
      min: 1,
      max: 1000,
      help: 'm, messages to acknowledge once',
    },
    delay: { kind: 'duration', default: '25ms', min: '1us', help: 'D, longest wait to do so' },
    timer: { kind: 'duration', default: '200ms', min: '1us', help: 'until the oldest is repeated' },
    window: { kind: 'count', default: 1024, min: 1, max: 100_000, help: 'W, messages under way' },
    layer: layerParameter('reliable-ordered'),
  },
  mutants: {
    'fast-only': 'the sender has no timer, only fast retransmit; violates no gap',
    'ack-ahead': 'the newest arrival is acknowledged, gaps and all; violates no gap',
    'no-fifo': 'reliable-ordered does not wait for what is missing; violates FIFO',
  },
  scene: (values, { mutant }) => {
    const { every, delay, timer, window } = values;
    const layer = mutant === 'no-fifo' ? 'dedup' : values.layer;
    return twoNodeScene(values, {
      sender: (context) =>
        new DelayedAckSender(mutant === 'fast-only' ? withoutTimers(context) : context, {
          peer: RECEIVER,
          window,
          timerNs: timer,
        }),
      receiver: (context) =>
        new DelayedAckReceiver(context, {
          layer: deliveryLayer(layer, context),
          every,
          delayNs: delay,
          ...(mutant === 'ack-ahead' && {
            nextOf: (arrived) => (arrived.above().at(-1) ?? arrived.floor - 1) + 1,
          }),
        }),
    });
  },
  meter: () => new TrafficMeter(),
  predict: onPlainLines((values) => {
    const { messages, interval, rtt, jitter, loss: p, 'ack-loss': q, every } = values;
    const isSteady = jitter === 0 && interval > 0 && (every - 1) * interval < values.delay;
    const isNeverFull = values.window * interval > rtt + values.delay;
    const isPatient = values.timer >= 2 * (rtt + values.delay);
    if (!isSteady || !isNeverFull || !isPatient || q > 0 || values.layer === 'raw') return [];
    if (p === 0) {
      return [
        exactly('sent.data', messages, 'messages'),
        exactly('sent.ack', Math.ceil(messages / every), 'ceil(messages / m)'),
        exactly('delivered', messages, 'messages'),
      ];
    }
    if (p === 1) return [];
    return [
      ...onAverage(messages, [['data/delivered', 1 / (1 - p), '1/(1-p)']]),
      atLeast('sent.ack', Math.floor(messages / every), 'messages / m'),
    ];
  }),
  checkers: ({ layer, window }) => [
    ...promisesOf(layer, { isReliable: true }),
    windowSafety(window),
    quiescence(SILENCE_NS),
  ],
  plots: linePlots(),
  claims: {
    survives: LINE_FAULTS,
    draw: {
      ...BAD_LINES,
      every: [1, 2, 5],
      window: [1, 4, 32],
      timer: [60 * MS],
      layer: LOSSLESS_LAYERS,
    },
  },
});

/** A5: only what is wrong is told. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { withoutTimers } from '../mutants.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onAverage, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { NegativeAckReceiver, NegativeAckSender } from '../protocols/negative-acks.ts';
import {
  BAD_LINES,
  layerParameter,
  LINE_FAULTS,
  LINE_PARAMETERS,
  LOSSLESS_LAYERS,
  RECEIVER,
  twoNodeScene,
} from '../two-nodes.ts';

const MS = 1_000_000;

export const negativeAcks: Experiment = defineExperiment({
  id: 'A5',
  title: 'Negative acknowledgements',
  quote: 'if wrong message: send back request',
  question: 'How many messages are saved when the receiver only speaks up about what is missing?',
  explanation:
    'The receiver sees that a number is missing when a later one comes, and asks for it, again ' +
    'every `retry` until it is there. Nothing is said about what arrives.\n\n' +
    'Data is sent 1/(1-p) times, as ever. A lost message needs a request and a copy that both ' +
    'arrive, 1/((1-p)(1-q)) tries, and a share p is lost in the first place: together ' +
    '1/(1-p) + p/((1-p)(1-q)) messages, 1.23 instead of 2.35 at 10 %.\n\n' +
    'Two things are lost with the acknowledgements. The sender must keep everything, for ever. ' +
    'And of the last message no later number tells that it is missing: with chance p it is never ' +
    'repaired. A heartbeat that says how many there are repairs that, and never ends.',
  lookFor: [
    'Nothing goes back while all is well.',
    'With --heartbeat 0ms --loss 30% and several seeds: the end is sometimes missing.',
    'With --heartbeat 20ms the traffic that goes on after all is delivered.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    retry: { kind: 'duration', default: '60ms', min: '1us', help: 'between two requests for one' },
    heartbeat: { kind: 'duration', default: '100ms', help: 'after the last message; 0ms: none' },
    layer: layerParameter('reliable-unordered'),
  },
  mutants: {
    'nack-lost-tail': 'there is no heartbeat; violates no gap',
    'nack-once': 'what is missing is asked for once; violates no gap',
    'no-dedup': 'copies are delivered like messages; violates no duplicate',
  },
  scene: (values, { mutant }) => {
    const { retry, heartbeat } = values;
    const layer = mutant === 'no-dedup' ? 'raw' : values.layer;
    return twoNodeScene(values, {
      sender: (context) =>
        new NegativeAckSender(context, {
          peer: RECEIVER,
          heartbeatNs: mutant === 'nack-lost-tail' ? 0 : heartbeat,
        }),
      receiver: (context) =>
        new NegativeAckReceiver(
          mutant === 'nack-once' ? withoutTimers(context) : context,
          deliveryLayer(layer, context),
          retry,
        ),
    });
  },
  meter: () => new TrafficMeter(),
  predict: onPlainLines(
    ({ messages, rtt, jitter, loss: p, 'ack-loss': q, interval, retry, ...values }) => {
      const isInTime = jitter === 0 && retry >= rtt && interval > 0;
      if (!isInTime || p === 1 || q === 1 || values.layer === 'raw') return [];
      if (p === 0) {
        return [
          exactly('sent.data', messages, 'messages'),
          exactly('delivered', messages, 'messages'),
          exactly('dup.received', 0, '0'),
        ];
      }
      const copies = 1 / (1 - p);
      const requests = p / ((1 - p) * (1 - q));
      return onAverage(messages, [
        ['data/delivered', copies, '1/(1-p)'],
        ['nack/delivered', requests, 'p/((1-p)(1-q))'],
        ...(values.heartbeat === 0
          ? [['msgsPerDelivered', copies + requests, 'the sum of data and nack'] as const]
          : []),
      ]);
    },
  ),
  checkers: ({ layer, heartbeat }) => promisesOf(layer, { isReliable: heartbeat > 0 }),
  plots: linePlots(),
  claims: {
    survives: LINE_FAULTS,
    draw: {
      ...BAD_LINES,
      retry: [25 * MS, 60 * MS],
      heartbeat: [10 * MS, 50 * MS],
      layer: LOSSLESS_LAYERS,
    },
  },
});

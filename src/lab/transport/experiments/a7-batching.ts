/** A7: many messages in one datagram. */

import { quiescence, windowSafety } from '../../checkers/traffic.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { withoutTimers } from '../mutants.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { batchOctets, BatchingSender, MAX_BATCH_OCTETS, unpacking } from '../protocols/batching.ts';
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

export const batching: Experiment = defineExperiment({
  id: 'A7',
  title: 'Batching',
  quote: 'reduce # of messages',
  question: 'How many datagrams does a message cost when messages wait for each other?',
  explanation:
    'Up to B messages, or 1200 octets, travel in one datagram of the protocol A6; a batch that ' +
    'is not full leaves when its first message has waited long enough. Every batch is sent ' +
    '1/(1-p) times and every m-th acknowledged: (1/(1-p) + 1/m)/B datagrams a message, 1.5 ' +
    'for m = 2 without batches or loss, 0.19 for B = 8.\n\n' +
    'It is paid for in waiting: up to B-1 intervals, or the longest wait. And a lost datagram ' +
    'now loses B messages at once.',
  lookFor: [
    'Messages are submitted evenly and delivered in bunches.',
    'lat.mean against A6; what --batch 8 --batch-delay 2ms does to both.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    batch: { kind: 'count', default: 8, min: 1, max: 1000, help: 'B, messages of a full batch' },
    'batch-delay': { kind: 'duration', default: '20ms', min: '1us', help: 'longest wait of one' },
    every: { kind: 'count', default: 2, min: 1, max: 1000, help: 'm, batches to acknowledge once' },
    delay: { kind: 'duration', default: '25ms', min: '1us', help: 'D, longest wait to do so' },
    timer: { kind: 'duration', default: '200ms', min: '1us', help: 'until the oldest is repeated' },
    window: { kind: 'count', default: 128, min: 1, max: 100_000, help: 'W, batches under way' },
    layer: layerParameter('reliable-ordered'),
  },
  mutants: {
    'only-full-batches': 'a batch that is not full waits for ever; violates no gap',
    'no-dedup': 'copies of a batch are delivered again; violates no duplicate',
  },
  scene: (values, { mutant }) => {
    const { every, delay, timer, window, batch } = values;
    const layer = mutant === 'no-dedup' ? 'raw' : values.layer;
    return twoNodeScene(values, {
      sender: (context) => {
        const below = new DelayedAckSender(context, { peer: RECEIVER, window, timerNs: timer });
        const own = mutant === 'only-full-batches' ? withoutTimers(context) : context;
        return new BatchingSender(own, { most: batch, delayNs: values['batch-delay'] }, below);
      },
      receiver: (context) =>
        new DelayedAckReceiver(context, {
          layer: unpacking(deliveryLayer(layer, context)),
          every,
          delayNs: delay,
        }),
    });
  },
  meter: () => new TrafficMeter(),
  predict: onPlainLines((values) => {
    const { messages, interval, jitter, loss, 'ack-loss': ackLoss, size, batch, every } = values;
    const fits = batchOctets(batch, size) <= MAX_BATCH_OCTETS;
    const fills = interval > 0 && (batch - 1) * interval < values['batch-delay'];
    const gapNs = batch * interval;
    const isSteady = (every - 1) * gapNs + values['batch-delay'] < values.delay + batch * interval;
    const isNeverFull = values.window * gapNs > values.rtt + values.delay;
    const isCalm = jitter === 0 && loss === 0 && ackLoss === 0 && values.layer !== 'raw';
    if (!fits || !fills || !isNeverFull || !isCalm || !isSteady) return [];
    const batches = Math.ceil(messages / batch);
    return [
      exactly('sent.data', batches, 'ceil(messages / B)'),
      exactly('sent.ack', Math.ceil(batches / every), 'ceil(messages / B / m)'),
      exactly('delivered', messages, 'messages'),
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
      batch: [1, 3, 8],
      'batch-delay': [2 * MS, 20 * MS],
      timer: [60 * MS],
      layer: LOSSLESS_LAYERS,
    },
  },
});

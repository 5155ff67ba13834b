/** A9: what QUIC made of all this. */

import { quiescence, windowSafety } from '../../checkers/traffic.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { withoutTimers } from '../mutants.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onAverage, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { PacketNumberReceiver, PacketNumberSender } from '../protocols/packet-numbers.ts';
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

export const packetNumbers: Experiment = defineExperiment({
  id: 'A9',
  title: 'Packet numbers, as QUIC',
  quote: 'reduce # of messages',
  question: 'What changes when a copy has a number of its own?',
  explanation:
    'Packets are numbered, not messages: a copy goes in a packet with a new number. So an ' +
    'acknowledgement says which copy arrived, every one of them is a sample of the round trip, ' +
    'and Karn has nothing to forbid (RFC 9002 §4.2).\n\n' +
    'A packet is lost when one that was sent three or more later has arrived, or when 9/8 of a ' +
    'round trip have passed since it was sent and a later one has arrived. When nothing comes ' +
    'back, a probe goes after SRTT + 4 RTTVAR + the longest delay of an acknowledgement, and ' +
    'after twice as long each time. Acknowledgements list ranges, one for every two packets or ' +
    '25 ms, and at once when something is missing.\n\n' +
    'Without loss: one packet a message and half an acknowledgement. With loss 1/(1-p) packets, ' +
    'as A4, though nobody set a timer; and more acknowledgements.',
  lookFor: [
    'A loss in the middle is repaired after a round trip and three packets, one at the end after ' +
      'a probe.',
    'Copies whose number in the window is old, in packets whose number is new.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    every: { kind: 'count', default: 2, min: 1, max: 1000, help: 'packets to acknowledge once' },
    delay: { kind: 'duration', default: '25ms', min: '1us', help: 'longest wait to do so' },
    window: { kind: 'count', default: 1024, min: 1, max: 100_000, help: 'W, messages under way' },
    layer: layerParameter('reliable-unordered'),
  },
  mutants: {
    'no-probe': 'the sender has no timer; violates no gap',
    'no-dedup': 'copies are delivered like messages; violates no duplicate',
  },
  scene: (values, { mutant }) => {
    const { every, delay, window } = values;
    const layer = mutant === 'no-dedup' ? 'raw' : values.layer;
    return twoNodeScene(values, {
      sender: (context) =>
        new PacketNumberSender(mutant === 'no-probe' ? withoutTimers(context) : context, {
          peer: RECEIVER,
          window,
          maxAckDelayNs: delay,
        }),
      receiver: (context) =>
        new PacketNumberReceiver(context, {
          layer: deliveryLayer(layer, context),
          every,
          maxAckDelayNs: delay,
        }),
    });
  },
  meter: () => new TrafficMeter(),
  predict: onPlainLines((values) => {
    const { messages, interval, rtt, jitter, loss: p, 'ack-loss': q, every, delay } = values;
    const isSteady = jitter === 0 && interval > 0 && (every - 1) * interval < delay;
    const isNeverFull = values.window * interval > rtt + delay;
    if (!isSteady || !isNeverFull || values.layer === 'raw' || rtt > 300_000_000) return [];
    if (p === 0 && q === 0) {
      return [
        exactly('sent.data', messages, 'messages'),
        exactly('sent.ack', Math.ceil(messages / every), 'ceil(messages / 2)'),
        exactly('dup.received', 0, '0'),
        exactly('delivered', messages, 'messages'),
      ];
    }
    if (p === 1 || q === 1) return [];
    return [
      exactly('delivered', messages, 'messages'),
      ...(q === 0 ? onAverage(messages, [['data/delivered', 1 / (1 - p), '1/(1-p)']]) : []),
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
    draw: { ...BAD_LINES, every: [1, 2], window: [1, 4, 32], layer: LOSSLESS_LAYERS },
  },
});

/** A2: the same protocol with a timer that learns how long an answer takes. */

import { noNeedlessCopies, quiescence, windowSafety } from '../../checkers/traffic.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { withoutTimers } from '../mutants.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onAverage, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { AcknowledgeEach } from '../protocols/acknowledge-each.ts';
import { AdaptiveTimerSender } from '../protocols/adaptive-timer.ts';
import { sequenceSpace } from '../sequence-space.ts';
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
const BITS = 32;

export const adaptiveTimer: Experiment = defineExperiment({
  id: 'A2',
  title: 'Stop-and-wait, adaptive timer',
  quote: 'wait for every 5ms for acknowledgement / send again',
  question: 'Who chooses the timer when nobody knows the round trip?',
  explanation:
    'The sender measures. It keeps a running mean of the round trip (SRTT) and of how far ' +
    'samples are from it (RTTVAR), and waits RTO = SRTT + 4 RTTVAR (RFC 6298). When the timer ' +
    'runs out it doubles: perhaps the line is slower than thought.\n\n' +
    'The answer to a message that was sent twice is no sample (Karn), for nobody knows which ' +
    'copy it answers. Who takes it for an answer to the last copy learns that the round trip ' +
    'is short, sends the next copy even earlier, and stays with two copies of everything for ' +
    'ever.\n\n' +
    'Without loss there is one copy of each message, whatever the round trip. With loss the ' +
    'counts are those of A1 with a timer that is long enough: 1/((1-p)(1-q)) and 1/(1-q).',
  lookFor: [
    'The state of the sender: the timer comes down from 1 s to just above the round trip.',
    'With --initial-rto 40ms the first message is sent twice, then none; ' +
      'with --mutant forget-retransmit-rtt it never ends.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    'initial-rto': { kind: 'duration', default: '1s', min: '1ms', help: 'before the first sample' },
    'min-rto': { kind: 'duration', default: '1ms', min: '1us', help: 'the shortest timer' },
    'max-rto': { kind: 'duration', default: '1s', min: '1ms', help: 'the longest timer' },
    layer: layerParameter('dedup'),
  },
  mutants: {
    'forget-retransmit-rtt':
      'answers to copies are samples (Karn is forgotten); violates no needless copies',
    'no-dedup': 'copies are delivered like messages; violates no duplicate',
    'retransmit-off': 'nothing is sent again; violates no gap',
  },
  scene: (values, { mutant }) => {
    const space = sequenceSpace(BITS);
    const layer = mutant === 'no-dedup' ? 'raw' : values.layer;
    return twoNodeScene(values, {
      sender: (context) =>
        new AdaptiveTimerSender(mutant === 'retransmit-off' ? withoutTimers(context) : context, {
          peer: RECEIVER,
          space,
          initialRtoNs: values['initial-rto'],
          minRtoNs: values['min-rto'],
          maxRtoNs: values['max-rto'],
          forgetsKarn: mutant === 'forget-retransmit-rtt',
        }),
      receiver: (context) => new AcknowledgeEach(context, deliveryLayer(layer, context), space),
    });
  },
  meter: () => new TrafficMeter(),
  predict: onPlainLines((values) => {
    const { messages, rtt, jitter, loss: p, 'ack-loss': q } = values;
    // A timer that starts below the round trip sends some copies before it knows better.
    const isEnough = Math.min(values['initial-rto'], values['max-rto']) > rtt && jitter === 0;
    if (!isEnough || p === 1 || q === 1) return [];
    if (p === 0 && q === 0) {
      return [
        exactly('sent.data', messages, 'messages'),
        exactly('sent.ack', messages, 'messages'),
        exactly('dup.received', 0, '0'),
        exactly('delivered', messages, 'messages'),
      ];
    }
    return onAverage(messages, [
      ['data/delivered', 1 / ((1 - p) * (1 - q)), '1/((1-p)(1-q))'],
      ['ack/delivered', 1 / (1 - q), '1/(1-q)'],
      ['dup/delivered', q / (1 - q), 'q/(1-q)'],
    ]);
  }),
  checkers: ({ layer }) => [
    ...promisesOf(layer, { isReliable: true }),
    windowSafety(1),
    quiescence(SILENCE_NS),
    noNeedlessCopies(),
  ],
  plots: linePlots(),
  claims: {
    survives: LINE_FAULTS,
    draw: {
      ...BAD_LINES,
      messages: [30],
      // A timer that begins below a steady round trip has something to learn.
      rtt: [20 * MS, 20 * MS, 4 * MS],
      jitter: [0, 0, 10 * MS],
      loss: [0, 0, 0.3],
      'ack-loss': [0, 0, 0.3],
      'initial-rto': [15 * MS, 15 * MS, 1000 * MS],
      layer: LOSSLESS_LAYERS,
    },
  },
});

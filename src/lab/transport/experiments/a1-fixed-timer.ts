/** A1: the protocol of the lecture, word for word, and the round trip that it forgot. */

import { quiescence, windowSafety } from '../../checkers/traffic.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { deliveryLayer, type Layer } from '../delivery-layer.ts';
import { exactly, onAverage, onPlainLines } from '../predictions.ts';
import { linePlots } from '../line-plots.ts';
import { promisesOf } from '../promises.ts';
import { AcknowledgeEach } from '../protocols/acknowledge-each.ts';
import { FixedTimerSender } from '../protocols/fixed-timer.ts';
import { anyNumber, deaf, plainIntegers, withoutTimers } from '../mutants.ts';
import { COPIES_OVER_RTT, MESSAGES_OVER_LOSS } from '../sweeps.ts';
import { sequenceSpace } from '../sequence-space.ts';
import {
  BAD_LINES,
  FIRST_NUMBER,
  layerParameter,
  LINE_FAULTS,
  LINE_PARAMETERS,
  type LineValues,
  LOSSLESS_LAYERS,
  NEAR_THE_WRAP,
  RECEIVER,
  SILENCE_NS,
  twoNodeScene,
} from '../two-nodes.ts';

export const fixedTimer: Experiment = defineExperiment({
  id: 'A1',
  title: 'Stop-and-wait, fixed timer',
  quote: 'wait for every 5ms for acknowledgement / send again',
  question: 'How many copies of a message does a timer of 5 ms send?',
  explanation:
    'One message at a time. The receiver acknowledges every copy; the sender sends again every ' +
    '5 ms until an acknowledgement comes.\n\n' +
    'The rule has a hidden assumption, that the answer takes less than 5 ms. If it takes RTT, ' +
    'the timer runs out ceil(RTT / timer) - 1 times before any answer can be there: 10 copies at ' +
    '48 ms, nine of them for nothing, without a single loss.\n\n' +
    'If the timer is longer than the round trip, copies are sent for losses only. A try succeeds ' +
    'when the message and its acknowledgement both arrive, with chance (1-p)(1-q), so it takes ' +
    '1/((1-p)(1-q)) tries; of these a share 1-p arrives and is acknowledged, 1/(1-q); the first ' +
    'is delivered, the rest, q/(1-q), are duplicates, which only the receiver can tell.\n\n' +
    'When a message takes the time `frame` to put on the line, the line is used for one frame of ' +
    'every round: (1-P)/(1+2a), with a = RTT/2/frame and P the chance that a try fails. That is ' +
    'what windows (A3, A4) are for.',
  lookFor: [
    'Ten parallel arrows before the first answer, and ten answers that say the same.',
    'At --rtt 4ms none of that; at --rtt 4ms --loss 10% a copy follows each cross after 5 ms.',
    'With --bits 1 this is the alternating-bit protocol; --jitter 60ms breaks it.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    timer: { kind: 'duration', default: '5ms', min: '1us', help: 'until it is sent again' },
    frame: { kind: 'duration', default: '0ms', help: 'time that a message occupies the line' },
    bits: { kind: 'count', default: 16, min: 1, max: 32, help: 'of a sequence number' },
    first: FIRST_NUMBER,
    layer: layerParameter('dedup'),
  },
  mutants: {
    'no-dedup': 'copies are delivered like messages; violates no duplicate',
    'retransmit-off': 'nothing is sent again; violates no gap',
    'no-wraparound': 'numbers that wrap are compared as plain integers; violates no gap',
    'any-ack': 'any acknowledgement is taken for the one awaited; violates no gap',
    'never-stop': 'acknowledgements are not heard; violates quiescence',
  },
  scene: (values, { mutant }) => {
    const { timer, frame, bits, layer } = values;
    const space = sequenceSpace(bits, values.first);
    const usual = mutant === 'no-wraparound' ? plainIntegers(space) : space;
    const chosen = mutant === 'no-dedup' ? 'raw' : layer;
    return twoNodeScene(values, {
      sender: (context) => {
        const own = mutant === 'retransmit-off' ? withoutTimers(context) : context;
        const options = {
          peer: RECEIVER,
          timerNs: timer,
          space: mutant === 'any-ack' ? anyNumber(space) : usual,
        };
        const sender = new FixedTimerSender(own, options);
        return mutant === 'never-stop' ? deaf(sender) : sender;
      },
      receiver: (context) => new AcknowledgeEach(context, deliveryLayer(chosen, context), usual),
      frameNs: frame,
    });
  },
  meter: ({ frame }) => new TrafficMeter({ frameNs: frame }),
  predict: onPlainLines(predict),
  checkers: ({ layer }) => [
    ...promisesOf(layer, { isReliable: true }),
    windowSafety(1),
    quiescence(SILENCE_NS),
  ],
  plots: linePlots(COPIES_OVER_RTT, MESSAGES_OVER_LOSS),
  claims: {
    survives: LINE_FAULTS,
    draw: { ...BAD_LINES, first: NEAR_THE_WRAP, layer: LOSSLESS_LAYERS },
  },
});

interface Values extends LineValues {
  readonly timer: number;
  readonly frame: number;
  readonly layer: Layer;
}

function predict(values: Values): readonly Prediction[] {
  const { messages, rtt, jitter, loss: p, 'ack-loss': q, timer, frame } = values;
  const roundNs = rtt + frame;
  if (p === 0 && q === 0 && jitter === 0) {
    const copies = Math.max(1, Math.ceil(roundNs / timer));
    return [
      exactly('sent.data', messages * copies, 'messages * ceil(RTT / timer)'),
      exactly('sent.ack', messages * copies, 'messages * ceil(RTT / timer)'),
      exactly('dup.received', messages * (copies - 1), 'messages * (ceil(RTT / timer) - 1)'),
      ...(values.layer === 'raw' ? [] : [exactly('delivered', messages, 'messages')]),
    ];
  }
  if (roundNs + 2 * jitter > timer || values.layer === 'raw' || p === 1 || q === 1) return [];
  const tries = 1 / ((1 - p) * (1 - q));
  const fails = 1 - 1 / tries;
  const isWholeRound = frame > 0 && timer === roundNs && jitter === 0;
  return [
    exactly('delivered', messages, 'messages'),
    ...onAverage(messages, [
      ['data/delivered', tries, '1/((1-p)(1-q))'],
      ['ack/delivered', 1 / (1 - q), '1/(1-q)'],
      ['dup/delivered', q / (1 - q), 'q/(1-q)'],
      ['msgsPerDelivered', tries + 1 / (1 - q), 'the sum of data and ack'],
      ...(isWholeRound
        ? [['utilisation', (1 - fails) / (1 + rtt / frame), '(1-P)/(1+2a)'] as const]
        : []),
    ]),
  ];
}

/**
 * A3: many messages under way, one number to acknowledge them all, and everything again at a loss.
 */

import { quiescence, windowSafety } from '../../checkers/traffic.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { plainIntegers, withoutTimers } from '../mutants.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onAverage, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { GoBackNReceiver, GoBackNSender } from '../protocols/go-back-n.ts';
import { sequenceSpace } from '../sequence-space.ts';
import {
  BAD_LINES,
  FIRST_NUMBER,
  layerParameter,
  LINE_FAULTS,
  LINE_PARAMETERS,
  LOSSLESS_LAYERS,
  NEAR_THE_WRAP,
  RECEIVER,
  SILENCE_NS,
  twoNodeScene,
} from '../two-nodes.ts';
import { fullWindow } from '../window-predictions.ts';

const MS = 1_000_000;

export const goBackN: Experiment = defineExperiment({
  id: 'A3',
  title: 'Go-back-N',
  quote: 'wait for every 5ms for acknowledgement / send again',
  question: 'What does one lost message cost when everything after it is sent again?',
  explanation:
    'Up to W messages are under way at a time. The receiver takes only the one that is next and ' +
    'acknowledges with the number that it waits for; a later one is thrown away. When the timer ' +
    'of the oldest runs out, the sender goes back to it and sends all from there again.\n\n' +
    'Let a = RTT/2/frame. The answer comes 1+2a frames after a message was begun; a window of ' +
    '1+2a keeps the line busy, a smaller one uses min(1, W/(1+2a)) of it. A loss, with chance p, ' +
    'is noticed after 1+2a frames, all of them for nothing: a message costs 1 + (1+2a) p/(1-p) ' +
    'frames, so that (1-p)/(1+2ap) of the line is used.\n\n' +
    'Numbers of b bits: W must be at most 2^b - 1, or a receiver that got a whole window, and ' +
    'whose acknowledgements were lost, takes the old window for the next one.',
  lookFor: [
    'After a cross, a whole window of arrows that are received and not delivered.',
    'Against A4 with the same numbers: 0.45 of the line at 10 % loss here, 0.90 there.',
    'With --bits 3 --window 7 it works, with --window 8 it does not.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    interval: { ...LINE_PARAMETERS.interval, default: '0ms' },
    rtt: { ...LINE_PARAMETERS.rtt, default: '10ms' },
    frame: { kind: 'duration', default: '1ms', help: 'time that a message occupies the line' },
    timer: { kind: 'duration', default: '11ms', min: '1us', help: 'until all is sent again' },
    window: { kind: 'count', default: 11, min: 1, max: 100_000, help: 'W, messages under way' },
    bits: { kind: 'count', default: 16, min: 1, max: 32, help: 'b, of a sequence number' },
    first: FIRST_NUMBER,
    layer: layerParameter('reliable-ordered'),
  },
  mutants: {
    'no-wraparound': 'numbers that wrap are compared as plain integers; violates no gap',
    'window-too-large': 'W = 2^b messages are under way; violates window safety',
    'retransmit-off': 'nothing is sent again; violates no gap',
  },
  scene: (values, { mutant }) => {
    const { bits, window, timer, frame, layer } = values;
    const space = sequenceSpace(bits, values.first);
    const usual = mutant === 'no-wraparound' ? plainIntegers(space) : space;
    return twoNodeScene(values, {
      sender: (context) =>
        new GoBackNSender(mutant === 'retransmit-off' ? withoutTimers(context) : context, {
          peer: RECEIVER,
          window: mutant === 'window-too-large' ? 2 ** bits : window,
          timerNs: timer,
          frameNs: frame,
          space: usual,
        }),
      receiver: (context) => new GoBackNReceiver(context, deliveryLayer(layer, context), usual),
      frameNs: frame,
    });
  },
  meter: ({ frame }) => new TrafficMeter({ frameNs: frame }),
  predict: onPlainLines((values) => {
    const { messages, rtt, jitter, loss: p, 'ack-loss': q, frame, timer, window, bits } = values;
    const isExactTimer = timer === rtt + frame && frame > 0 && jitter === 0;
    if (!isExactTimer || q > 0 || values.interval > 0 || p === 1 || window >= 2 ** bits) return [];
    if (p === 0) {
      return [
        exactly('sent.data', messages, 'messages'),
        exactly('sent.ack', messages, 'messages'),
        exactly('delivered', messages, 'messages'),
        ...fullWindow(values),
      ];
    }
    if (window < 1 + rtt / frame) return [];
    const a = rtt / 2 / frame;
    return onAverage(messages, [
      ['data/delivered', 1 + ((1 + 2 * a) * p) / (1 - p), '1+(1+2a)p/(1-p)'],
      ['utilisation', (1 - p) / (1 + 2 * a * p), '(1-p)/(1+2ap)'],
    ]);
  }),
  checkers: ({ layer, window, bits }) => [
    ...promisesOf(layer, { isReliable: true }),
    windowSafety(Math.min(window, 2 ** bits - 1)),
    quiescence(SILENCE_NS),
  ],
  plots: linePlots(),
  claims: {
    survives: LINE_FAULTS,
    draw: {
      ...BAD_LINES,
      first: NEAR_THE_WRAP,
      window: [1, 4, 11],
      timer: [11 * MS, 40 * MS],
      layer: LOSSLESS_LAYERS,
    },
  },
});

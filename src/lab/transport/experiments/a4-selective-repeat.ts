/** A4: many messages under way, and only what is lost is sent again. */

import { quiescence, windowSafety } from '../../checkers/traffic.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { deliveryLayer, type Layer } from '../delivery-layer.ts';
import { headOfLineNs } from '../head-of-line.ts';
import { plainIntegers, withoutTimers } from '../mutants.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onAverage, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { SelectiveRepeatReceiver, SelectiveRepeatSender } from '../protocols/selective-repeat.ts';
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
import { fullWindow } from '../window-predictions.ts';

const MS = 1_000_000;
/** A window of so many round trips is filled by losses once in p^10 messages. */
const WIDE = 10;

export const selectiveRepeat: Experiment = defineExperiment({
  id: 'A4',
  title: 'Selective repeat',
  quote: 'wait for every 5ms for acknowledgement / send again',
  question: 'What is left of the line when only what is lost is sent again?',
  explanation:
    'Every message under way has a timer of its own. The receiver keeps what comes early, and ' +
    'each acknowledgement lists the ranges of all that has arrived, so that a lost ' +
    'acknowledgement costs nothing once the next one comes.\n\n' +
    'Each loss costs one more message: 1/(1-p) of them, and 1-p of the line is used, if the ' +
    'window is wide enough to go on while a message is repaired, several times if need be. A ' +
    'message that is lost K times is delivered d + timer K after it was submitted: on average ' +
    'd + timer p/(1-p).\n\n' +
    'Delivered in order, it also waits for those before it: head-of-line blocking. The chance ' +
    'that one of them is still missing x later is 1 - prod(1 - p^(1+floor((x+iT)/timer))), and ' +
    'its integral is the mean wait.\n\n' +
    'Numbers of b bits: W must be at most 2^(b-1), or a late copy of an old message is taken for ' +
    'a new one.',
  lookFor: [
    'After a cross the other arrows go on; one more arrow repairs the loss.',
    'The bar of hold-back with --layer reliable-ordered: many messages wait for one.',
    'With --bits 3 --window 4 it works, with --window 8 it does not.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    frame: { kind: 'duration', default: '0ms', help: 'time that a message occupies the line' },
    timer: { kind: 'duration', default: '60ms', min: '1us', help: 'until one is sent again' },
    window: { kind: 'count', default: 1024, min: 1, max: 100_000, help: 'W, messages under way' },
    bits: { kind: 'count', default: 16, min: 1, max: 32, help: 'b, of a sequence number' },
    first: FIRST_NUMBER,
    layer: layerParameter('reliable-unordered'),
  },
  mutants: {
    'no-wraparound': 'numbers that wrap are compared as plain integers; violates no gap',
    'window-too-large': 'W = 2^b messages are under way; violates window safety',
    'retransmit-off': 'nothing is sent again; violates no gap',
    'no-dedup': 'copies are delivered like messages; violates no duplicate',
    'no-fifo': 'reliable-ordered does not wait for what is missing; violates FIFO',
  },
  scene: (values, { mutant }) => {
    const { bits, window, timer, frame } = values;
    const space = sequenceSpace(bits, values.first);
    const usual = mutant === 'no-wraparound' ? plainIntegers(space) : space;
    const layer = { 'no-dedup': 'raw', 'no-fifo': 'dedup' } as const;
    const chosen = layer[mutant as keyof typeof layer] ?? values.layer;
    return twoNodeScene(values, {
      sender: (context) =>
        new SelectiveRepeatSender(mutant === 'retransmit-off' ? withoutTimers(context) : context, {
          peer: RECEIVER,
          window: mutant === 'window-too-large' ? 2 ** bits : window,
          timerNs: timer,
          frameNs: frame,
          space: usual,
        }),
      receiver: (context) =>
        new SelectiveRepeatReceiver(context, deliveryLayer(chosen, context), usual),
      frameNs: frame,
    });
  },
  meter: ({ frame }) => new TrafficMeter({ frameNs: frame }),
  predict: onPlainLines(predict),
  checkers: ({ layer, window, bits }) => [
    ...promisesOf(layer, { isReliable: true }),
    windowSafety(Math.min(window, 2 ** (bits - 1))),
    quiescence(SILENCE_NS),
  ],
  plots: linePlots(),
  claims: {
    survives: LINE_FAULTS,
    draw: {
      ...BAD_LINES,
      first: NEAR_THE_WRAP,
      window: [1, 4, 32],
      timer: [25 * MS, 60 * MS],
      layer: LOSSLESS_LAYERS,
    },
  },
});

interface Values extends LineValues {
  readonly frame: number;
  readonly timer: number;
  readonly window: number;
  readonly bits: number;
  readonly layer: Layer;
}

function predict(values: Values): readonly Prediction[] {
  const { messages, interval, rtt, jitter, loss: p, frame, timer, window } = values;
  const isSound = window <= 2 ** (values.bits - 1) && values.layer !== 'raw';
  if (!isSound || jitter > 0 || timer < rtt + frame || p === 1 || values['ack-loss'] > 0) return [];
  if (p === 0) {
    return [
      exactly('sent.data', messages, 'messages'),
      exactly('sent.ack', messages, 'messages'),
      exactly('dup.received', 0, '0'),
      exactly('delivered', messages, 'messages'),
      ...(frame > 0 && interval === 0 ? fullWindow(values) : []),
    ];
  }
  const isBusy = interval === 0 && frame > 0 && window * frame >= WIDE * (rtt + frame);
  return onAverage(messages, [
    ['data/delivered', 1 / (1 - p), '1/(1-p)'],
    ['ack/delivered', 1, '1'],
    ...latencyOf(values),
    ...(isBusy ? [['utilisation', 1 - p, '1-p'] as const] : []),
  ]);
}

/** The mean latency, when messages wait for nothing but their own repair, or each other's. */
function latencyOf(values: Values): readonly (readonly [string, number, string])[] {
  const { interval, rtt, loss: p, timer, window, frame, layer } = values;
  const isNeverFull = interval > 0 && frame === 0 && window * interval >= rtt + WIDE * timer;
  if (!isNeverFull || layer === 'sequenced-drop-late') return [];
  if (layer === 'reliable-ordered') {
    const waitNs = headOfLineNs({ loss: p, timerNs: timer, intervalNs: interval });
    return [['lat.mean', rtt / 2 + waitNs, 'd+the wait for those before']];
  }
  return [['lat.mean', rtt / 2 + (timer * p) / (1 - p), 'd+timer p/(1-p)']];
}

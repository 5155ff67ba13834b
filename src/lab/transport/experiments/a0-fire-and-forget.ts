/** A0: what happens to messages that nobody repeats. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { OvertakingMeter } from '../../meters/overtaking.ts';
import { together } from '../../meters/together.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { exp } from '../../../sim/math.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onAverage, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { FireAndForgetReceiver, FireAndForgetSender } from '../protocols/fire-and-forget.ts';
import {
  BAD_LINES,
  layerParameter,
  LINE_FAULTS,
  LINE_PARAMETERS,
  RECEIVER,
  twoNodeScene,
} from '../two-nodes.ts';

export const fireAndForget: Experiment = defineExperiment({
  id: 'A0',
  title: 'Fire and forget',
  quote: 'Unreliable: messages can be lost',
  question: 'How many messages arrive when nobody asks whether they did?',
  explanation:
    'Every message is sent once. A share p of them is lost, and nobody ever knows: neither the ' +
    'sender, who hears nothing, nor the receiver, who sees no number missing. What arrives, ' +
    'arrives after half a round trip, and no message waits for another: for a game or a call ' +
    'this may be all that is wanted.\n\n' +
    'With jitter, messages overtake each other. One that is sent s after another is delivered ' +
    'before it when the first is late by more than s and what the second needs: with chance ' +
    '(J-s)²/2J² when jitter is uniform up to J, and e^(-s/J)/2 when it is exponential with mean J.',
  lookFor: [
    'Arrows that end in a cross: nothing follows from them.',
    'With --jitter 20ms arrows cross, and messages are delivered out of order; what ' +
      '--layer sequenced-drop-late makes of that.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    spread: {
      kind: 'choice',
      choices: ['uniform', 'exponential'],
      default: 'uniform',
      help: 'of the jitter: from 0 to it, or exponential with it as mean',
    },
    layer: layerParameter('raw'),
  },
  mutants: {},
  scene: (values) =>
    twoNodeScene(values, {
      sender: (context) => new FireAndForgetSender(context, RECEIVER),
      receiver: (context) => new FireAndForgetReceiver(deliveryLayer(values.layer, context)),
      spread: values.spread,
    }),
  meter: ({ jitter }) =>
    jitter > 0 ? together(new TrafficMeter(), new OvertakingMeter()) : new TrafficMeter(),
  predict: onPlainLines((values) => {
    const { messages, rtt, jitter, loss, layer } = values;
    // Whoever waits for a lost message delivers nothing after it.
    if (layer === 'reliable-ordered') return [exactly('sent.data', messages, 'messages')];
    const arrives = loss === 0 && (jitter === 0 || layer !== 'sequenced-drop-late');
    const isSteady = jitter === 0 && loss < 1;
    return [
      exactly('sent.data', messages, 'messages'),
      ...(isSteady ? [exactly('lat.max', rtt / 2, 'RTT / 2')] : []),
      ...(arrives ? [exactly('delivered', messages, 'messages')] : []),
      ...(isSteady && loss > 0
        ? onAverage(messages * (1 - loss), [['data/delivered', 1 / (1 - loss), '1/(1-p)']])
        : []),
      ...(loss === 0 && layer !== 'sequenced-drop-late' ? predictOvertaking(values) : []),
    ];
  }),
  checkers: ({ layer }) => promisesOf(layer, { isReliable: false }),
  plots: linePlots(),
  claims: {
    survives: LINE_FAULTS,
    draw: { ...BAD_LINES, layer: ['raw', 'dedup', 'sequenced-drop-late'] },
  },
});

/** Neighbours only: who overtakes whom among others depends on all that lie between them. */
function predictOvertaking({
  messages,
  interval,
  jitter,
  spread,
}: {
  readonly messages: number;
  readonly interval: number;
  readonly jitter: number;
  readonly spread: string;
}): readonly Prediction[] {
  if (jitter === 0 || interval === 0) return [];
  if (spread === 'exponential') {
    return onAverage(messages, [['order.overtaken', exp(-interval / jitter) / 2, 'e^(-s/J)/2']]);
  }
  if (interval >= jitter) return [exactly('order.overtaken', 0, '0: s >= J')];
  const share = (jitter - interval) ** 2 / (2 * jitter ** 2);
  return onAverage(messages, [['order.overtaken', share, '(J-s)²/2J²']]);
}

/** A0: what happens to messages that nobody repeats. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { deliveryLayer } from '../delivery-layer.ts';
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
    'this may be all that is wanted.',
  lookFor: [
    'Arrows that end in a cross: nothing follows from them.',
    'With --jitter 20ms arrows cross, and messages are delivered out of order; what ' +
      '--layer sequenced-drop-late makes of that.',
  ],
  parameters: { ...LINE_PARAMETERS, layer: layerParameter('raw') },
  mutants: {},
  scene: (values) =>
    twoNodeScene(values, {
      sender: (context) => new FireAndForgetSender(context, RECEIVER),
      receiver: (context) => new FireAndForgetReceiver(deliveryLayer(values.layer, context)),
    }),
  meter: () => new TrafficMeter(),
  predict: onPlainLines(({ messages, rtt, jitter, loss, layer }) => {
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
    ];
  }),
  checkers: ({ layer }) => promisesOf(layer, { isReliable: false }),
  claims: {
    survives: LINE_FAULTS,
    draw: { ...BAD_LINES, layer: ['raw', 'dedup', 'sequenced-drop-late'] },
  },
});

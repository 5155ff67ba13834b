/** A8: repair without asking. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onAverage, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { ParityReceiver, ParitySender, sumOf } from '../protocols/parity.ts';
import {
  BAD_LINES,
  layerParameter,
  LINE_FAULTS,
  LINE_PARAMETERS,
  RECEIVER,
  twoNodeScene,
} from '../two-nodes.ts';

export const parity: Experiment = defineExperiment({
  id: 'A8',
  title: 'Forward error correction',
  quote: 'if wrong message: send back request',
  question: 'What does one spare message for every k save?',
  explanation:
    'After every k messages goes their exclusive or. Any one of the k + 1 that is lost is the ' +
    'exclusive or of the others. So a message is missing only when it is lost and at least ' +
    'one of the other k is too: with chance p(1-(1-p)^k), 1.7 % instead of 10 % for k = 2.\n\n' +
    'It costs 1/k more messages, lost or not, and no question ever goes back. What was lost ' +
    'appears when the rest of its block is there, at most k intervals later: sooner than any ' +
    'answer could, when the round trip is longer than that.',
  lookFor: [
    'Nothing goes back. A cross, and a delivery without an arrow of its own when the block is ' +
      'full.',
    'Two crosses in a block: both are gone.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    block: { kind: 'count', default: 4, min: 1, max: 255, help: 'k, messages to a parity' },
    layer: layerParameter('dedup'),
  },
  mutants: {
    'fec-wrong-parity':
      'the parity leaves the first message of its block out; violates no creation',
  },
  scene: (values, { mutant }) => {
    const { block: blockSize, layer } = values;
    return twoNodeScene(values, {
      sender: (context) =>
        new ParitySender(context, {
          peer: RECEIVER,
          blockSize,
          ...(mutant === 'fec-wrong-parity' && { parityOf: ([, ...rest]) => sumOf(rest) }),
        }),
      receiver: (context) => new ParityReceiver(deliveryLayer(layer, context), blockSize),
    });
  },
  meter: () => new TrafficMeter(),
  predict: onPlainLines(({ messages, loss: p, block: k, jitter, layer }) => {
    const missing = p * (1 - (1 - p) ** k);
    const isWhole = messages % k === 0;
    const arrives = jitter === 0 && isWhole && (layer === 'dedup' || layer === 'raw') && p < 1;
    return [
      exactly('sent.data', messages, 'messages'),
      exactly('sent.parity', Math.floor(messages / k), 'floor(messages / k)'),
      ...(arrives && p === 0 ? [exactly('delivered', messages, 'messages')] : []),
      ...(arrives && p > 0
        ? onAverage(messages, [['data/delivered', 1 / (1 - missing), '1/(1-p(1-(1-p)^k))']])
        : []),
    ];
  }),
  checkers: ({ layer }) => promisesOf(layer, { isReliable: false }),
  plots: linePlots(),
  claims: {
    survives: LINE_FAULTS,
    draw: { ...BAD_LINES, block: [1, 2, 4], layer: ['raw', 'dedup', 'sequenced-drop-late'] },
  },
});

/** Positions in a game: only the newest is worth anything. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { AgeMeter } from '../../meters/age.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { headOfLineNs } from '../head-of-line.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onAverage, onPlainLines } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { FireAndForgetReceiver, FireAndForgetSender } from '../protocols/fire-and-forget.ts';
import { repeating } from '../repeating.ts';
import { BAD_LINES, LINE_FAULTS, LINE_PARAMETERS, RECEIVER, twoNodeScene } from '../two-nodes.ts';

export const game: Experiment = defineExperiment({
  id: 'game',
  title: 'Positions in a game',
  quote: 'game',
  question: 'How old is what a player sees of another, and what do repairs make of it?',
  explanation:
    'A player sends his position 20 times a second. Sequenced, and late ones dropped: a loss is ' +
    'forgotten, the next position is better anyway. Reliable and ordered: a loss is sent again, ' +
    'and until it is there the newer positions wait behind it.\n\n' +
    'Between deliveries the newest position grows old. Dropped, gaps are T times a geometric ' +
    'number, and the mean age is d + T/2 (1+p)/(1-p). In order, it is d + T/2 and the mean wait ' +
    'for earlier ones: head-of-line blocking, a spike of a repair for every loss.',
  lookFor: [
    'age.mean and age.max of the two, at the same loss.',
    'With --rtt 200ms --timer 210ms dropping does not care, and order is a catastrophe.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    messages: { ...LINE_PARAMETERS.messages, default: 4000 },
    interval: { ...LINE_PARAMETERS.interval, default: '50ms', min: '1us' },
    size: { ...LINE_PARAMETERS.size, default: 32 },
    rtt: { ...LINE_PARAMETERS.rtt, default: '80ms' },
    loss: { ...LINE_PARAMETERS.loss, default: 0.1 },
    delivery: {
      kind: 'choice',
      choices: ['sequenced-drop-late', 'reliable-ordered'],
      default: 'sequenced-drop-late',
      help: 'what the receiver delivers',
    },
    timer: { kind: 'duration', default: '100ms', min: '1us', help: 'until one is repeated' },
  },
  mutants: {
    'no-drop': 'what is late is delivered all the same; violates FIFO',
  },
  scene: (values, { mutant }) => {
    const { delivery, timer } = values;
    if (delivery === 'reliable-ordered') return twoNodeScene(values, repeating(delivery, timer));
    const layer = mutant === 'no-drop' ? 'dedup' : delivery;
    return twoNodeScene(values, {
      sender: (context) => new FireAndForgetSender(context, RECEIVER),
      receiver: (context) => new FireAndForgetReceiver(deliveryLayer(layer, context)),
    });
  },
  meter: ({ interval }) => new AgeMeter(interval),
  predict: onPlainLines(({ messages, interval, rtt, jitter, loss: p, delivery, timer }) => {
    const freshNs = rtt / 2 + interval / 2;
    if (jitter > 0 || p === 1) return [];
    if (p === 0) {
      return [exactly('age.mean', freshNs, 'd+T/2'), exactly('age.max', rtt / 2 + interval, 'd+T')];
    }
    if (delivery === 'sequenced-drop-late') {
      const age = rtt / 2 + ((interval / 2) * (1 + p)) / (1 - p);
      return onAverage(messages, [['age.mean', age, 'd+T/2 (1+p)/(1-p)']]);
    }
    const waitNs = headOfLineNs({ loss: p, timerNs: timer, intervalNs: interval });
    return onAverage(messages, [['age.mean', freshNs + waitNs, 'd+T/2+the wait for those before']]);
  }),
  checkers: ({ delivery }) => promisesOf(delivery, { isReliable: true }),
  plots: linePlots(),
  claims: {
    survives: LINE_FAULTS,
    draw: {
      ...BAD_LINES,
      interval: [5_000_000],
      delivery: ['sequenced-drop-late', 'reliable-ordered'],
    },
  },
});

/** A live stream: what is late is as good as lost. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { StreamMeter } from '../../meters/stream.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { linePlots } from '../line-plots.ts';
import { exactly, onPlainLines, rarely } from '../predictions.ts';
import { promisesOf } from '../promises.ts';
import { FireAndForgetReceiver, FireAndForgetSender } from '../protocols/fire-and-forget.ts';
import { ParityReceiver, ParitySender } from '../protocols/parity.ts';
import { repeating } from '../repeating.ts';
import { BAD_LINES, LINE_FAULTS, LINE_PARAMETERS, RECEIVER, twoNodeScene } from '../two-nodes.ts';

export const liveStream: Experiment = defineExperiment({
  id: 'live',
  title: 'Live stream',
  quote: 'streaming',
  question: 'How long a buffer does a viewer need, and what is it worth?',
  explanation:
    '50 frames a second; each is played D after it was made, and missed when it is not there by ' +
    'then. What is lost may be forgotten (none, A0), sent again until it arrives (arq, A4), or ' +
    'computed from spare frames (fec, A8).\n\n' +
    'A frame that was lost K times arrives d + timer K after it was made, so there is time for ' +
    '1 + floor((D-d)/timer) tries, and it is missed with chance p to that power. A buffer ' +
    'shorter than one repair is worth nothing; each further timer of buffer divides what is ' +
    'missed by 1/p. Parity needs no round trip, but the rest of its block: it misses ' +
    'p(1-(1-p)^k), and a longer buffer does not help.',
  lookFor: [
    'missed while --buffer goes from 20ms to 200ms, for none, arq and fec: a line, stairs, a step.',
    'With --rtt 300ms, arq repairs nothing in time, and fec what it always did.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    messages: { ...LINE_PARAMETERS.messages, default: 3000 },
    interval: { ...LINE_PARAMETERS.interval, default: '20ms' },
    size: { ...LINE_PARAMETERS.size, default: 200 },
    rtt: { ...LINE_PARAMETERS.rtt, default: '40ms' },
    loss: { ...LINE_PARAMETERS.loss, default: 0.05 },
    protocol: {
      kind: 'choice',
      choices: ['none', 'arq', 'fec'],
      default: 'arq',
      help: 'what is done about a loss',
    },
    buffer: { kind: 'duration', default: '150ms', help: 'D, from a frame to its play' },
    timer: { kind: 'duration', default: '40ms', min: '1us', help: 'of arq: until it is repeated' },
    block: { kind: 'count', default: 4, min: 1, max: 255, help: 'k, of fec: frames to a parity' },
  },
  mutants: {},
  scene: (values) => {
    const { protocol, timer, block } = values;
    if (protocol === 'arq') return twoNodeScene(values, repeating('dedup', timer));
    if (protocol === 'fec') {
      return twoNodeScene(values, {
        sender: (context) => new ParitySender(context, { peer: RECEIVER, blockSize: block }),
        receiver: (context) => new ParityReceiver(deliveryLayer('dedup', context), block),
      });
    }
    return twoNodeScene(values, {
      sender: (context) => new FireAndForgetSender(context, RECEIVER),
      receiver: (context) => new FireAndForgetReceiver(deliveryLayer('dedup', context)),
    });
  },
  meter: ({ buffer }) => new StreamMeter(buffer),
  predict: onPlainLines(
    ({ messages, interval, rtt, jitter, loss: p, protocol, buffer, timer, block: k }) => {
      const spareNs = buffer - rtt / 2;
      if (jitter > 0 || p === 1) return [];
      if (spareNs < 0) return [exactly('missed', 1, '1')];
      if (protocol === 'none') return [rarely(messages, ['missed', p, 'p'])];
      if (protocol === 'arq') {
        const missed = p ** (1 + Math.floor(spareNs / timer));
        return [rarely(messages, ['missed', missed, 'p^(1+floor((D-d)/timer))'])];
      }
      if (spareNs < (k - 1) * interval || messages % k > 0) return [];
      return [rarely(messages, ['missed', p * (1 - (1 - p) ** k), 'p(1-(1-p)^k)'])];
    },
  ),
  checkers: ({ protocol }) => promisesOf('dedup', { isReliable: protocol === 'arq' }),
  plots: linePlots({
    title: 'Missed frames against the buffer',
    caption:
      'Lines: predicted; nothing is drawn where theory says 0. Points: measured, with 95 % ' +
      'intervals. Each timer that fits into the buffer divides by 1/p what arq misses.',
    sweep: {
      buffer: '22,30,45,62,80,110,140,180ms',
      protocol: 'none,arq,fec',
      messages: '10000',
    },
    x: { of: 'buffer', label: 'playout buffer D' },
    y: { of: 'missed', label: 'share of the frames that is missed', scale: 'log' },
    series: ['protocol'],
  }),
  claims: {
    survives: LINE_FAULTS,
    draw: { ...BAD_LINES, protocol: ['none', 'arq', 'fec'] },
  },
});

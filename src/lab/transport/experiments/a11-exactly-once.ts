/** A11: an effect that happens exactly once, though messages are lost and the receiver crashes. */

import { noCreation, noDuplicate, noGap } from '../../checkers/delivery.ts';
import { conservation, quiescence } from '../../checkers/traffic.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { TrafficMeter } from '../../meters/traffic.ts';
import type { Fault } from '../../run/fault.ts';
import { deliveryLayer } from '../delivery-layer.ts';
import { linePlots } from '../line-plots.ts';
import { exactly } from '../predictions.ts';
import { FixedTimerSender } from '../protocols/fixed-timer.ts';
import { WorkingReceiver } from '../protocols/working-receiver.ts';
import { sequenceSpace } from '../sequence-space.ts';
import {
  BAD_LINES,
  LINE_FAULTS,
  LINE_PARAMETERS,
  RECEIVER,
  SILENCE_NS,
  twoNodeScene,
} from '../two-nodes.ts';

const MS = 1_000_000;
const BITS = 32;

export const exactlyOnce: Experiment = defineExperiment({
  id: 'A11',
  title: 'Receive, deliver, exactly once',
  quote: 'receive vs deliver',
  question: 'When may a message be acknowledged, and what must the receiver never forget?',
  explanation:
    'The application works on each message for a while; its effect is there when it is ' +
    'delivered. The receiver crashes now and then, and comes back with nothing but its disk.\n\n' +
    'If it acknowledges what it has received, a crash before the work is done loses the message: ' +
    'the sender believes it done. That is at most once. If it acknowledges what it has ' +
    'delivered, a crash or a lost acknowledgement after that makes the sender send again: at ' +
    'least once.\n\n' +
    'Exactly once is at least once, and a memory of what was done that survives the crash: the ' +
    "application's own key of each message goes to disk in the same step as the effect. A " +
    'sequence number would not do, for a sender that restarts counts from 0 again.',
  lookFor: [
    'Hollow dots (receive) and filled ones (deliver), the work between them, and a crash there.',
    'A copy after a restart: acknowledged, and not delivered.',
    'The mutants ack-before-deliver and keys-in-memory are the two classic mistakes.',
  ],
  parameters: {
    ...LINE_PARAMETERS,
    rtt: { ...LINE_PARAMETERS.rtt, default: '20ms' },
    loss: { ...LINE_PARAMETERS.loss, default: 0.2 },
    'ack-loss': { ...LINE_PARAMETERS['ack-loss'], default: 0.2 },
    timer: { kind: 'duration', default: '40ms', min: '1us', help: 'until it is sent again' },
    work: { kind: 'duration', default: '10ms', help: 'from receive to deliver' },
    crashes: { kind: 'count', default: 40, min: 0, max: 10_000, help: 'of the receiver' },
    'crash-every': { kind: 'duration', default: '100ms', min: '1us', help: 'from one to the next' },
    down: { kind: 'duration', default: '30ms', help: 'from a crash to the restart' },
  },
  mutants: {
    'ack-before-deliver': 'what is received is acknowledged before the work; violates no gap',
    'keys-in-memory': 'what was delivered is forgotten in a crash; violates no duplicate',
  },
  scene: (values, { mutant }) => ({
    ...twoNodeScene(values, {
      sender: (context) => {
        const space = sequenceSpace(BITS);
        return new FixedTimerSender(context, { peer: RECEIVER, timerNs: values.timer, space });
      },
      receiver: (context) => {
        const layer = mutant === 'keys-in-memory' ? 'dedup' : 'exactly-once';
        return new WorkingReceiver(context, {
          layer: deliveryLayer(layer, context),
          workNs: values.work,
          acknowledgesFirst: mutant === 'ack-before-deliver',
        });
      },
    }),
    faults: Array.from({ length: values.crashes }, (_, index): readonly Fault[] => {
      const atNs = (index + 1) * values['crash-every'];
      return [
        { kind: 'crash', node: RECEIVER, atNs },
        { kind: 'restart', node: RECEIVER, atNs: atNs + values.down },
      ];
    }).flat(),
  }),
  meter: () => new TrafficMeter(),
  predict: ({ messages }) => [
    exactly('delivered', messages, 'messages'),
    exactly('dup.delivered', 0, '0'),
  ],
  checkers: () => [conservation(), noCreation(), noDuplicate(), noGap(), quiescence(SILENCE_NS)],
  plots: linePlots(),
  claims: {
    survives: [...LINE_FAULTS, 'crash'],
    mayFail: () => [RECEIVER],
    draw: { ...BAD_LINES, crashes: [0, 5], 'crash-every': [37 * MS], work: [0, 10 * MS] },
  },
});

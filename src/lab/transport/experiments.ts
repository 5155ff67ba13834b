/** The experiments on reliable delivery between a sender and a receiver. */

import { noCreation } from '../checkers/delivery.ts';
import { type Command, defineExperiment, type Experiment } from '../experiment/experiment.ts';
import { TrafficMeter } from '../meters/traffic.ts';
import { makePayload } from '../process/payload.ts';
import { FireAndForget } from './fire-and-forget.ts';

const NS_PER_MS = 1_000_000;

const fireAndForget = defineExperiment({
  id: 'A0',
  title: 'Fire and forget',
  quote: 'Unreliable: messages can be lost',
  question: 'How many messages arrive when nobody asks whether they did?',
  explanation:
    'Every message is sent once. A share p of them is lost, and nobody ever knows: neither the ' +
    'sender, who hears nothing, nor the receiver, who sees no number missing.',
  lookFor: ['Arrows that end in a cross: nothing follows from them.'],
  parameters: {
    messages: { kind: 'count', default: 100, min: 1, max: 10_000_000, help: 'messages to send' },
    rtt: { kind: 'duration', default: '48ms', help: 'round trip without jitter' },
    interval: { kind: 'duration', default: '1ms', help: 'between two messages' },
    loss: { kind: 'fraction', default: 0, help: 'chance of a datagram to be lost' },
  },
  mutants: {},
  scene: ({ messages, rtt, interval, loss }) => ({
    nodes: [
      { name: 'sender', create: (context) => new FireAndForget(context, 1) },
      { name: 'receiver', create: (context) => new FireAndForget(context, 0) },
    ],
    link: { delayMs: rtt / 2 / NS_PER_MS, loss },
    workload: steadily(messages, interval),
    untilNs: messages * interval + 2 * rtt,
  }),
  meter: () => new TrafficMeter(),
  predict: ({ messages, rtt, loss }) => [
    { metric: 'sent.data', kind: 'exact', value: messages, formula: 'messages' },
    { metric: 'lat.max', kind: 'exact', value: rtt / 2, formula: 'RTT / 2' },
    ...(loss === 0
      ? [{ metric: 'delivered', kind: 'exact', value: messages, formula: 'messages' } as const]
      : []),
  ],
  checkers: () => [noCreation()],
});

export const TRANSPORT_EXPERIMENTS: readonly Experiment[] = [fireAndForget];

/** `messages` of node 0, one every `intervalNs`. */
function* steadily(messages: number, intervalNs: number): Generator<Command> {
  for (let message = 0; message < messages; message += 1) {
    yield { atNs: message * intervalNs, node: 0, payload: makePayload(message) };
  }
}

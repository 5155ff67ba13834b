/** A10: why no number of confirmations is enough. */

import { noCreation, noDuplicate } from '../../checkers/delivery.ts';
import { conservation } from '../../checkers/traffic.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { AgreementMeter } from '../../meters/agreement.ts';
import type { Fault } from '../../run/fault.ts';
import { exactly, onAverage } from '../predictions.ts';
import { General } from '../protocols/two-generals.ts';
import { steadily } from '../two-nodes.ts';
import { NS_PER_MS } from '../../../sim/units.ts';

export const twoGenerals: Experiment = defineExperiment({
  id: 'A10',
  title: 'Two generals',
  quote: 'Unreliable: messages can be lost',
  question: 'How many confirmations make two sides certain that both will act?',
  explanation:
    'Two generals attack together or lose. General 1 sends the plan, general 2 confirms, 1 ' +
    'confirms the confirmation, and so on, n messengers in all. Each attacks when every ' +
    'messenger that he expects has come.\n\n' +
    'Nobody expects an answer to the last messenger: whoever sends it attacks, whether it ' +
    'arrives or not. So they disagree when exactly that one is caught, with chance ' +
    'p(1-p)^(n-1). More messengers make this rarer only because they make everything rarer: ' +
    'both attack with chance (1-p)^n.\n\n' +
    'No protocol does better than that. Take the shortest one that makes both certain; its last ' +
    'messenger may be caught, so it must work without him; then it was not the shortest.',
  lookFor: [
    'With --catch-last every round ends with one general alone, for any number of messengers.',
    'both and one alone while --messengers goes from 1 to 10.',
  ],
  parameters: {
    rounds: { kind: 'count', default: 1000, min: 1, max: 1_000_000, help: 'plans, each alone' },
    messengers: { kind: 'count', default: 3, min: 1, max: 100, help: 'n, of a round' },
    delay: { kind: 'duration', default: '10ms', help: 'that a messenger needs' },
    loss: { kind: 'fraction', default: 0.1, help: 'p, chance of a messenger to be caught' },
    'catch-last': { kind: 'flag', default: false, help: 'catch the last messenger of each round' },
  },
  mutants: {},
  scene: ({ rounds, messengers, delay, loss, ...values }) => {
    const intervalNs = (messengers + 1) * Math.max(delay, 1);
    const isOdd = messengers % 2 === 1;
    const last = {
      kind: 'drop',
      from: isOdd ? 0 : 1,
      to: isOdd ? 1 : 0,
      nth: Math.ceil(messengers / 2),
    } as const;
    const faults = Array.from({ length: values['catch-last'] ? rounds : 0 }, (_, round): Fault => {
      return { atNs: round * intervalNs, ...last };
    });
    return {
      nodes: [
        { name: 'general 1', create: (context) => new General(context, messengers) },
        { name: 'general 2', create: (context) => new General(context, messengers) },
      ],
      link: { delayMs: delay / NS_PER_MS, loss },
      workload: steadily({ messages: rounds, intervalNs, octets: 8 }),
      faults,
      untilNs: (rounds + 1) * intervalNs,
    };
  },
  meter: () => new AgreementMeter(),
  predict: ({ rounds, messengers: n, loss: p, ...values }) => {
    if (values['catch-last'] && p > 0) return [];
    if (values['catch-last'] || p === 0) {
      return [
        exactly('sent.messenger', rounds * n, 'rounds * n'),
        exactly('both', values['catch-last'] ? 0 : 1, values['catch-last'] ? '0' : '(1-p)^n'),
        exactly('one alone', values['catch-last'] ? 1 : 0, values['catch-last'] ? '1' : '0'),
      ];
    }
    return onAverage(rounds, [
      ['both', (1 - p) ** n, '(1-p)^n'],
      ['one alone', p * (1 - p) ** (n - 1), 'p(1-p)^(n-1)'],
    ]);
  },
  checkers: () => [conservation(), noCreation(), noDuplicate()],
  claims: {
    survives: ['loss'],
    draw: { rounds: [20], messengers: [1, 2, 7], loss: [0, 0.1, 0.5] },
  },
});

/** D1b: the two generals, who cannot agree at all. The same as A10, beside those who can. */

import type { Experiment } from '../../experiment/experiment.ts';
import { twoGenerals } from '../../transport/experiments/a10-two-generals.ts';

export const TWO_GENERALS: Experiment = {
  ...twoGenerals,
  id: 'D1b',
  title: 'The two generals (as A10)',
  quote: 'two nodes agree on one value',
  question: 'Paxos agrees although messages are lost. Why can two generals not?',
  lookFor: [
    'Both must act at the same time, or neither; in Paxos (D1) who has decided need not know ' +
      'whether the others know, as long as they can never decide otherwise.',
    ...twoGenerals.lookFor,
  ],
};

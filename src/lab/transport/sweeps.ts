/** Curves over parameters that several protocols of reliable delivery have. */

import type { SweepPlot } from '../plot/plan.ts';

/** Needless copies are stairs: one more each time that the round trip outgrows the timer. */
export const COPIES_OVER_RTT: SweepPlot = {
  title: 'Copies of a message against the round trip',
  caption:
    'Nothing is lost. Lines: ceil(RTT / timer). Points: measured. Where the round trip is ' +
    'shorter than the timer there is one copy; then one more for each timer that fits.',
  sweep: { rtt: '1,4,7,12,18,24,33,41,48,57,66,78,91ms', timer: '5,20,60ms', messages: '1' },
  x: { of: 'rtt', label: 'round trip' },
  y: { of: 'sent.data', label: 'copies of a message' },
  series: ['timer'],
};

/** The price of a loss, and of the loss of an acknowledgement. */
export const MESSAGES_OVER_LOSS: SweepPlot = {
  title: 'Messages for each that is delivered, against loss',
  caption: 'Of acknowledgements 10 % are lost. Lines: predicted. Points: measured, with 95 %.',
  sweep: { loss: '0,1,2,5,10,20,30%', 'ack-loss': '10%', rtt: '4ms', messages: '5000' },
  x: { of: 'loss', label: 'chance p of a message to be lost' },
  y: [
    { of: 'data/delivered', label: 'messages' },
    { of: 'ack/delivered', label: 'acknowledgements' },
    { of: 'dup/delivered', label: 'duplicates received' },
  ],
  yLabel: 'for each that is delivered',
};

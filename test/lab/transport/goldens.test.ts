import { describe, expect, test } from 'vitest';

import { expectAgreement, measured, runOf } from './runs.ts';

describe('stop-and-wait with the timer of the lecture', () => {
  test('sends ten copies of each message when the round trip is 48 ms', () => {
    const run = runOf('A1 --timer 5ms --rtt 48ms --messages 100');
    expect(measured(run)).toMatchObject({
      'sent.data': 1000,
      'sent.ack': 1000,
      'dup.received': 900,
      delivered: 100,
      'dup.delivered': 0,
    });
    expectAgreement(run, ['sent.data', 'sent.ack', 'dup.received', 'delivered']);
  });

  test('sends 1/((1-p)(1-q)) copies when its timer is longer than the round trip', () => {
    const run = runOf('A1 --rtt 4ms --loss 10% --ack-loss 10% --messages 100000');
    expectAgreement(run, ['data/delivered', 'ack/delivered', 'dup/delivered', 'msgsPerDelivered']);
  });

  test('uses the line for (1-P)/(1+2a) of the time', () => {
    const line = 'A1 --rtt 10ms --frame 1ms --timer 11ms --loss 5% --ack-loss 5%';
    expectAgreement(runOf(`${line} --messages 20000`), ['utilisation']);
  });
});

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

describe('without loss', () => {
  test.each(['A2', 'A4'])('%s sends every message once, whatever the round trip', (id) => {
    const run = runOf(`${id} --rtt 48ms --messages 100`);
    expect(measured(run)).toMatchObject({ 'sent.data': 100, 'sent.ack': 100, 'dup.received': 0 });
    expectAgreement(run, ['sent.data', 'sent.ack', 'dup.received', 'delivered']);
  });

  test.each(['A3', 'A4'])('a window of 4 uses 4 of the 11 frames of a round trip: %s', (id) => {
    const line = '--rtt 10ms --frame 1ms --timer 11ms --interval 0ms --window 4 --messages 41';
    const run = runOf(`${id} ${line}`);
    expectAgreement(run, ['utilisation']);
    expect(measured(run)['utilisation']).toBeCloseTo(4 / 11, 9);
  });

  test.each([
    ['A6', 100, 50],
    ['A6 --every 10', 100, 10],
    ['A7', 13, 7],
    ['A7 --messages 800 --every 10 --delay 200ms', 100, 10],
    ['A9', 100, 50],
  ])('%s sends %d datagrams there and %d back', (line, data, acks) => {
    const run = runOf(line);
    expect(measured(run)).toMatchObject({ 'sent.data': data, 'sent.ack': acks });
    expectAgreement(run, ['sent.data', 'sent.ack', 'delivered']);
  });
});

describe('with one message in ten lost', () => {
  test('go-back-N uses (1-p)/(1+2ap) of the line: 0.45', () => {
    const run = runOf('A3 --messages 50000 --loss 10%');
    expectAgreement(run, ['utilisation', 'data/delivered']);
    expect(measured(run)['utilisation']).toBeCloseTo(0.45, 2);
  });

  test('selective repeat uses 1-p of it: 0.90', () => {
    const line = '--rtt 10ms --frame 1ms --timer 11ms --interval 0ms --window 256 --loss 10%';
    const run = runOf(`A4 --messages 50000 ${line}`);
    expectAgreement(run, ['utilisation', 'data/delivered']);
    expect(measured(run)['utilisation']).toBeCloseTo(0.9, 2);
  });

  test.each([
    ['A0 --messages 20000', ['data/delivered']],
    ['A2 --messages 20000 --ack-loss 10%', ['data/delivered', 'ack/delivered', 'dup/delivered']],
    ['A4 --messages 20000', ['data/delivered', 'lat.mean']],
    ['A4 --messages 20000 --layer reliable-ordered', ['lat.mean']],
    ['A5 --messages 20000 --ack-loss 10% --heartbeat 0ms', ['nack/delivered', 'msgsPerDelivered']],
    ['A6 --messages 20000 --interval 20ms', ['data/delivered']],
    ['A8 --messages 20000', ['data/delivered', 'sent.parity']],
    ['A9 --messages 20000', ['data/delivered', 'delivered']],
  ])('%s costs what it should', (line, metrics) => {
    expectAgreement(runOf(`${line} --loss 10%`), metrics);
  });

  test('negative acknowledgements alone never repair the last message, with chance p', () => {
    let missing = 0;
    const runs = 1000;
    for (let seed = 1; seed <= runs; seed += 1) {
      const line = 'A5 --messages 2 --heartbeat 0ms --loss 10% --ack-loss 10%';
      const { delivered = 0 } = measured(runOf(line, { seed: String(seed) }));
      // When only the first came, the last is missing; when none did, both are, for ever.
      if (delivered < 2) missing += 1;
    }
    const error = Math.sqrt((0.1 * 0.9) / runs);
    expect(Math.abs(missing / runs - 0.1)).toBeLessThan(3.29 * error);
  });
});

describe('jitter lets neighbours overtake each other', () => {
  test.each([
    ['uniform, one message every fifth of it', '--jitter 5ms', 0.32],
    ['exponential', '--jitter 5ms --spread exponential', 0.4094],
    ['less than the time between two messages', '--jitter 900us', 0],
  ])('%s', (_, words, share) => {
    const run = runOf(`A0 --messages 20000 ${words}`);
    expectAgreement(run, ['order.overtaken']);
    expect(measured(run)['order.overtaken']).toBeCloseTo(share, 1.7);
  });
});

describe('two generals', () => {
  test.each([1, 2, 7])('%d messengers never make both certain: the last one is caught', (n) => {
    const run = runOf(`A10 --messengers ${n} --rounds 50 --loss 0 --catch-last true`);
    expectAgreement(run, ['both', 'one alone', 'sent.messenger']);
    expect(measured(run)).toMatchObject({ both: 0, 'one alone': 1, none: 0 });
  });

  test('disagree with chance p(1-p)^(n-1) when each messenger may be caught', () => {
    expectAgreement(runOf('A10 --messengers 4 --rounds 20000'), ['both', 'one alone']);
  });
});

test('a datagram may be lost at a receiver that is down, and its copy arrive later', () => {
  const chances = '--loss 30% --ack-loss 30% --burst 3 --duplicate 20% --jitter 10ms';
  const line = `A11 --messages 12 --interval 0ms --rtt 4ms --crashes 5 --crash-every 37ms`;
  expect(runOf(`${line} ${chances}`, { seed: '1704' }).violations).toEqual([]);
});

describe('applications', () => {
  test.each([
    ['live --protocol none', ['missed']],
    ['live --protocol arq --loss 20% --buffer 100ms --messages 20000', ['missed']],
    ['live --protocol fec --messages 20000', ['missed']],
    ['live --protocol arq --buffer 10ms', ['missed']],
    ['game --loss 0', ['age.mean', 'age.max']],
    ['game', ['age.mean']],
    ['game --delivery reliable-ordered', ['age.mean']],
    ['email', ['delivered', 'lat.mean']],
    ['email --delivery reliable-ordered', ['delivered', 'lat.mean']],
    ['A11', ['delivered', 'dup.delivered']],
  ])('%s fares as predicted', (line, metrics) => {
    expectAgreement(runOf(line), metrics);
  });
});

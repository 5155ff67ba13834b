import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';

import { createClock } from '../../../src/net/real/clock.ts';

test('a delay beyond 2^31-1 ms is not cut to one millisecond', async () => {
  const clock = createClock(() => {});
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  let hasFired = false;
  const timer = clock.schedule(2 ** 31, () => {
    hasFired = true;
  });
  // Node reports an overflow as a warning, in the order of reporting.
  process.emitWarning('the last one');
  await once(process, 'warning');
  await new Promise<void>((resolve) => {
    clock.schedule(3, resolve);
  });
  timer.cancel();
  process.off('warning', note);
  expect(hasFired).toBe(false);
  expect(warnings.map(({ name }) => name)).not.toContain('TimeoutOverflowWarning');
});

test('wall time is the time of day, in milliseconds since 1970', () => {
  const before = Date.now();
  const wall = createClock(() => {}).wall();
  expect(wall).toBeGreaterThanOrEqual(before);
  expect(wall).toBeLessThanOrEqual(Date.now());
});

test('what arrived while the loop was busy is read before a timer says that nothing came', async () => {
  const clock = createClock(() => {});
  const [receiver, sender] = [createSocket('udp4'), createSocket('udp4')];
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const order: string[] = [];
  receiver.on('message', () => order.push('datagram'));
  const over = new Promise<void>((resolve) => {
    clock.schedule(20, () => {
      order.push('timer');
      resolve();
    });
  });
  sender.send('late', receiver.address().port, '127.0.0.1', () => {
    // Longer than the timer: now both are due.
    const untilMs = clock.monotonic() + 60;
    while (clock.monotonic() < untilMs);
  });
  await over;
  receiver.close();
  sender.close();
  expect(order).toEqual(['datagram', 'timer']);
});

test('a timer that is late can still be cancelled', async () => {
  const clock = createClock(() => {});
  let hasFired = false;
  const timer = clock.schedule(1, () => {
    hasFired = true;
  });
  // Runs in the same turn of the loop as the late timer, behind it.
  setTimeout(() => timer.cancel(), 1);
  const untilMs = clock.monotonic() + 30;
  while (clock.monotonic() < untilMs);
  await new Promise<void>((resolve) => {
    clock.schedule(40, resolve);
  });
  expect(hasFired).toBe(false);
});

test('timers of one delay fire in the order of their start, but for those that were cancelled', async () => {
  const clock = createClock(() => {});
  const fired: number[] = [];
  const timers = [0, 1, 2, 3, 4].map((i) => clock.schedule(10, () => void fired.push(i)));
  timers[0]!.cancel();
  timers[2]!.cancel();
  timers[4]!.cancel();
  await new Promise<void>((resolve) => {
    clock.schedule(10, resolve);
  });
  expect(fired).toEqual([1, 3]);
});

test('a timer that starts another of its own delay, or cancels it, is no trouble', async () => {
  const clock = createClock(() => {});
  let rounds = 0;
  await new Promise<void>((resolve) => {
    const again = (): void => {
      rounds++;
      clock.schedule(2, () => expect.unreachable()).cancel();
      if (rounds === 5) resolve();
      else clock.schedule(2, again);
    };
    clock.schedule(2, again);
  });
  expect(rounds).toBe(5);
});

test('a delay of which all timers were cancelled is waited for in full by the next', async () => {
  const clock = createClock(() => {});
  clock.schedule(30, () => expect.unreachable()).cancel();
  await new Promise<void>((resolve) => {
    clock.schedule(20, resolve);
  });
  const startMs = clock.monotonic();
  await new Promise<void>((resolve) => {
    clock.schedule(30, resolve);
  });
  expect(clock.monotonic() - startMs).toBeGreaterThanOrEqual(30);
});

test('only a pending timer keeps the process alive', () => {
  const clock = createClock(() => {});
  const keepers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = keepers();
  for (const delayMs of [20_000, 40_000]) {
    const timers = [1, 2].map(() => clock.schedule(delayMs, () => {}));
    expect(keepers()).toBe(before + 1);
    for (const timer of timers) timer.cancel();
    expect(keepers()).toBe(before);
    const next = clock.schedule(delayMs, () => {});
    expect(keepers()).toBe(before + 1);
    next.cancel();
  }
  expect(keepers()).toBe(before);
});

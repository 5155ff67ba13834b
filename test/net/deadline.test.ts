import { expect, test } from 'vitest';

import { startDeadline } from '../../src/net/deadline.ts';
import { World } from '../../src/sim/world.ts';

function clockOf(world: World): Parameters<typeof startDeadline>[0] {
  return world.host({ name: 'a', addresses: ['192.0.2.1'] }).runtime.clock;
}

test('a deadline aborts when its time is over, in virtual time too', async () => {
  const world = new World({ seed: 1 });
  const { signal } = startDeadline(clockOf(world), 50);
  await world.advance(49.9);
  expect(signal.aborted).toBe(false);
  await world.advance(0.1);
  expect(signal.aborted).toBe(true);
});

test('a cancelled deadline holds nothing and never aborts', async () => {
  const world = new World({ seed: 1 });
  const parent = new AbortController();
  const { signal, cancel } = startDeadline(clockOf(world), 50, parent.signal);
  cancel();
  expect(world.pending.timers).toBe(0);
  parent.abort();
  await world.advance(100);
  expect(signal.aborted).toBe(false);
});

test('a parent that aborts takes the deadline with it, before or after', () => {
  const world = new World({ seed: 1 });
  const clock = clockOf(world);
  const parent = new AbortController();
  const during = startDeadline(clock, 50, parent.signal);
  parent.abort('enough');
  const after = startDeadline(clock, 50, parent.signal);
  expect([during.signal.reason, after.signal.reason]).toEqual(['enough', 'enough']);
  expect(world.pending.timers).toBe(0);
});

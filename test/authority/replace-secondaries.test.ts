/** Zones from elsewhere that a reload brings, changes and takes away. */
import { expect, test } from 'vitest';

import { openPair, key, origin, PRIMARY } from './kept-pair.ts';

const DEAD = { address: '192.0.2.99', port: 53 };
const taken = { origin, file: 'kept', primaries: [{ server: PRIMARY, key }] };

test('a reload brings a zone, leaves it alone, gives it other primaries, and takes it away', async () => {
  const { world, secondary } = await openPair({}, { secondaries: [] });
  const { keeper, system } = secondary;
  expect(system.zones.get(origin)).toBeUndefined();
  await world.run(keeper.replaceSecondaries([taken]));
  await world.advance(1000);
  expect(system.zones.get(origin)?.serial).toBe(1);
  const before = keeper.secondary(origin);
  await world.run(keeper.replaceSecondaries([{ ...taken }]));
  expect(keeper.secondary(origin)).toBe(before);
  // From the disk, at once: nobody waits for a primary that is not there.
  const moved = { ...taken, primaries: [{ server: DEAD, key }] };
  await world.run(keeper.replaceSecondaries([moved]));
  expect(keeper.secondary(origin)?.primaries[0]?.server).toEqual(DEAD);
  expect(system.zones.get(origin)?.serial).toBe(1);
  await world.run(keeper.replaceSecondaries([]));
  expect(system.zones.get(origin)).toBeUndefined();
  expect(system.zones.isWithheld(origin)).toBe(false);
  expect(keeper.secondary(origin)).toBeUndefined();
  // It was kept on disk.
  await world.run(keeper.replaceSecondaries([moved]));
  expect(system.zones.get(origin)?.serial).toBe(1);
});

test('a zone with a file of its own is not taken from elsewhere by a reload', async () => {
  const { world, primary } = await openPair({});
  await world.run(primary.keeper.replaceSecondaries([taken]));
  expect(primary.keeper.secondary(origin)).toBeUndefined();
  expect(primary.system.zones.get(origin)?.serial).toBe(1);
});

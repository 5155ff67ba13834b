import { expect, test } from 'vitest';

import { readNumber, writeNumber } from '../../../src/lab/order/disk-number.ts';
import { Player } from '../../../src/lab/run/player.ts';

test('a number whose first write was torn by a crash was not written', () => {
  const player = new Player(0, {});
  writeNumber(player.disk, 'count', 7);
  expect(readNumber(player.disk, 'count')).toBe(7);
  player.crash({ tearsWrite: true });
  expect(readNumber(player.disk, 'count')).toBe(0);
});

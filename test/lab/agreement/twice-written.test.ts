import { expect, test } from 'vitest';

import { TwiceWritten } from '../../../src/lab/agreement/twice-written.ts';
import { Player } from '../../../src/lab/run/player.ts';

test.each([0, 1, 2, 3])(
  'a torn write leaves the old value or the new one (%d before)',
  (before) => {
    const player = new Player(0, {});
    const values = Array.from({ length: before + 1 }, (_, value) =>
      new Uint8Array(9).fill(value + 1),
    );
    const disk = new TwiceWritten(player.disk);
    for (const value of values) disk.write('vote', value);
    player.crash({ tearsWrite: true });
    expect(new TwiceWritten(player.disk).read('vote')).toEqual(values.at(-1));
  },
);

test('a disk that is written once does lose a value', () => {
  const player = new Player(0, {});
  player.disk.write('vote', new Uint8Array(9).fill(1));
  player.disk.write('vote', new Uint8Array(9).fill(2));
  player.crash({ tearsWrite: true });
  const found = [...(player.disk.read('vote') ?? [])];
  expect(new Set(found)).toEqual(new Set([1, 2]));
});

test('what was written after a restart is read before what was there', () => {
  const player = new Player(0, {});
  new TwiceWritten(player.disk).write('vote', Uint8Array.of(1));
  new TwiceWritten(player.disk).write('vote', Uint8Array.of(2));
  expect(new TwiceWritten(player.disk).read('vote')).toEqual(Uint8Array.of(2));
});

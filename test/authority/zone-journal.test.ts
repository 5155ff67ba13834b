/** A zone on disk: what a crash leaves, what a full disk does, and how much is remembered. */
import { describe, expect, test } from 'vitest';

import { journalLimits, ZoneJournal } from '../../src/authority/zone-journal.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { SimDisk } from '../../src/sim/disk.ts';
import { World } from '../../src/sim/world.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { compareZones } from '../../src/zone/compare-zones.ts';
import type { ZoneDifference } from '../../src/zone/difference.ts';
import { printZone } from '../../src/zone/print.ts';
import type { Zone } from '../../src/zone/zone.ts';
import { zoneOf } from '../zone/answer.ts';

const origin = nameOf('example.');
const FILE = 'example.journal';

/** Two records of each version tell it, so that half a version shows. */
function version(serial: number, more = ''): Zone {
  const head = `$TTL 300\n@ SOA ns h ${serial} 2 3 4 5\n@ NS ns\n`;
  return zoneOf(`${head}a TXT ${serial}\nb TXT ${serial}\n${more}`, 'example.');
}

async function step(from: Zone, to: Zone): Promise<ZoneDifference> {
  const pause = (): Promise<void> => Promise.resolve();
  return (await compareZones(from, to, { mostRecords: 1e6, pause }))!;
}

class Machine {
  readonly world = new World({ seed: 1 });
  readonly disk: SimDisk;
  readonly #clock = this.world.host({ addresses: ['192.0.2.1'] }).runtime.clock;

  constructor(seed = 1) {
    this.disk = new SimDisk({ seed });
  }

  open(zone = origin): Promise<ZoneJournal> {
    const storage = this.disk.open(this.#clock);
    const context = { storage, file: FILE, origin: zone, logger: silentLogger };
    return this.world.run(ZoneJournal.open(context));
  }

  run<Value>(promise: Promise<Value>): Promise<Value> {
    return this.world.run(promise);
  }
}

/** Versions 1 to `count`, appended one after the other. */
async function filled(machine: Machine, count: number): Promise<ZoneJournal> {
  const journal = await machine.open();
  await machine.run(journal.replace(version(1), [{ kind: 'source', mark: 'file' }]));
  for (let serial = 2; serial <= count; serial++) {
    const difference = await step(version(serial - 1), version(serial));
    await machine.run(journal.append(version(serial), [difference]));
  }
  return journal;
}

const textOf = (zone: Zone | undefined): string | undefined => zone && printZone(zone, 'canonical');

test('what was kept is there when it is opened again, with its history', async () => {
  const machine = new Machine();
  const journal = await filled(machine, 5);
  await machine.run(journal.noteCheck(1_700_000_000_123));
  const again = await machine.open();
  expect(textOf(again.zone)).toBe(textOf(version(5)));
  expect(again.checkedAtMs).toBe(1_700_000_000_123);
  expect(again.source).toBe('file');
  expect(again.since(3, 5)).toHaveLength(2);
  expect(again.since(1, 4)).toHaveLength(3);
  expect(again.since(9, 5)).toBeUndefined();
  expect(again.since(3, 9)).toBeUndefined();
});

test('the file of another zone is none of ours', async () => {
  const machine = new Machine();
  await filled(machine, 2);
  expect((await machine.open(nameOf('other.'))).zone).toBeUndefined();
});

describe('a crash', () => {
  test('leaves a whole version: the last that was acknowledged, or the next', async () => {
    for (let seed = 0; seed < 25; seed++) {
      const machine = new Machine(seed);
      const acknowledged = 2 + (seed % 5);
      const journal = await filled(machine, acknowledged);
      const next = version(acknowledged + 1);
      const difference = await step(version(acknowledged), next);
      void journal.append(next, [difference]);
      machine.disk.crash();
      const again = await machine.open();
      const versions = [version(acknowledged), next].map(textOf);
      expect(versions, `seed ${seed}`).toContain(textOf(again.zone));
      // What was torn does not hide what comes behind it.
      const current = again.zone!;
      const later = version(20);
      await machine.run(again.append(later, [await step(current, later)]));
      expect(textOf((await machine.open()).zone)).toBe(textOf(later));
    }
  });

  test('in the middle of writing it anew leaves it as it was', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const machine = new Machine(seed);
      const journal = await filled(machine, 3);
      void journal.replace(version(9), []);
      machine.disk.crash();
      const versions = [version(3), version(9)].map(textOf);
      expect(versions).toContain(textOf((await machine.open()).zone));
    }
  });
});

test('cut at any octet, or with any octet changed, it is a version that was', async () => {
  const machine = new Machine();
  await filled(machine, 3);
  const whole = machine.disk.contents(FILE)!;
  const versions = [undefined, ...[1, 2, 3].map((serial) => textOf(version(serial)))];
  for (let at = 0; at < whole.length; at += 5) {
    machine.disk.spoil(FILE, whole.subarray(0, at));
    expect(versions).toContain(textOf((await machine.open()).zone));
    const flipped = whole.slice();
    flipped[at]! ^= 0x41;
    machine.disk.spoil(FILE, flipped);
    expect(versions).toContain(textOf((await machine.open()).zone));
  }
});

describe('a full disk', () => {
  test.each([['before'], ['halfway']] as const)(
    'that fails %s a write: nothing has changed',
    async (when) => {
      const machine = new Machine();
      const journal = await filled(machine, 3);
      const next = version(4);
      const difference = await step(version(3), next);
      machine.disk.failNext(when);
      await expect(machine.run(journal.append(next, [difference]))).rejects.toThrow('ENOSPC');
      expect(textOf(journal.zone)).toBe(textOf(version(3)));
      expect(journal.since(3, 4)).toBeUndefined();
      await machine.run(journal.append(next, [difference]));
      expect(textOf((await machine.open()).zone)).toBe(textOf(next));
    },
  );

  test('that lets nothing be taken back either is written anew when there is room', async () => {
    const machine = new Machine();
    const journal = await filled(machine, 3);
    const next = version(4);
    const difference = await step(version(3), next);
    machine.disk.failNext('halfway', 'before');
    await expect(machine.run(journal.append(next, [difference]))).rejects.toThrow('ENOSPC');
    await machine.run(journal.append(next, [difference]));
    expect(textOf((await machine.open()).zone)).toBe(textOf(next));
    expect(journal.since(1, 4)).toHaveLength(3);
  });
});

describe('what is remembered', () => {
  test('is written anew, with its history, when more was appended than there is', async () => {
    const machine = new Machine();
    const journal = await filled(machine, 2);
    const filler = (serial: number): Zone =>
      version(serial, `big TXT ${`"${'x'.repeat(250)}" `.repeat(8)} ${serial}\n`);
    let zone = version(2);
    const sizes: number[] = [];
    for (let serial = 3; sizes.length < 150; serial++) {
      const next = filler(serial);
      await machine.run(journal.append(next, [await step(zone, next)]));
      zone = next;
      sizes.push(journal.octets);
    }
    // It grew above the bound, and the base moved to its end: what is behind it is little.
    expect(Math.max(...sizes)).toBeLessThan(3 * journalLimits.appendedOctets);
    const again = await machine.open();
    expect(textOf(again.zone)).toBe(textOf(zone));
    expect(again.since(zone.serial - 3, zone.serial)).toHaveLength(3);
  });

  test('gives way to what is newer, and a version that nothing leads to forgets all', async () => {
    const machine = new Machine();
    const journal = await filled(machine, 4);
    await machine.run(journal.replace(version(9), []));
    expect(journal.since(3, 4)).toBeUndefined();
    expect(textOf((await machine.open()).zone)).toBe(textOf(version(9)));
  });
});

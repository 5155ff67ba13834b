import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ZoneSet } from '../../src/authority/zone-set.ts';
import type { ZoneSource } from '../../src/cli/options.ts';
import { LiveZones } from '../../src/cli/reload.ts';
import { readZones } from '../../src/cli/zone-files.ts';
import { zonesInFolder } from '../../src/cli/zone-folder.ts';
import { ZoneInclusions } from '../../src/cli/zone-inclusions.ts';
import { ZoneLoader } from '../../src/cli/zone-loader.ts';
import { silentLogger, type LogFields } from '../../src/net/logger.ts';
import type { Clock } from '../../src/net/ports.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { printZone } from '../../src/zone/print.ts';
import type { Zone } from '../../src/zone/zone.ts';

/** On which no time passes: what the watch of the files sees is never reported. */
const clock: Clock = { monotonic: () => 1, wall: () => 1, schedule: () => ({ cancel() {} }) };

/** Of the thread for large files: sources run in none. */
const PROGRAM = new URL('../../dist/cli/zone-loader-thread.js', import.meta.url);

let folder: string;
let live: LiveZones | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ts-dns-reload-'));
});

afterEach(() => {
  live?.stop();
  live = undefined;
  rmSync(folder, { recursive: true });
});

function write(name: string, origin: string, serial: number, more = ''): ZoneSource {
  const file = join(folder, name);
  const soa = `@ SOA ns h ${serial} 2 3 4 60`;
  writeFileSync(file, `$ORIGIN ${origin}\n$TTL 60\n${soa}\n NS ns\nns A 192.0.2.53\n${more}`);
  return { file, origin: undefined };
}

/** Serves the files; the function that it returns reloads them and resolves with so many lines. */
function serving(
  sources: readonly ZoneSource[],
  zones: ZoneSet,
  inclusions = new ZoneInclusions(),
  listSources?: () => Promise<readonly ZoneSource[]>,
): (count: number) => Promise<readonly string[]> {
  let lines: string[] = [];
  let onLine = (): void => {};
  const at =
    (level: string) =>
    ({ zone, file, serial, problem, err }: LogFields, message: string): void => {
      const reason = err instanceof Error ? err.message : (problem ?? serial);
      const text = `${level}: ${String(zone ?? file)} ${String(reason)}: ${message}`;
      lines.push(text.replaceAll(`${folder}/`, ''));
      onLine();
    };
  const logger = { ...silentLogger, info: at('info'), warn: at('warn'), error: at('error') };
  const served = { sources, zones, ...(listSources && { listSources }) };
  const reloading = new LiveZones([served], { inclusions, clock, logger, program: PROGRAM });
  live = reloading;
  return (count) =>
    new Promise((resolve) => {
      lines = [];
      onLine = () => lines.length === count && resolve(lines);
      reloading.reload();
    });
}

const KEPT = 'zone not reloaded: the version loaded before keeps serving';

test('a file cannot take over the zone of another file', async () => {
  const sources = [write('a.zone', 'a.test.', 1), write('b.zone', 'b.test.', 1)];
  const zones = new ZoneSet(readZones(sources));
  const reload = serving(sources, zones);
  write('b.zone', 'A.test.', 7);
  expect(await reload(2)).toEqual([
    'info: a.test. 1: zone reloaded',
    `error: b.zone b.zone: the zone A.test. is given twice: a.zone holds it too: ${KEPT}`,
  ]);
  expect(zones.get(nameOf('a.test.'))?.serial).toBe(1);
  expect(zones.get(nameOf('b.test.'))?.serial).toBe(1);
});

test('a file that holds another zone than at the start is refused until it is right again', async () => {
  const sources = [write('a.zone', 'a.test.', 1, '$INCLUDE more\n')];
  writeFileSync(join(folder, 'more'), '');
  const inclusions = new ZoneInclusions();
  const zones = new ZoneSet(readZones(sources, { inclusions }));
  const reload = serving(sources, zones, inclusions);
  write('a.zone', 'other.test.', 2);
  expect(await reload(1)).toEqual([
    'error: a.zone a.zone: the file now holds the zone other.test., it held a.test.: ' +
      `restart to change which zones are served: ${KEPT}`,
  ]);
  expect([...zones].map(({ origin }) => origin.toString())).toEqual(['a.test.']);
  // What serves was made of it, so its changes count.
  expect(inclusions.isMadeOf(sources[0]!, new Set([join(folder, 'more')]))).toBe(true);
  write('a.zone', 'A.TEST.', 3);
  expect(await reload(1)).toEqual(['info: A.TEST. 3: zone reloaded']);
  expect(zones.get(nameOf('a.test.'))?.serial).toBe(3);
});

test('a bug while a zone is reloaded is logged, and the next reloads go on', async () => {
  class FaultyZoneSet extends ZoneSet {
    isFaulty = false;
    override put(zone: Zone): void {
      if (this.isFaulty && zone.origin.equals(nameOf('a.test.'))) throw new RangeError('oops');
      super.put(zone);
    }
  }
  const sources = [write('a.zone', 'a.test.', 1), write('b.zone', 'b.test.', 1)];
  const zones = new FaultyZoneSet(readZones(sources));
  const reload = serving(sources, zones);
  zones.isFaulty = true;
  write('a.zone', 'a.test.', 2);
  expect(await reload(2)).toEqual([
    `error: a.zone oops: a bug: ${KEPT}`,
    'info: b.test. 1: zone reloaded',
  ]);
  expect(zones.get(nameOf('a.test.'))?.serial).toBe(1);
  zones.isFaulty = false;
  expect(await reload(2)).toContain('info: a.test. 2: zone reloaded');
});

describe('files that come and go in a folder', () => {
  const NO_LIST = 'zones neither added nor dropped: their files cannot be listed';
  let zones: ZoneSet;
  let inclusions: ZoneInclusions;
  let reload: (count: number) => Promise<readonly string[]>;

  beforeEach(async () => {
    for (const name of ['a', 'b']) write(`${name}.test.zone`, `${name}.test.`, 1);
    const sources = await zonesInFolder(folder);
    inclusions = new ZoneInclusions();
    zones = new ZoneSet(readZones(sources, { inclusions }));
    reload = serving(sources, zones, inclusions, () => zonesInFolder(folder));
  });

  const served = (): readonly string[] =>
    [...zones].map(({ origin, serial }) => `${origin.toString()} ${serial}`).toSorted();

  test('are served or not any more from the next reload on', async () => {
    write('c.test.zone', 'c.test.', 7);
    rmSync(join(folder, 'a.test.zone'));
    expect(await reload(3)).toEqual([
      'info: b.test. 1: zone reloaded',
      'info: c.test. 7: zone added',
      'info: a.test. undefined: zone dropped',
    ]);
    expect(served()).toEqual(['b.test. 1', 'c.test. 7']);
    write('c.test.zone', 'c.test.', 8);
    expect(await reload(2)).toContain('info: c.test. 8: zone reloaded');
  });

  test('all in one step: at no time are there fewer zones, or a mixture', async () => {
    const steps: (readonly string[])[] = [];
    const put = zones.put.bind(zones);
    zones.put = (zone) => {
      put(zone);
      queueMicrotask(() => steps.push(served()));
    };
    for (const name of ['a', 'b']) rmSync(join(folder, `${name}.test.zone`));
    for (const name of ['c', 'd']) write(`${name}.test.zone`, `${name}.test.`, 1);
    await reload(4);
    const after = ['c.test. 1', 'd.test. 1'];
    expect(steps).toEqual([after, after]);
  });

  test('a file that is renamed keeps its zone', async () => {
    write('a.test.zone', 'a.test.', 5);
    renameSync(join(folder, 'a.test.zone'), join(folder, 'z.zone'));
    expect(await reload(2)).toEqual([
      'info: b.test. 1: zone reloaded',
      'info: a.test. 5: zone reloaded',
    ]);
    expect(served()).toEqual(['a.test. 5', 'b.test. 1']);
  });

  test('a new one that is no zone, or one that is there already, is said and tried again', async () => {
    write('c.test.zone', 'c.test.', 1, 'x A 1.2.3\n');
    write('d.test.zone', 'B.test.', 9);
    const lines = await reload(4);
    expect(lines[2]).toMatch(/^error: c\.test\.zone [^]*x A 1\.2\.3\n[^]*: zone not loaded$/);
    expect(lines[3]).toBe(
      'error: d.test.zone d.test.zone: the zone B.test. is given twice: b.test.zone holds it too: zone not loaded',
    );
    expect(served()).toEqual(['a.test. 1', 'b.test. 1']);
    write('c.test.zone', 'c.test.', 2);
    expect(await reload(4)).toContain('info: c.test. 2: zone added');
    rmSync(join(folder, 'b.test.zone'));
    expect(await reload(3)).toContain('info: B.test. 9: zone reloaded');
    expect(served()).toEqual(['B.test. 9', 'a.test. 1', 'c.test. 2']);
  });

  test('a folder that is empty or gone drops nothing: a volume may not be mounted', async () => {
    for (const name of ['a', 'b']) rmSync(join(folder, `${name}.test.zone`));
    const [line] = await reload(3);
    expect(line).toMatch(new RegExp(`^error: undefined no file in .*: ${NO_LIST}$`));
    expect(served()).toEqual(['a.test. 1', 'b.test. 1']);
  });

  test('what a dropped zone included is of no interest any more', async () => {
    writeFileSync(join(folder, 'part'), '');
    write('a.test.zone', 'a.test.', 1, '$INCLUDE part\n');
    await reload(2);
    expect([...inclusions.files()]).toEqual([join(folder, 'part')]);
    rmSync(join(folder, 'a.test.zone'));
    await reload(2);
    expect([...inclusions.files()]).toEqual([]);
  });
});

describe('a large file', () => {
  const RECORDS = Array.from({ length: 8000 }, (_, i) => `h${i} A 10.0.${i >> 8}.${i & 255}\n`);

  test('is read in another thread, and comes to the same', async () => {
    const sources = [write('a.zone', 'a.test.', 1), write('b.zone', 'b.test.', 1)];
    const zones = new ZoneSet(readZones(sources));
    const reload = serving(sources, zones);
    write('a.zone', 'a.test.', 2, `$INCLUDE part\nns A 192.0.2.53\n${RECORDS.join('')}`);
    writeFileSync(join(folder, 'part'), 'part TXT "part"\n');
    const lines = await reload(3);
    expect(lines).toEqual([
      'warn: undefined undefined: the same A record of ns.a.test. stands in the file before',
      'info: a.test. 2: zone reloaded',
      'info: b.test. 1: zone reloaded',
    ]);
    const expected = new ZoneSet(readZones(sources)).get(nameOf('a.test.'));
    const zone = zones.get(nameOf('a.test.'));
    expect(printZone(zone!)).toBe(printZone(expected!));
    // Now that the version before is large, a small file may include much.
    write('a.zone', 'a.test.', 3, 'x A 1.2.3\n');
    expect((await reload(2))[0]).toMatch(/^error: a\.zone .*:6:5: error: [^]* one error: /);
    expect(zones.get(nameOf('a.test.'))).toBe(zone);
  });

  test('whose thread dies is reported, and the next one has another', async () => {
    const sources = [write('a.zone', 'a.test.', 1)];
    const zones = new ZoneSet(readZones(sources));
    const dying = join(folder, 'dying.mjs');
    writeFileSync(dying, 'process.exit(7)');
    write('a.zone', 'a.test.', 2, RECORDS.join(''));
    const loader = new ZoneLoader(pathToFileURL(dying));
    for (let time = 0; time < 2; time++) {
      expect(await loader.load(sources[0]!)).toEqual({
        kind: 'fault',
        message: `cannot load ${join(folder, 'a.zone')}: its thread ended with status 7`,
        included: undefined,
      });
    }
    loader.close();
    expect(await serving(sources, zones)(1)).toEqual(['info: a.test. 2: zone reloaded']);
  });
});

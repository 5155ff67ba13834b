import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ZoneSet } from '../../src/authority/zone-set.ts';
import type { ZoneSource } from '../../src/cli/options.ts';
import { LiveZones } from '../../src/cli/reload.ts';
import { readZones } from '../../src/cli/zone-files.ts';
import { ZoneInclusions } from '../../src/cli/zone-inclusions.ts';
import { silentLogger, type LogFields } from '../../src/net/logger.ts';
import type { Clock } from '../../src/net/ports.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { Zone } from '../../src/zone/zone.ts';

/** On which no time passes: what the watch of the files sees is never reported. */
const clock: Clock = { monotonic: () => 1, wall: () => 1, schedule: () => ({ cancel() {} }) };

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
  const reloading = new LiveZones([{ sources, zones }], { inclusions, clock, logger });
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

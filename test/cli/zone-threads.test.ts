import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ZoneSource } from '../../src/cli/options.ts';
import { readZones } from '../../src/cli/zone-files.ts';
import { ZoneInclusions } from '../../src/cli/zone-inclusions.ts';
import { loadZones, type ThreadContext } from '../../src/cli/zone-threads.ts';
import type { Clock } from '../../src/net/ports.ts';
import { RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { printZone } from '../../src/zone/print.ts';
import type { Zone } from '../../src/zone/zone.ts';

const folder = mkdtempSync(join(tmpdir(), 'ts-dns-zone-threads-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = '$TTL 300\n@ SOA ns h 1 2 3 4 60\n NS ns\nns A 192.0.2.53\n';
/** Enough that this thread is at it for as long as another needs to start. */
const FILES = 80;
const RECORDS = 12_000;
const sources: ZoneSource[] = [];

beforeAll(() => {
  const records = Array.from({ length: RECORDS }, (_, i) => `h${i} A 10.0.${i >> 8}.${i & 255}\n`);
  writeFileSync(join(folder, 'part'), 'part TXT "included"\n');
  for (let i = 0; i < FILES; i++) {
    // Every one with a warning, every fourth small and with a part.
    const part = i % 4 === 0 ? '$INCLUDE part\n' : records.join('');
    const file = join(folder, `z${i}.example.zone`);
    writeFileSync(file, `${HEAD}${part}ns A 192.0.2.53\n`);
    const isNamed = i % 3 === 0;
    const origin = isNamed ? undefined : nameOf(`Z${i}.example.`);
    sources.push({ file, origin, ...(isNamed && { isNamedByFile: true }) });
  }
});

/** On which everything takes long: others are called after the first file. */
function slowClock(): Clock {
  let nowMs = 1;
  const monotonic = (): number => (nowMs += 1e6);
  return { monotonic, wall: monotonic, schedule: () => ({ cancel: () => {} }) };
}

/** `here` counts the files that this thread has read. */
function shared(more: Partial<ThreadContext> = {}): ThreadContext & { here: number } {
  const context = {
    clock: slowClock(),
    threads: 2,
    program: new URL('../../dist/cli/zone-thread.js', import.meta.url),
    here: 0,
    onProgress: () => void context.here++,
    ...more,
  };
  return context;
}

function summary(zone: Zone): unknown {
  const { origin, warnings, recordCount } = zone;
  const last = zone.rrset(nameOf(`h${RECORDS - 1}`, origin), RRType.A);
  const small = recordCount < 100 ? printZone(zone) : last;
  return { origin: origin.toString(), warnings, recordCount, small };
}

async function messageOf(loading: Promise<unknown>): Promise<string> {
  const error: unknown = await loading.catch((reason: unknown) => reason);
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : 'no error';
}

/** Loads a million records twice, on machines that may be busy. */
const PATIENCE_MS = 60_000;

describe('a long load', { timeout: PATIENCE_MS }, () => {
  test('is shared with another thread, and comes to the same zones', async () => {
    const [alone, together] = [new ZoneInclusions(), new ZoneInclusions()];
    const context = shared({ inclusions: together });
    const zones = await loadZones(sources, context);
    expect(context.here).toBeGreaterThan(0);
    expect(context.here).toBeLessThan(FILES);
    const expected = readZones(sources, { inclusions: alone });
    expect(zones.map(summary)).toEqual(expected.map(summary));
    expect([...together.files()]).toEqual([...alone.files()]);
    const part = new Set([join(folder, 'part')]);
    expect(sources.map((source) => together.isMadeOf(source, part))).toEqual(
      sources.map((_, i) => i % 4 === 0),
    );
  });

  test('comes to the same faults in the same order', async () => {
    const bad = join(folder, 'bad');
    writeFileSync(bad, `${HEAD}$INCLUDE nothing\na A 1.2.3\nx CNAME y\nx A 192.0.2.1\n`);
    const some = sources.flatMap((source, i): ZoneSource[] => {
      if (i % 10 === 3) return [source, { file: bad, origin: nameOf('bad.example.') }];
      if (i % 10 === 6) return [source, { file: join(folder, `none${i}`), origin: undefined }];
      return i % 10 === 9 ? [source, source] : [source];
    });
    const [alone, together] = [new ZoneInclusions(), new ZoneInclusions()];
    const context = shared({ inclusions: together });
    const message = await messageOf(loadZones(some, context));
    expect(context.here).toBeLessThan(some.length);
    const expected = messageOf(
      Promise.resolve().then(() => readZones(some, { inclusions: alone })),
    );
    expect(message).toBe(await expected);
    expect(message.match(/bad: not loaded|cannot read|is given twice/g)).toHaveLength(24);
    expect([...together.files()]).toEqual([...alone.files()]);
  });

  test('names the file at which a thread died', async () => {
    const program = join(folder, 'dying.mjs');
    const code = `
      import { workerData } from 'node:worker_threads';
      import { FileQueue } from ${JSON.stringify(new URL('../../dist/cli/file-queue.js', import.meta.url))};
      const index = new FileQueue(workerData.queue).take(workerData.place);
      workerData.files[index].file.endsWith('.zone') && process.exit(7);`;
    writeFileSync(program, code);
    const message = await messageOf(
      loadZones(sources, shared({ program: pathToFileURL(program) })),
    );
    expect(message).toMatch(
      /^CommandError: cannot load .*\/z[0-9]+\.example\.zone: its thread ended with status 7$/,
    );
  });

  test('names the file for which a thread had not enough memory', async () => {
    const resourceLimits = { maxOldGenerationSizeMb: 2, maxYoungGenerationSizeMb: 1 };
    const message = await messageOf(loadZones(sources, shared({ resourceLimits })));
    expect(message).toMatch(/^CommandError: cannot load .*: its thread failed: .*memory/);
  });
});

test('a short load starts no thread', async () => {
  const small = sources.filter((_, i) => i % 4 === 0);
  const program = new URL('file:///nowhere/none.js');
  let nowMs = 1;
  const monotonic = (): number => (nowMs += 1000 / small.length);
  const clock = { ...slowClock(), monotonic };
  expect(await loadZones(small, shared({ clock, program }))).toHaveLength(small.length);
  expect(await loadZones([], shared({ program }))).toEqual([]);
  expect(await loadZones(small.slice(0, 1), shared({ program }))).toHaveLength(1);
  expect(await loadZones(small, shared({ threads: 1, program }))).toHaveLength(small.length);
  await expect(loadZones(small, shared({ program }))).rejects.toThrow('none.js');
});

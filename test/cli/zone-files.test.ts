import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FileReader } from '../../src/cli/file-reader.ts';
import { loadProgress } from '../../src/cli/load-progress.ts';
import { readOutcome, readZones } from '../../src/cli/zone-files.ts';
import { originInFileName, zonesInFolder } from '../../src/cli/zone-folder.ts';
import { ZoneInclusions } from '../../src/cli/zone-inclusions.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'ts-dns-zone-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ZONE = '$TTL 300\n@ SOA ns h 1 2 3 4 60\n NS ns\nns A 192.0.2.53\n';

test('one buffer serves files of all sizes, one after the other', () => {
  const reader = new FileReader();
  const regularReader = new FileReader();
  for (const length of [0, 1, 4095, 4096, 65_535, 65_536, 65_537, 1_000_000, 3, 0]) {
    const octets = Uint8Array.from({ length }, (_, i) => i + length);
    const file = join(folder, 'octets');
    writeFileSync(file, octets);
    expect(Buffer.from(octets).equals(reader.read(file))).toBe(true);
    expect(Buffer.from(octets).equals(regularReader.read(file, true))).toBe(true);
  }
  expect(() => reader.read(join(folder, 'none'))).toThrow('none');
});

test('the files of a folder are zones by their names', async () => {
  for (const zone of ['b.example', 'a.example']) writeFileSync(join(folder, `${zone}.zone`), ZONE);
  writeFileSync(join(folder, 'README'), 'no zone');
  const zones = readZones(await zonesInFolder(folder));
  expect(zones.map(({ origin }) => origin.toString())).toEqual(['a.example.', 'b.example.']);
  const address = zones[0]!.rrset(nameOf('ns.a.example.'), RRType.A);
  expect(address?.rdatas.map((rdata) => rdata.join('.'))).toEqual(['192.0.2.53']);
});

test('a file of a folder that says its origin itself has that one', async () => {
  const own = join(folder, 'own');
  mkdirSync(own);
  writeFileSync(join(own, 'root.zone'), `$ORIGIN .\n${ZONE}`);
  const absolute = ZONE.replace('@', 'sub.d.example.').replaceAll('ns', 'ns.sub.d.example.');
  writeFileSync(join(own, 'c.example.zone'), absolute.replace(' h ', ' h. '));
  writeFileSync(join(own, 'a..b.zone'), `$ORIGIN e.example.\n${ZONE}`);
  writeFileSync(join(own, 'f.example.zone'), ZONE.replaceAll('ns', 'ns.f.example.'));
  const zones = readZones(await zonesInFolder(own));
  const origins = ['e.example.', 'sub.d.example.', 'f.example.', '.'];
  expect(zones.map(({ origin }) => origin.toString())).toEqual(origins);
  writeFileSync(join(own, 'root.zone'), `$ORIGIN .\n${ZONE}x A 1.2.3\n`);
  const broken = await zonesInFolder(own);
  expect(() => readZones(broken)).toThrow(/root\.zone:6:5: error: .*\n.*\n.*\n.*one error$/);
});

test('what a zone includes is known, also of a version that failed', async () => {
  const file = join(folder, 'including');
  const source = { file, origin: nameOf('example.') };
  const inclusions = new ZoneInclusions();
  const read = async (...lines: readonly string[]): Promise<readonly string[]> => {
    writeFileSync(file, `${ZONE}${lines.join('\n')}\n`);
    const { included, kind } = await readOutcome(source);
    inclusions.note(source, included!, kind === 'zone');
    return [...inclusions.files()].map((path) => path.slice(folder.length + 1));
  };
  writeFileSync(join(folder, 'part'), 'a A 192.0.2.1\n');
  expect(await read('$INCLUDE part')).toEqual(['part']);
  expect(inclusions.isMadeOf(source, new Set([join(folder, 'part')]))).toBe(true);
  expect(inclusions.isMadeOf(source, new Set([file]))).toBe(true);
  expect(inclusions.isMadeOf(source, new Set([join(folder, 'other')]))).toBe(false);
  const { revision } = inclusions;
  await read('$INCLUDE part');
  expect(inclusions.revision).toBe(revision);
  expect(await read('$INCLUDE x/../gone')).toEqual(['part', 'gone']);
  expect(await read('$INCLUDE part', '$INCLUDE ./part')).toEqual(['part']);
  expect(await read()).toEqual([]);
});

test('a file that is named by nothing but the suffix may be the root, of others no name is taken', () => {
  expect(originInFileName('/x/.zone')?.toString()).toBe('.');
  expect(originInFileName('/x.zone/a.b.zone')?.toString()).toBe('a.b.');
  expect(originInFileName('/x/a..b.zone')).toBeUndefined();
});

describe('while many zones are loaded', () => {
  const sources = Array.from({ length: 10 }, (_, i) => {
    const file = join(folder, `many${i}`);
    writeFileSync(file, ZONE);
    return { file, origin: nameOf(`zone${i}.example.`) };
  });

  function linesAt(msEach: number): unknown[] {
    const lines: unknown[] = [];
    let nowMs = 1;
    const monotonic = (): number => (nowMs += msEach);
    const clock = { monotonic, wall: monotonic, schedule: () => ({ cancel: () => {} }) };
    const info = (fields: object, message: string): void => void lines.push([message, fields]);
    const onProgress = loadProgress(10, { clock, logger: { ...silentLogger, info } });
    readZones(sources, { onProgress });
    return lines;
  }

  test('a line every two seconds tells how many are done', () => {
    expect(linesAt(700)).toEqual([
      ['loading zones', { done: 3, total: 10 }],
      ['loading zones', { done: 6, total: 10 }],
      ['loading zones', { done: 9, total: 10 }],
    ]);
  });

  test('no line when it is quick, and none at its end', () => {
    expect(linesAt(199)).toEqual([]);
    expect(linesAt(200)).toEqual([]);
  });
});

test('the faults of all files come together', () => {
  const file = join(folder, 'bad');
  writeFileSync(file, `${ZONE}a A 1.2.3\n`);
  const origin = nameOf('example.');
  const sources = [
    { file, origin },
    { file: join(folder, 'none'), origin },
  ];
  expect(() => readZones(sources)).toThrow(/1\.2\.3[^]*none/);
  writeFileSync(file, ZONE);
  expect(() =>
    readZones([
      { file, origin },
      { file, origin },
    ]),
  ).toThrow('example. is given twice');
});

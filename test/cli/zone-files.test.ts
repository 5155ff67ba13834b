import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FileReader } from '../../src/cli/file-reader.ts';
import { readZones } from '../../src/cli/zone-files.ts';
import { zonesInFolder } from '../../src/cli/zone-folder.ts';
import { RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'ts-dns-zone-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ZONE = '$TTL 300\n@ SOA ns h 1 2 3 4 60\n NS ns\nns A 192.0.2.53\n';

test('one buffer serves files of all sizes, one after the other', () => {
  const reader = new FileReader();
  for (const length of [0, 1, 65_535, 65_536, 65_537, 1_000_000, 3, 0]) {
    const octets = Uint8Array.from({ length }, (_, i) => i + length);
    const file = join(folder, 'octets');
    writeFileSync(file, octets);
    expect(Buffer.from(octets).equals(reader.read(file))).toBe(true);
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

/**
 * The zone files of the embedded internet are ordinary master files: our checker and those of BIND
 * and NSD accept each of them, and all three reject the same spoilt ones.
 */
import { readFileSync, readdirSync } from 'node:fs';

import { afterAll, describe, expect, test } from 'vitest';

import { readInternet } from './support/embedded-internet.ts';
import { Lab } from './support/lab.ts';
import { servedZone } from './support/peers.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { checkout, zonesFolder } from './support/ts-dns.ts';

const internet = readInternet();
const served = new Set(internet.servers.flatMap(({ zones }) => zones));
const obstacle = findObstacle(['program named-checkzone', 'program nsd-checkzone']);

describe('the map of the embedded internet', () => {
  test('every zone file is served by somebody, and every file that is served exists', () => {
    const files = readdirSync(zonesFolder).filter((name) => name.endsWith('.zone'));
    expect(new Set(files)).toEqual(served);
  });

  test('every server has an address of its own, and that address is in some zone', () => {
    const addresses = internet.servers.map(({ address }) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
    const text = [...served].map((file) => readFileSync(`${zonesFolder}/${file}`, 'utf8')).join('');
    const glue = new Set(text.match(/\b127\.0\.0\.\d+\b(?=\s*$)/gm));
    expect(addresses.filter((address) => !glue.has(address))).toEqual([]);
  });
});

describe.skipIf(obstacle !== undefined)(titleOf('three checkers of zones', obstacle), () => {
  const lab = new Lab();
  afterAll(() => lab.close());

  function verdicts(origin: string, file: string): Record<string, boolean> {
    const ours = [`${checkout}bin/ts-dns`, 'check-zone', origin, file];
    return {
      'ts-dns': lab.run(process.execPath, ...ours).status === 0,
      // Without a look at zones elsewhere, which it would ask the machine's resolver about.
      bind: lab.run('named-checkzone', '-i', 'local', origin, file).status === 0,
      nsd: lab.run('nsd-checkzone', origin, file).status === 0,
    };
  }

  test.each([...served])('%s is accepted', (name) => {
    const { origin, file } = servedZone(name);
    expect(verdicts(origin, file)).toEqual({ 'ts-dns': true, bind: true, nsd: true });
  });

  test.each([
    ['an address that is none', '192.0.2.80', '192.0.2.800'],
    ['an unknown type', 'IN  AAAA   2001:db8::80', 'IN  AAAAA  2001:db8::80'],
    ['a label of 64 octets', 'backup    ', `${'x'.repeat(64)} `],
    ['a parenthesis left open', '300 )', '300'],
    ['a CNAME beside other data', 'ftp   ', 'www   '],
    ['a preference that is no number', 'MX     10 mail', 'MX     ten mail'],
  ])('%s is rejected', (_, before, after) => {
    const { origin, file } = servedZone('example.com.zone');
    const original = readFileSync(file, 'utf8');
    const spoilt = original.replace(before, after);
    expect(spoilt).not.toBe(original);
    const verdict = verdicts(origin, lab.write('spoilt.zone', spoilt));
    expect(verdict).toEqual({ 'ts-dns': false, bind: false, nsd: false });
  });
});

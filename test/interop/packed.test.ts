/**
 * What npm packs, in a folder where nothing of the checkout is but the packages that it depends on:
 * the library with its types, and the programs.
 */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Lab, findFreePort } from './support/lab.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { checkout, startTsDns } from './support/ts-dns.ts';

const ZONE = '$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.80\n';

const PROGRAM = `
import { dig, DigError, type DigReply } from 'ts-dns';
const at = ['@127.0.0.1', '-p', String(process.argv[2])];
const reply: DigReply = await dig(...at, 'www.packed.test', 'A');
const rttMs: number = reply.rttMs;
console.log(reply.rcode, reply.answers?.[0]?.name, rttMs >= 0);
const failure: unknown = await dig('@127.0.0.1', '-p', '1', '+tries=1', 'x').catch((e: unknown) => e);
console.log(failure instanceof DigError && failure.exitStatus);
`;

const obstacle = findObstacle(['program npm', 'program tar']);

describe.skipIf(obstacle !== undefined)(titleOf('the packed package', obstacle), () => {
  const lab = new Lab();
  let port: string;
  let modules: string;

  beforeAll(async () => {
    port = String(await findFreePort());
    const zone = `packed.test.=${lab.write('packed.zone', ZONE)}`;
    await startTsDns(
      lab,
      'serve',
      '--no-recursion',
      '--listen',
      `127.0.0.1:${port}`,
      '--zone',
      zone,
    );
    modules = join(lab.folder, 'node_modules');
    mkdirSync(join(modules, 'ts-dns'), { recursive: true });
    const options = ['--ignore-scripts', '--silent', '--pack-destination', lab.folder];
    const archive = lab.must('npm', 'pack', ...options, checkout).trim();
    const to = ['-C', join(modules, 'ts-dns'), '--strip-components=1'];
    lab.must('tar', '-xzf', join(lab.folder, archive), ...to);
    for (const name of ['dns-packet', '@leichtgewicht', '@types', 'lru-cache']) {
      symlinkSync(join(checkout, 'node_modules', name), join(modules, name));
    }
  });

  afterAll(() => lab.close());

  test('gives a typed dig to whoever imports it', () => {
    lab.write('package.json', '{ "type": "module" }');
    const file = lab.write('program.ts', PROGRAM);
    const compiler = join(checkout, 'node_modules/typescript/bin/tsc');
    const how = [
      '--ignoreConfig',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
    ];
    lab.must(process.execPath, compiler, ...how, '--outDir', lab.folder, file);
    const out = lab.must(process.execPath, join(lab.folder, 'program.js'), port);
    expect(out).toBe('NOERROR www.packed.test true\n9\n');
  });

  test('starts its programs', () => {
    const program = join(modules, 'ts-dns/bin/ts-dig');
    const words = ['@127.0.0.1', '-p', port, 'www.packed.test', '+short'];
    expect(lab.must(process.execPath, program, ...words)).toBe('192.0.2.80\n');
    expect(lab.must(process.execPath, program, ...words, '+json')).toContain('"NOERROR"');
  });
});

/**
 * Puts the modules of each program into few files: loading two hundred small ones takes longer than
 * all that `ts-dig` does. Packages stay outside: they are few, and have their own licences.
 *
 *   node tools/bundle.mjs FOLDER     from FOLDER/cli into FOLDER/bundle
 *
 * `bundle` lies as deep as `cli`, because programs find what else is in the package from where they
 * lie, and threads are programs of their own.
 *
 * The script of the laboratory's page is for browsers: one file, `FOLDER/page/page.js`, which the
 * program puts into the pages that it writes.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const PROGRAMS = [
  'ts-dns',
  'ts-dig',
  'zone-thread',
  'zone-loader-thread',
  'worker-thread',
  'lab-thread',
];

const folder = process.argv[2];
if (folder === undefined) throw new Error('give the folder of the compiled modules');
const bundle = await rolldown({
  input: PROGRAMS.map((name) => join(folder, 'cli', `${name}.js`)),
  platform: 'node',
  external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.includes('\\'),
});
await bundle.write({ dir: join(folder, 'bundle'), format: 'esm', chunkFileNames: '[name].js' });
await bundle.close();

const page = await rolldown({
  input: fileURLToPath(new URL('../src/lab/picture/page/main.ts', import.meta.url)),
  platform: 'browser',
});
await page.write({ file: join(folder, 'page/page.js'), format: 'iife' });
await page.close();

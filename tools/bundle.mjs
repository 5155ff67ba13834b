/**
 * Puts the modules of each program into few files: loading two hundred small ones takes longer than
 * all that `ts-dig` does. Packages stay outside: they are few, and have their own licences.
 *
 *   node tools/bundle.mjs FOLDER     from FOLDER/cli into FOLDER/bundle
 *
 * `bundle` lies as deep as `cli`, because programs find what else is in the package from where they
 * lie, and threads are programs of their own.
 */
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const PROGRAMS = ['ts-dns', 'ts-dig', 'zone-thread', 'zone-loader-thread', 'worker-thread'];

const folder = process.argv[2];
if (folder === undefined) throw new Error('give the folder of the compiled modules');
const bundle = await rolldown({
  input: PROGRAMS.map((name) => join(folder, 'cli', `${name}.js`)),
  platform: 'node',
  external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.includes('\\'),
});
await bundle.write({ dir: join(folder, 'bundle'), format: 'esm', chunkFileNames: '[name].js' });
await bundle.close();

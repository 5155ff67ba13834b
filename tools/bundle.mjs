/**
 * Puts the modules of each program into few files: loading two hundred small ones takes longer than
 * all that `ts-dig` does. Packages stay outside: they are few, and have their own licences.
 *
 *   node tools/bundle.mjs FOLDER     from FOLDER/cli into FOLDER/bundle
 *
 * `bundle` lies as deep as `cli`, because programs find what else is in the package from where they
 * lie, and threads are programs of their own.
 *
 * `ts-dig`, whose start people wait for, is CommonJS, which Node loads faster than ESM: one file of
 * all that every run needs, and others of what some do.
 *
 * The script of the laboratory's page is for browsers: one file, `FOLDER/page/page.js`, which the
 * program puts into the pages that it writes.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const PROGRAMS = ['ts-dns', 'zone-thread', 'zone-loader-thread', 'worker-thread', 'lab-thread'];

const folder = process.argv[2];
if (folder === undefined) throw new Error('give the folder of the compiled modules');
/** @param {string} id */
const external = (id) => !id.startsWith('.') && !id.startsWith('/') && !id.includes('\\');
const bundle = await rolldown({
  input: PROGRAMS.map((name) => join(folder, 'cli', `${name}.js`)),
  platform: 'node',
  external,
});
await bundle.write({ dir: join(folder, 'bundle'), format: 'esm', chunkFileNames: '[name].js' });
await bundle.close();

/** @type {Set<string>} */
const always = new Set();
const dig = await rolldown({
  input: join(folder, 'cli/ts-dig.js'),
  platform: 'node',
  external,
  plugins: [
    {
      name: 'what every run needs',
      buildEnd() {
        reach(this, join(folder, 'cli/ts-dig.js'));
      },
    },
  ],
});
await dig.write({
  dir: join(folder, 'bundle'),
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'ts-dig-[name].cjs',
  codeSplitting: { groups: [{ name: 'always', test: (id) => always.has(id) }] },
});
await dig.close();

const start = await rolldown({
  input: join(folder, 'cli/load-compiled.js'),
  platform: 'node',
  external,
});
await start.write({ file: join(folder, 'bundle/load-compiled.cjs'), format: 'cjs' });
await start.close();

const page = await rolldown({
  input: fileURLToPath(new URL('../src/lab/picture/page/main.ts', import.meta.url)),
  platform: 'browser',
});
await page.write({ file: join(folder, 'page/page.js'), format: 'iife' });
await page.close();

/**
 * Collects what a module imports, and what that does, but for what is imported when it is needed.
 *
 * @param {import('rolldown').PluginContext} context
 * @param {string} id
 */
function reach(context, id) {
  if (always.has(id)) return;
  always.add(id);
  for (const next of context.getModuleInfo(id)?.importedIds ?? []) reach(context, next);
}

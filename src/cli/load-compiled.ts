/**
 * Loads a CommonJS file with what V8 made of it before (`tools/code-cache.mjs`): compiling takes
 * longer than all that `ts-dig` does. From Node 22 on, Node can keep such a cache of its own.
 */

import { existsSync, readFileSync } from 'node:fs';
import * as module from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

type Wrapped = (...values: readonly unknown[]) => void;

/** What `require(program)` gives, after `part`, which it needs, has been loaded the fast way. */
export function requireFast(program: string, part: string): unknown {
  const load = module.createRequire(program);
  const cache = cacheOf(part);
  if (existsSync(cache)) loadCompiled(part, readFileSync(cache));
  else (module as { readonly enableCompileCache?: () => void }).enableCompileCache?.();
  return load(program);
}

/** V8 passes over what it cannot use of `cachedData`. */
export function loadCompiled(file: string, cachedData: Buffer | undefined): Script {
  const text = readFileSync(file, 'utf8');
  const source = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  const load = module.createRequire(file);
  const loaded = new module.Module(file);
  loaded.filename = file;
  // Files that are loaded later ask for this one again, and must find the same.
  load.cache[file] = loaded;
  const run = script.runInThisContext() as Wrapped;
  run(loaded.exports, load, loaded, file, dirname(file));
  loaded.loaded = true;
  return script;
}

/**
 * Where the cache of a file is: what another Node has compiled, or for another processor, is not
 * for this one to run.
 */
export function cacheOf(file: string): string {
  return `${file}.${process.version}-${process.platform}-${process.arch}.cache`;
}

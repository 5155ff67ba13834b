import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileWatch, type WatchContext } from '../../src/cli/watch.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { createRealRuntime } from '../../src/net/real/runtime.ts';

const { clock } = createRealRuntime();

let root: string;
let watch: FileWatch;
let awaited: { readonly file: string; readonly resolve: () => void } | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ts-dns-watch-'));
});

afterEach(() => {
  watch.close();
  rmSync(root, { recursive: true });
});

const at = (...parts: readonly string[]): string => join(root, ...parts);

function watching(...files: readonly string[]): void {
  watchingAll({ files });
}

function watchingAll({
  files,
  ...more
}: { readonly files: readonly string[] } & Pick<WatchContext, 'regular'>): void {
  const onChange = (changed: ReadonlySet<string>): void => {
    if (awaited && changed.has(awaited.file)) awaited.resolve();
  };
  watch = new FileWatch({ clock, logger: silentLogger, files: () => files, onChange, ...more });
}

/** Does something, upon which a change of the file must be seen. */
function change(file: string, action: () => void): Promise<void> {
  return new Promise((resolve) => {
    awaited = { file, resolve };
    action();
  });
}

test('a file is replaced, removed and written again', async () => {
  writeFileSync(at('a'), '1');
  watching(at('a'));
  writeFileSync(at('new'), '2');
  await change(at('a'), () => renameSync(at('new'), at('a')));
  await change(at('a'), () => unlinkSync(at('a')));
  await change(at('a'), () => writeFileSync(at('a'), '3'));
});

test('a file that is a link changes where it is, and leads elsewhere', async () => {
  for (const folder of ['links', 'one', 'two']) mkdirSync(at(folder));
  for (const folder of ['one', 'two']) writeFileSync(at(folder, 'a'), folder);
  symlinkSync('one/a', at('middle'));
  symlinkSync('../middle', at('links', 'a'));
  const file = at('links', 'a');
  watching(file);
  await change(file, () => writeFileSync(at('one', 'a'), '2'));
  await change(file, () => {
    symlinkSync(at('two', 'a'), at('middle.new'));
    renameSync(at('middle.new'), at('middle'));
  });
  await change(file, () => writeFileSync(at('two', 'a'), '3'));
  await change(file, () => {
    unlinkSync(file);
    writeFileSync(file, '4');
  });
  await change(file, () => writeFileSync(file, '5'));
});

test('a file that was known to be none becomes a link', async () => {
  const file = at('a');
  writeFileSync(file, '1');
  mkdirSync(at('elsewhere'));
  writeFileSync(at('elsewhere', 'b'), '2');
  watchingAll({ files: [file], regular: new Set([file]) });
  await change(file, () => {
    symlinkSync(at('elsewhere', 'b'), at('new'));
    renameSync(at('new'), file);
  });
  await change(file, () => writeFileSync(at('elsewhere', 'b'), '3'));
});

test('the folder behind a link is swapped for another, as Kubernetes does', async () => {
  const file = at('a.zone');
  const swap = (version: string): void => {
    mkdirSync(at(version));
    writeFileSync(at(version, 'a.zone'), version);
    symlinkSync(version, at('..data_tmp'));
    renameSync(at('..data_tmp'), at('..data'));
  };
  swap('..1');
  symlinkSync('..data/a.zone', file);
  watching(file);
  await change(file, () => swap('..2'));
  rmSync(at('..1'), { recursive: true });
  await change(file, () => writeFileSync(at('..data', 'a.zone'), 'in place'));
  await change(file, () => swap('..3'));
});

test('nothing is watched any more after the end, though a reload may still be under way', async () => {
  const count = async (): Promise<number> => {
    // What is closed is gone at the end of this turn of the event loop, after its immediates.
    for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
    return process.getActiveResourcesInfo().filter((name) => name.startsWith('FSEvent')).length;
  };
  const before = await count();
  watching(at('a'));
  expect(await count()).toBeGreaterThan(before);
  watch.close();
  watch.update();
  watch.reopen();
  expect(await count()).toBe(before);
});

test('a folder is replaced, at whatever height', async () => {
  mkdirSync(at('high', 'zones'), { recursive: true });
  const file = at('high', 'zones', 'a');
  writeFileSync(file, '1');
  watching(file);
  for (const folder of [at('high', 'zones'), at('high')]) {
    await change(file, () => {
      renameSync(folder, `${folder}.old`);
      mkdirSync(at('high', 'zones'), { recursive: true });
      writeFileSync(file, '2');
    });
    await change(file, () => writeFileSync(file, '3'));
  }
  await change(file, () => rmSync(at('high'), { recursive: true }));
  mkdirSync(at('high', 'zones'), { recursive: true });
  watch.reopen();
  await change(file, () => writeFileSync(file, '4'));
});

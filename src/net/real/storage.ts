/**
 * Files of this machine behind the `Storage` port. Data are flushed before a call resolves, and
 * so is the folder where a file came to be or was renamed: else its name may be gone after a power
 * cut.
 */

import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageError } from '../errors.ts';
import type { Storage } from '../storage.ts';

/** Paths are the machine's, absolute or not. */
export function createStorage(): Storage {
  return {
    read: (file) => reported('read', file, () => readIfThere(file)),
    replace: (file, parts) => reported('write', file, () => replace(file, parts)),
    append: (file, octets) => reported('write', file, () => append(file, octets)),
    truncate: (file, length) =>
      reported('write', file, () =>
        withFile(file, 'r+', async (handle) => {
          await handle.truncate(length);
          await handle.datasync();
        }),
      ),
    remove: (file) =>
      reported('remove', file, async () => {
        await rm(file, { force: true });
        await syncFolder(file);
      }),
  };
}

/** Only its owner reads such files: a zone may not be for everybody. */
const MODE = 0o600;

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function replace(file: string, parts: Iterable<Uint8Array>): Promise<void> {
  const fresh = `${file}.new`;
  try {
    await withFile(fresh, 'w', async (handle) => {
      for (const part of parts) await writeAll(handle, part);
      await handle.sync();
    });
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await syncFolder(file);
}

async function append(file: string, octets: Uint8Array): Promise<void> {
  const isNew = await withFile(file, 'a', async (handle) => {
    const { size } = await handle.stat();
    await writeAll(handle, octets);
    await handle.datasync();
    return size === 0;
  });
  if (isNew) await syncFolder(file);
}

/** One call may write less than it was given. */
async function writeAll(handle: FileHandle, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length;) {
    const { bytesWritten } = await handle.write(octets, at, octets.length - at);
    at += bytesWritten;
  }
}

async function syncFolder(file: string): Promise<void> {
  // Windows opens no folders, and has no need to.
  await withFile(dirname(file), 'r', (folder) => folder.sync()).catch((error: unknown) => {
    if (!NO_FOLDER_SYNC.has(codeOf(error))) throw error;
  });
}

const NO_FOLDER_SYNC: ReadonlySet<unknown> = new Set(['EISDIR', 'EPERM', 'EINVAL']);

async function withFile<Value>(
  file: string,
  flags: string,
  use: (handle: FileHandle) => Promise<Value>,
): Promise<Value> {
  const handle = await open(file, flags, MODE);
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function reported<Value>(
  verb: string,
  file: string,
  run: () => Promise<Value>,
): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    const reason = codeOf(error) ?? (error instanceof Error ? error.message : String(error));
    throw new StorageError(`cannot ${verb} ${file}: ${reason}`, { cause: error });
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

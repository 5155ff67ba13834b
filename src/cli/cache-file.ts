/**
 * Files of the cache (`cache/dump.ts`): written as a whole or not at all, so that a crash in the
 * middle leaves the one before; and read only when they are files of a bearable size.
 */

import { access, constants, open, rename, rm, stat, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ControlHandler, Lines } from '../app/control/session.ts';
import type { Logger } from '../net/logger.ts';
import { CommandError, failureReason, fileFailure } from './failure.ts';

const fileLimits = {
  /** More than the largest cache comes to as text; of what is larger not an octet is read. */
  octets: 268_435_456,
  /** Written at once. */
  chunkCharacters: 65_536,
} as const;

/** What a name server knows is its user's business alone. */
const OWNER_ONLY = 0o600;

export async function writeLines(file: string, lines: Lines): Promise<void> {
  const draft = `${file}.new`;
  try {
    await rm(draft, { force: true });
    // Exclusive: whoever puts a link there meanwhile must not choose what is overwritten.
    const handle = await open(draft, 'wx', OWNER_ONLY);
    try {
      for await (const chunk of chunksOf(lines)) await handle.write(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    throw new CommandError(`cannot write ${file}: ${failureReason(error)}`, { cause: error });
  }
}

async function* chunksOf(lines: Lines): AsyncGenerator<string, void, undefined> {
  let chunk = '';
  for await (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < fileLimits.chunkCharacters) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

export async function readText(file: string): Promise<string> {
  let size = 0;
  try {
    const stats = await stat(file);
    if (stats.isFile() && stats.size <= fileLimits.octets) return await readFile(file, 'latin1');
    size = stats.isFile() ? stats.size : 0;
  } catch (error) {
    throw fileFailure(file, error);
  }
  const problem = size > 0 ? `larger than ${fileLimits.octets} octets` : 'no regular file';
  throw new CommandError(`cannot read ${file}: it is ${problem}`);
}

export interface KeptCache {
  readonly file: string;
  /** Of the server, whose commands know how its caches are loaded and dumped. */
  readonly handle: ControlHandler;
  readonly logger: Logger;
}

/**
 * Loads what an earlier run has saved. One that is not there, or no good, is no reason to stop; a
 * folder where nothing can be saved is: better now than when the cache is to be kept.
 */
export async function loadCacheFile({ file, handle, logger }: KeptCache): Promise<void> {
  await access(dirname(file), constants.W_OK).catch((error: unknown) => {
    throw new CommandError(`cannot write ${file}: ${failureReason(error)}`, { cause: error });
  });
  if (await isMissing(file)) {
    logger.info({ file }, 'no cache to load yet');
    return;
  }
  try {
    const loaded = await handle({ command: 'load', file: resolve(file) });
    if (loaded.ok) logger.info({ file, ...loaded.result }, 'cache loaded');
    else logger.error({ file, problem: loaded.error }, 'cache not loaded');
  } catch (error) {
    logger.error({ file, problem: failureReason(error) }, 'cache not loaded');
  }
}

/** As opposed to one that is there and cannot be read. */
async function isMissing(file: string): Promise<boolean> {
  try {
    await access(file);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}

export async function saveCacheFile({ file, handle, logger }: KeptCache): Promise<void> {
  try {
    const saved = await handle({ command: 'dump', file: resolve(file) });
    if (saved.ok) logger.info({ file }, 'cache saved');
    else logger.error({ file, problem: saved.error }, 'cache not saved');
  } catch (error) {
    logger.error({ file, problem: failureReason(error) }, 'cache not saved');
  }
}

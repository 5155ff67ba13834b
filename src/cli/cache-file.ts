/**
 * Files of the cache (`cache/dump.ts`): written as a whole or not at all, so that a crash in the
 * middle leaves the one before; and read only when they are files of a bearable size.
 */

import { access, constants, open, rename, rm, stat, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadInto } from '../app/control/commands.ts';
import { dumpCache } from '../cache/dump.ts';
import type { Logger } from '../net/logger.ts';
import type { Clock } from '../net/ports.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { CommandError, failureReason, fileFailure } from './failure.ts';

const fileLimits = {
  /** More than the largest cache comes to as text; of what is larger not an octet is read. */
  octets: 268_435_456,
  /** Written at once. */
  chunkCharacters: 65_536,
} as const;

/** What a name server knows is its user's business alone. */
const OWNER_ONLY = 0o600;

export async function writeLines(file: string, lines: Iterable<string>): Promise<void> {
  const draft = `${file}.new`;
  try {
    await rm(draft, { force: true });
    // Exclusive: whoever puts a link there meanwhile must not choose what is overwritten.
    const handle = await open(draft, 'wx', OWNER_ONLY);
    try {
      for (const chunk of chunksOf(lines)) await handle.write(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    throw new CommandError(`cannot write ${file}: ${failureReason(error)}`, { cause: error });
  }
}

function* chunksOf(lines: Iterable<string>): Generator<string, void, undefined> {
  let chunk = '';
  for (const line of lines) {
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
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Loads what an earlier run has saved. One that is not there, or no good, is no reason to stop; a
 * folder where nothing can be saved is: better now than when the cache is to be kept.
 */
export async function loadCacheFile({ file, resolver, clock, logger }: KeptCache): Promise<void> {
  await access(dirname(file), constants.W_OK).catch((error: unknown) => {
    throw new CommandError(`cannot write ${file}: ${failureReason(error)}`, { cause: error });
  });
  try {
    const loaded = loadInto(resolver, await readText(file), clock);
    if (loaded.ok) logger.info({ file, ...loaded.value }, 'cache loaded');
    else logger.error({ file, problem: loaded.error }, 'cache not loaded: the file is damaged');
  } catch (error) {
    const isFirst = error instanceof CommandError && isMissing(error.cause);
    if (isFirst) logger.info({ file }, 'no cache to load yet');
    else logger.error({ file, problem: failureReason(error) }, 'cache not loaded');
  }
}

export async function saveCacheFile({ file, resolver, clock, logger }: KeptCache): Promise<void> {
  try {
    await writeLines(file, dumpCache(resolver.cache, clock));
    logger.info({ file }, 'cache saved');
  } catch (error) {
    logger.error({ file, problem: failureReason(error) }, 'cache not saved');
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The query log of `ts-dns serve`: a file that can be written to when the server starts. */

import type { LogFile } from '../net/log-file.ts';
import { createLogFile } from '../net/real/log-file.ts';
import { QueryLog, type QueryLogContext } from '../query/query-log.ts';
import type { Config } from './config/config.ts';
import { CommandError } from './failure.ts';

type Context = Omit<QueryLogContext, 'file'>;

/** Of a worker, which answers even when the file has gone since the server started. */
export async function queryLogOf(
  { queryLog: path }: Config,
  context: Context,
): Promise<QueryLog | undefined> {
  if (path === undefined) return undefined;
  const file = createLogFile(path);
  // At once, as it may be moved away before there is a line. What is wrong is told with the first.
  await file.reopen();
  return new QueryLog({ file, ...context });
}

/** Rejects with `CommandError` when there is to be one and cannot. */
export async function openQueryLog(
  config: Config,
  context: Context,
): Promise<{ readonly queryLog?: QueryLog }> {
  const file = await openQueryLogFile(config);
  return file ? { queryLog: new QueryLog({ file, ...context }) } : {};
}

/**
 * The same beside workers, each of which opens it by itself. To be closed after them: whoever reads
 * from a FIFO would take it for the end.
 */
export async function openQueryLogFile({ queryLog: path }: Config): Promise<LogFile | undefined> {
  if (path === undefined) return undefined;
  const file = createLogFile(path);
  const { problem } = await file.reopen();
  if (problem !== undefined) throw new CommandError(`query log: ${problem}`);
  return file;
}

/** The control socket of `ts-dns serve`: gives the commands their machine. */

import { controlHandler } from '../app/control/commands.ts';
import { acceptControl } from '../app/control/server.ts';
import type { System } from '../app/system.ts';
import type { Clock } from '../net/ports.ts';
import { listenLocal } from '../net/real/local-socket.ts';
import { readText, writeLines } from './cache-file.ts';
import { CommandError } from './failure.ts';
import { LOG_LEVELS, type LevelledLogger } from './logger.ts';
import { packageVersion } from './version.ts';

export interface ControlOptions {
  readonly path: string;
  readonly system: System;
  readonly clock: Clock;
  readonly logger: LevelledLogger;
  readonly startedAtMs: number;
  reload(): void;
}

/** Returns the function that closes it. Rejects with `BindError`. */
export async function openControl(options: ControlOptions): Promise<() => Promise<void>> {
  const { path, system, clock, logger, startedAtMs } = options;
  if (process.platform === 'win32') {
    throw new CommandError('--control opens a Unix socket, which this system has not');
  }
  const control = acceptControl(
    controlHandler({
      system,
      clock,
      version: packageVersion(),
      startedAtMs,
      memory: () => {
        const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
        return { rss, heapUsed, external, arrayBuffers };
      },
      logLevels: LOG_LEVELS,
      get logLevel() {
        return logger.level;
      },
      set logLevel(level) {
        logger.level = level;
      },
      reload: () => options.reload(),
      // As anybody else would, once the reply is out.
      stop: () => void clock.schedule(0, () => process.kill(process.pid, 'SIGTERM')),
      writeFile: writeLines,
      readFile: readText,
    }),
  );
  const onBug = (err: unknown, where: string): void =>
    logger.error({ err, where }, 'bug: a callback threw');
  const listener = await listenLocal(path, (connection) => control.onConnection(connection), onBug);
  logger.info({ path }, 'control socket open');
  return async () => {
    await listener.close();
    control.close();
  };
}

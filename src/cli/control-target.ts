/** What the commands of the control socket get of the machine: files, signals, memory, the log. */

import type { ControlledSystem, ControlTarget } from '../app/control/commands.ts';
import type { Clock } from '../net/ports.ts';
import { readText, writeLines } from './cache-file.ts';
import { LOG_LEVELS, type LevelledLogger } from './logger.ts';
import { packageVersion } from './version.ts';

export interface ControlledMachine {
  readonly system: ControlledSystem;
  readonly keeper?: ControlTarget['keeper'];
  readonly queryLog?: ControlTarget['queryLog'];
  readonly clock: Clock;
  readonly logger: LevelledLogger;
  readonly startedAtMs: number;
  readonly reload: ControlTarget['reload'];
}

export function controlTarget({
  system,
  clock,
  logger,
  ...machine
}: ControlledMachine): ControlTarget {
  return {
    system,
    ...(machine.keeper && { keeper: machine.keeper }),
    ...(machine.queryLog && { queryLog: machine.queryLog }),
    clock,
    version: packageVersion(),
    startedAtMs: machine.startedAtMs,
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
    reload: () => machine.reload(),
    // As anybody else would, once the reply is out.
    stop: () => void clock.schedule(0, () => process.kill(process.pid, 'SIGTERM')),
    writeFile: writeLines,
    readFile: readText,
  };
}

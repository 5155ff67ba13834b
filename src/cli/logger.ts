/**
 * Logs by pino: one JSON object a line, or, on a terminal, one readable line. Written to standard
 * error, which leaves standard output to what commands print.
 */

import { pino } from 'pino';
import type { Logger } from '../net/logger.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The level may be changed while it is in use. */
export interface LevelledLogger extends Logger {
  level: string;
}

export async function createLogger(level: LogLevel): Promise<LevelledLogger> {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.err },
  };
  if (!process.stderr.isTTY) {
    const plain: LevelledLogger = pino(options, pino.destination({ dest: 2, sync: true }));
    return plain;
  }
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    destination: 2,
    sync: true,
    colorize: process.env['NO_COLOR'] === undefined,
    translateTime: 'HH:MM:ss.l',
    singleLine: true,
    // pino-pretty shows an error's stack on lines of its own, whatever `singleLine` says.
    errorLikeObjectKeys: ['err'],
  });
  const readable: LevelledLogger = pino(options, stream);
  return readable;
}

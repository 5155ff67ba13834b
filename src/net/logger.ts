/**
 * What the code below `cli` knows of logging: an object with four levels. `cli` passes pino;
 * tests pass nothing. Fields come first, as pino takes them; names from the network must be text
 * made by `DnsName.toString`, which escapes every byte that a terminal could act upon.
 */

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** Debug lines are costly to build: ask first. */
  isLevelEnabled(level: 'debug' | 'info' | 'warn' | 'error'): boolean;
}

export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  isLevelEnabled: () => false,
};

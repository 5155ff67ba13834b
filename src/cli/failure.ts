/** Failures of a command that end it with one clear message and no stack trace. */

import { DnsError } from '../net/errors.ts';

/** Something outside is not as the command needs it: a file, an address. Exit status 1. */
export class CommandError extends DnsError {
  readonly code = 'TSDNS_COMMAND';
}

/** What went wrong with a file, in the words of the operating system's error code. */
export function fileFailure(file: string, error: unknown): CommandError {
  return new CommandError(`cannot read ${file}: ${failureReason(error)}`, { cause: error });
}

/** What the operating system said, in words that fit behind a colon. */
export function failureReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS.get(code) ?? (error instanceof Error ? error.message : String(error));
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a directory'],
  ['ENXIO', 'it is no regular file'],
  ['ENOTDIR', 'a part of the path is not a directory'],
]);

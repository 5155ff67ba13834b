/** Files of any length, written as their parts are made, and whole or not at all. */

import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

import { CommandError, failureReason } from '../failure.ts';

/** Characters written at once. */
const CHUNK_LENGTH = 65_536;

/**
 * Throws `CommandError` when the file cannot be written. Until all parts are there, what had this
 * name before stays: whoever is interrupted, or runs out of room, has not lost it.
 */
export function writeFile(file: string, parts: Iterable<string>): void {
  const next = isReplaceable(file) ? `${file}.${process.pid}.part` : file;
  try {
    writeAll(next, parts);
    if (next !== file) renameSync(next, file);
  } catch (error) {
    if (next !== file) rmSync(next, { force: true });
    throw new CommandError(`cannot write ${file}: ${failureReason(error)}`, { cause: error });
  }
}

/**
 * Before a long run: throws `CommandError` where a file could not be written after it. Names that
 * are undefined are of files that nobody wants.
 */
export function checkWritable(...files: readonly (string | undefined)[]): void {
  for (const file of files) {
    if (file === undefined || file === '-') continue;
    try {
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
        throw new CommandError(`cannot write ${file}: it is a directory`);
      }
      accessSync(isReplaceable(file) ? dirname(file) : file, constants.W_OK);
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw new CommandError(`cannot write ${file}: ${failureReason(error)}`, { cause: error });
    }
  }
}

/** Not a device, a pipe or a link: these are written to as they are. */
function isReplaceable(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
}

function writeAll(file: string, parts: Iterable<string>): void {
  // An interrupt in the middle ends the program after the file, not within it.
  process.off('SIGINT', interruptAgain).once('SIGINT', interruptAgain);
  const descriptor = openSync(file, 'w');
  try {
    let text = '';
    for (const part of parts) {
      text += part;
      if (text.length < CHUNK_LENGTH) continue;
      writeSync(descriptor, text);
      text = '';
    }
    writeSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

function interruptAgain(): void {
  process.kill(process.pid, 'SIGINT');
}

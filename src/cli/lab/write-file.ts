/** Files of any length, written as their parts are made. */

import { closeSync, openSync, writeSync } from 'node:fs';

import { CommandError, failureReason } from '../failure.ts';

/** Characters written at once. */
const CHUNK_LENGTH = 65_536;

/** Throws `CommandError` when the file cannot be written. */
export function writeFile(file: string, parts: Iterable<string>): void {
  try {
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
  } catch (error) {
    throw new CommandError(`cannot write ${file}: ${failureReason(error)}`, { cause: error });
  }
}

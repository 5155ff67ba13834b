/**
 * Reads many files one after the other into the same buffer, which grows to the largest; and says
 * what of the disk is not read at all.
 */

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { masterFileLimits } from '../zone/master-file.ts';
import { CommandError, fileFailure } from './failure.ts';

const FIRST_OCTETS = 65536;
/**
 * Systems read regular files page by page, and none has smaller pages: what a first read gives of
 * one, if it is less, is all of it, or an error. So no second read is needed to find the end.
 */
const PAGE_OCTETS = 4096;

/** How to open a file: one that is a pipe would wait for somebody to write to it. */
export const WITHOUT_WAITING: number = constants.O_RDONLY | constants.O_NONBLOCK;

/** Why this is not read: reading a pipe or a device might never end. */
export function refusalOf(stats: Stats): string | undefined {
  if (stats.isDirectory()) return 'it is a directory';
  if (!stats.isFile()) return 'it is no regular file';
  return stats.size > masterFileLimits.octets ? TOO_LARGE : undefined;
}

const TOO_LARGE = `the file is larger than ${masterFileLimits.octets} octets`;

export class FileReader {
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_OCTETS);

  /**
   * The file's octets, until the next call. Of one that is known to be a regular file (`isRegular`)
   * this is not asked again: of thousands of small ones that would be a tenth of the time. Throws
   * `CommandError`.
   */
  read(file: string, isRegular = false): Uint8Array {
    try {
      const descriptor = openSync(file, WITHOUT_WAITING);
      try {
        const refusal = isRegular ? undefined : refusalOf(fstatSync(descriptor));
        if (refusal !== undefined) throw new CommandError(`cannot read ${file}: ${refusal}`);
        const length = this.#readAll(descriptor, file, isRegular);
        return this.#buffer.subarray(0, length);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw fileFailure(file, error);
    }
  }

  /**
   * Frees the memory now. The garbage collector would do so too, but not before there is need for
   * memory; a message that nobody receives is freed with its channel.
   */
  close(): void {
    const { port1, port2 } = new MessageChannel();
    const { buffer } = this.#buffer;
    this.#buffer = new Uint8Array(0);
    port1.postMessage(buffer, [buffer]);
    port1.close();
    port2.close();
  }

  #readAll(descriptor: number, file: string, isRegular: boolean): number {
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, this.#buffer, length, this.#buffer.length - length, null);
      if (count === 0) return length;
      length += count;
      if (isRegular && length < PAGE_OCTETS) return length;
      if (length > masterFileLimits.octets) {
        throw new CommandError(`cannot read ${file}: ${TOO_LARGE}`);
      }
      if (length === this.#buffer.length) this.#grow(descriptor);
    }
  }

  #grow(descriptor: number): void {
    const { size } = fstatSync(descriptor);
    const next = Math.max(2 * this.#buffer.length, Math.min(size, masterFileLimits.octets) + 1);
    const larger = new Uint8Array(next);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

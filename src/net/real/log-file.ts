/**
 * A file of this machine behind the `LogFile` port. One write is one call, at the end of the file
 * whoever else writes (O_APPEND), so that lines stay whole. A FIFO or a terminal may stand in place
 * of a file: nobody waits for its reader, to come or to read.
 */

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Appended, LogFile, Reopened } from '../log-file.ts';

/** A group of operators may read it; nobody else, as it tells who asked for what. */
const MODE = 0o640;

const FLAGS =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_NOCTTY |
  // Else opening a FIFO would wait for its reader.
  constants.O_NONBLOCK;

const logFileLimits = {
  /** What the kernel writes to a FIFO as a whole or not at all (POSIX's PIPE_BUF, on Linux). */
  pipeOctets: 4096,
  /** A reader that is slow is tried again after so long, so many times. */
  againMs: 20,
  tries: 25,
} as const;

/** Is opened when it is needed first, or before by `reopen`. */
export function createLogFile(path: string): LogFile {
  return new RealLogFile(path);
}

class RealLogFile implements LogFile {
  readonly name: string;
  #handle: FileHandle | undefined;
  #isRegular = true;
  /** The last write ended within a line. */
  #isTorn = false;

  constructor(path: string) {
    this.name = path;
  }

  async append(octets: Uint8Array): Promise<Appended> {
    let written = 0;
    try {
      this.#handle ??= await this.#open();
      while (written < octets.length) written += await this.#write(this.#handle, octets, written);
      return { octets: written };
    } catch (error) {
      this.#isTorn ||= written > 0 && octets[written - 1] !== NEWLINE;
      return { octets: written, problem: `cannot write to ${this.name}: ${reasonOf(error)}` };
    }
  }

  async reopen(): Promise<Reopened> {
    const before = this.#handle;
    try {
      this.#handle = await this.#open();
      this.#isTorn = false;
      await before?.close();
      return {};
    } catch (error) {
      return { problem: `cannot open ${this.name}: ${reasonOf(error)}` };
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    // What could not be written was told of.
    await handle?.close().catch(() => undefined);
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.name, FLAGS, MODE);
    this.#isRegular = (await handle.stat()).isFile();
    return handle;
  }

  /** How many octets from `start` on were written. */
  async #write(handle: FileHandle, octets: Uint8Array, start: number): Promise<number> {
    const end = this.#isRegular ? octets.length : endOfLines(octets, start);
    if (!this.#isTorn)
      return (await patiently(() => handle.write(octets, start, end - start))).bytesWritten;
    // Half of a line is one that nobody can read; the next is to be whole.
    const { bytesWritten } = await handle.writev([
      Uint8Array.of(NEWLINE),
      octets.subarray(start, end),
    ]);
    this.#isTorn = false;
    return Math.max(0, bytesWritten - 1);
  }
}

const NEWLINE = 0x0a;

/** As many whole lines as one write to a FIFO takes. */
function endOfLines(octets: Uint8Array, start: number): number {
  const most = start + logFileLimits.pipeOctets;
  if (most >= octets.length) return octets.length;
  const last = octets.lastIndexOf(NEWLINE, most - 1);
  return last < start ? most : last + 1;
}

async function patiently<Value>(write: () => Promise<Value>): Promise<Value> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN' || tries === logFileLimits.tries) throw error;
    }
    await setTimeout(logFileLimits.againMs);
  }
}

/** What an operator can do something about. */
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such folder'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENXIO', 'nobody reads from it'],
  ['EPIPE', 'nobody reads from it any more'],
  ['EAGAIN', 'its reader is too slow'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the quota is used up'],
  ['EFBIG', 'it is as large as a file may be'],
  ['EMFILE', 'too many open files'],
  ['ENFILE', 'too many open files'],
]);

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const reason = REASONS.get(code);
  return reason === undefined ? message : `${reason} (${String(code)})`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

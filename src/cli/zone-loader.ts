/**
 * Loads zones while the server answers. A file that this thread would be busy with for longer than
 * a query may wait is read in another one, whose image is then opened here: both are the same
 * memory, so nothing is copied. The other thread stays for the files that follow.
 */

import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { Zone } from '../zone/zone.ts';
import type { ZoneSource } from './options.ts';
import { readOutcome, type FileOutcome, type LoadOutcome } from './zone-files.ts';
import { carried, opened } from './zone-carriage.ts';

const loaderLimits = {
  /**
   * Octets of a file that is read here: at the 20 to 50 MB a second of code that is not compiled
   * yet, some 5 ms.
   */
  octets: 131_072,
} as const;

export class ZoneLoader {
  readonly #program: URL;
  #thread: LoadThread | undefined;

  /** `program` is the other thread's: tests run from sources, which no thread can. */
  constructor(program: URL = PROGRAM) {
    this.#program = program;
  }

  /** One file at a time; `before` is what was loaded from it last. */
  async load(source: ZoneSource, before?: Zone): Promise<FileOutcome> {
    // What a file includes counts as well, and the version before tells how much that was.
    const octets = (await sizeOf(source.file)) + (before?.image.byteLength ?? 0);
    if (octets <= loaderLimits.octets) return readOutcome(source);
    this.#thread ??= new LoadThread(this.#program);
    const outcome = await this.#thread.load(source);
    if (!this.#thread.isAlive) this.#thread = undefined;
    return outcome;
  }

  close(): void {
    this.#thread?.stop();
    this.#thread = undefined;
  }
}

const PROGRAM = new URL('./zone-loader-thread.js', import.meta.url);

/** A file that cannot be read is small: saying so takes no time. */
async function sizeOf(file: string): Promise<number> {
  const stats = await stat(file).catch(() => undefined);
  return stats?.size ?? 0;
}

class LoadThread {
  isAlive = true;
  readonly #worker: Worker;
  /** Takes the outcome of the file that is under way. */
  #settle: (outcome: FileOutcome) => void = () => undefined;
  #file = '';

  constructor(program: URL) {
    this.#worker = new Worker(program)
      .on('message', (outcome: LoadOutcome) => this.#settle(opened(outcome)))
      .on('error', (error) => this.#fail(`its thread failed: ${error.message}`))
      .on('exit', (status) => this.#fail(`its thread ended with status ${status}`));
  }

  load(source: ZoneSource): Promise<FileOutcome> {
    this.#file = source.file;
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#worker.postMessage(carried(source), []);
    });
  }

  /** A file under way comes to an end, too. */
  stop(): void {
    void this.#worker.terminate();
  }

  #fail(reason: string): void {
    this.isAlive = false;
    const message = `cannot load ${this.#file}: ${reason}`;
    this.#settle({ kind: 'fault', message, included: undefined });
  }
}

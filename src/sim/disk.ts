/**
 * A disk in a simulated world. It outlives the programs that use it: `crash` is the end of the
 * machine, after which calls of before never come back, and the next program opens the disk anew.
 *
 *     append, replace … ─► in flight, `syncMs` ─► on the platter ─► the call resolves
 *                             └─ crash: all of it, none of it, or a part of what was appended
 */

import { joinOctets } from '../net/join-octets.ts';
import { StorageError } from '../net/errors.ts';
import type { Clock } from '../net/ports.ts';
import type { Storage } from '../net/storage.ts';
import { SeededRandom } from './random.ts';

export interface DiskOptions {
  readonly seed: number | string;
  /** Virtual time from a write to its end. Default 1 ms. */
  readonly syncMs?: number;
}

/** A change on its way: what the file becomes when it is done, and what a crash may make of it. */
interface InFlight {
  readonly file: string;
  readonly done: Uint8Array | undefined;
  /** Of an append, how much of the file was there before. */
  readonly keptOctets: number | undefined;
}

export class SimDisk {
  readonly #random: SeededRandom;
  readonly #syncMs: number;
  readonly #files = new Map<string, Uint8Array>();
  readonly #inFlight = new Set<InFlight>();
  /** Of the program that is running; calls of an earlier one are void. */
  #life = 0;
  /** The writes to come that fail, and how. */
  readonly #faults: ('before' | 'halfway')[] = [];
  #writes = 0;

  constructor({ seed, syncMs = 1 }: DiskOptions) {
    this.#random = new SeededRandom(String(seed), 'disk');
    this.#syncMs = syncMs;
  }

  /** Writes that were begun so far. */
  get writes(): number {
    return this.#writes;
  }

  /** The disk as the program sees it that is started now; `clock` is its host's. */
  open(clock: Clock): Storage {
    const life = ++this.#life;
    const write = (change: InFlight): Promise<void> => this.#write(change, clock, life);
    return {
      read: (file) => Promise.resolve(copied(this.#files.get(file))),
      replace: (file, parts) =>
        write({ file, done: joinOctets([...parts]), keptOctets: undefined }),
      append: (file, octets) => {
        const before = this.#files.get(file) ?? NOTHING;
        const done = joinOctets([before, octets]);
        return write({ file, done, keptOctets: before.length });
      },
      truncate: (file, length) => {
        const before = this.#files.get(file);
        if (!before) return Promise.reject(new StorageError(`cannot write ${file}: ENOENT`));
        return write({ file, done: before.slice(0, length), keptOctets: undefined });
      },
      remove: (file) => write({ file, done: undefined, keptOctets: undefined }),
    };
  }

  /** The machine loses its power now. Whoever was waiting for the disk is gone. */
  crash(): void {
    this.#life++;
    for (const { file, done, keptOctets } of this.#inFlight) {
      if (keptOctets === undefined) {
        if (this.#random.below(2) === 0) this.#put(file, done);
        continue;
      }
      const length = keptOctets + this.#random.below(done!.length - keptOctets + 1);
      this.#put(file, done!.slice(0, length));
    }
    this.#inFlight.clear();
  }

  /** The next writes fail, one for each: nothing of it is there, or half of what was appended. */
  failNext(...faults: readonly ('before' | 'halfway')[]): void {
    this.#faults.push(...faults);
  }

  /** What is on the platter, for tests that spoil it. */
  contents(file: string): Uint8Array | undefined {
    return copied(this.#files.get(file));
  }

  /** Puts octets there as no program would. */
  spoil(file: string, octets: Uint8Array): void {
    this.#put(file, octets.slice());
  }

  #write(change: InFlight, clock: Clock, life: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (life !== this.#life) return;
      this.#writes++;
      const fault = this.#faults.shift();
      this.#inFlight.add(change);
      clock.schedule(this.#syncMs, () => {
        if (life !== this.#life || !this.#inFlight.delete(change)) return;
        const { file, done, keptOctets } = change;
        if (fault === undefined) {
          this.#put(file, done);
          resolve();
          return;
        }
        if (fault === 'halfway' && keptOctets !== undefined) {
          this.#put(file, done!.slice(0, (keptOctets + done!.length) >> 1));
        }
        reject(new StorageError(`cannot write ${file}: ENOSPC`));
      });
    });
  }

  #put(file: string, octets: Uint8Array | undefined): void {
    if (octets) this.#files.set(file, octets);
    else this.#files.delete(file);
  }
}

const NOTHING = new Uint8Array(0);

function copied(octets: Uint8Array | undefined): Uint8Array | undefined {
  return octets && octets.slice();
}

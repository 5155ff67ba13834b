/**
 * A disk on which a write that was torn by a crash does no harm: every value is written twice, each
 * copy with a number and a check. A crash spoils the copy that was being written, so that the other
 * one is whole: the first, and the write has happened, or the second, and it has not.
 * (Databases call it a double-write buffer.)
 */

import { finish, hashBytes, mix } from '../../sim/hash.ts';
import type { Disk } from '../process/process.ts';

/** More keys are named anew each time. */
const MAX_NAMES = 100;
/** Number of the write and check, 32 bits each. */
const HEADER_OCTETS = 8;

export class TwiceWritten implements Disk {
  readonly #disk: Disk;
  /** By key, the number of its last write. */
  readonly #writes = new Map<string, number>();
  /** What its two copies are called. */
  readonly #names = new Map<string, readonly [first: string, second: string]>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** What was written last and is whole. */
  read(key: string): Uint8Array | undefined {
    const copies = this.#namesOf(key).map((name) => this.#copy(name));
    const [best] = copies
      .filter((copy) => copy !== undefined)
      .toSorted((a, b) => b.number - a.number);
    if (best) this.#writes.set(key, best.number);
    return best?.bytes;
  }

  write(key: string, bytes: Uint8Array): void {
    const known = this.#writes.get(key);
    if (known === undefined) this.read(key);
    const number = (this.#writes.get(key) ?? 0) + 1;
    this.#writes.set(key, number);
    const copy = new Uint8Array(HEADER_OCTETS + bytes.length);
    const view = new DataView(copy.buffer);
    view.setUint32(0, number);
    copy.set(bytes, HEADER_OCTETS);
    view.setUint32(4, checkOf(number, bytes));
    const [first, second] = this.#namesOf(key);
    this.#disk.write(first, copy);
    this.#disk.write(second, copy);
  }

  #namesOf(key: string): readonly [first: string, second: string] {
    const names = this.#names.get(key) ?? ([`${key} (1)`, `${key} (2)`] as const);
    if (this.#names.size < MAX_NAMES) this.#names.set(key, names);
    return names;
  }

  #copy(key: string): { readonly number: number; readonly bytes: Uint8Array } | undefined {
    const copy = this.#disk.read(key);
    if (copy === undefined || copy.length < HEADER_OCTETS) return undefined;
    const view = new DataView(copy.buffer, copy.byteOffset, copy.length);
    const [number, check] = [view.getUint32(0), view.getUint32(4)];
    const bytes = copy.subarray(HEADER_OCTETS);
    return checkOf(number, bytes) === check ? { number, bytes } : undefined;
  }
}

/** Four octets at a time, since a log is long; the same on whatever machine wrote it. */
function checkOf(number: number, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - (bytes.length % 4);
  let hash = number;
  for (let place = 0; place < end; place += 4) hash = mix(hash, view.getInt32(place));
  return hashBytes(finish(hash), bytes.subarray(end));
}

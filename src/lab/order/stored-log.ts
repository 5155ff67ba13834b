/** What a replica must not forget: its views and its log, written to the disk entry by entry. */

import type { Disk } from '../process/process.ts';
import { readNumber, writeNumber } from './disk-number.ts';
import { type Entry, packEntries, unpackEntries } from './log-entries.ts';

export class StoredLog {
  readonly #disk: Disk;
  readonly #entries: Entry[] = [];
  #view: number;
  #normalView: number;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#view = readNumber(disk, 'view');
    this.#normalView = readNumber(disk, 'normal view');
    const length = readNumber(disk, 'length');
    for (let index = 1; index <= length; index += 1) {
      const bytes = disk.read(`entry ${index}`);
      this.#entries.push(...((bytes && unpackEntries(bytes)) ?? []));
    }
  }

  /** The largest view that this node has heard of: nothing of a smaller one counts any more. */
  get view(): number {
    return this.#view;
  }

  set view(view: number) {
    this.#view = view;
    writeNumber(this.#disk, 'view', view);
  }

  /** The view whose log this is. */
  get normalView(): number {
    return this.#normalView;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** By index, from 1. */
  at(index: number): Entry | undefined {
    return this.#entries[index - 1];
  }

  from(index: number, count: number = Infinity): readonly Entry[] {
    return this.#entries.slice(index - 1, index - 1 + count);
  }

  append(entry: Entry): void {
    this.#entries.push(entry);
    this.#disk.write(`entry ${this.length}`, packEntries([entry]));
    writeNumber(this.#disk, 'length', this.length);
  }

  /** Takes the log of a view that begins. */
  replace(view: number, entries: readonly Entry[]): void {
    this.#entries.length = 0;
    for (const entry of entries) this.append(entry);
    writeNumber(this.#disk, 'length', entries.length);
    this.view = view;
    this.#normalView = view;
    writeNumber(this.#disk, 'normal view', view);
  }
}

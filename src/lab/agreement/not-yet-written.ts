/** A disk that says that it has written what it only remembers for a while: for a mutant. */

import type { Disk } from '../process/process.ts';

/** Of a server; as long as an operating system may keep a write that nobody synchronised. */
const TICKS_TO_FLUSH = 10;

export class NotYetWritten implements Disk {
  readonly #disk: Disk;
  #ticks = 0;
  readonly #pending = new Map<string, Uint8Array>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  read(key: string): Uint8Array | undefined {
    return this.#pending.get(key) ?? this.#disk.read(key);
  }

  write(key: string, bytes: Uint8Array): void {
    this.#pending.set(key, new Uint8Array(bytes));
  }

  /** Called at every tick. */
  tick(): void {
    this.#ticks += 1;
    if (this.#ticks % TICKS_TO_FLUSH > 0) return;
    for (const [key, bytes] of this.#pending) this.#disk.write(key, bytes);
    this.#pending.clear();
  }
}

/** A disk that says that it has written what it only remembers until `flush`: for a mutant. */

import type { Disk } from '../process/process.ts';

export class NotYetWritten implements Disk {
  readonly #disk: Disk;
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

  flush(): void {
    for (const [key, bytes] of this.#pending) this.#disk.write(key, bytes);
    this.#pending.clear();
  }
}

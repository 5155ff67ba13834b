/**
 * The port to what outlives the process: files that are replaced whole or grow at their end. What
 * a call has resolved for survives a crash of the process and, as far as the disk is honest, of the
 * machine. `net/real/storage.ts` is the machine's disk, `sim/disk.ts` one in a simulated world
 * that crashes at will.
 *
 * After a crash in the middle of a call, `replace` and `remove` have happened or not; of an
 * `append` any number of its octets may be there (a torn write), so whoever appends recognises its
 * own halves by a checksum. Calls for one file must not overlap; those for different ones may.
 */

export interface Storage {
  /** All octets of the file, undefined when there is none. Rejects with `StorageError`. */
  read(file: string): Promise<Uint8Array | undefined>;
  /**
   * Puts `parts`, one behind the other, in place of the whole file, which is made when there is
   * none. Rejects with `StorageError`; the file is then what it was.
   */
  replace(file: string, parts: Iterable<Uint8Array>): Promise<void>;
  /**
   * Adds `octets` at the end of the file, which is made when there is none. Rejects with
   * `StorageError`; some of the octets may be there then, until `truncate` takes them away.
   */
  append(file: string, octets: Uint8Array): Promise<void>;
  /** Leaves the first `length` octets of the file. Rejects with `StorageError`. */
  truncate(file: string, length: number): Promise<void>;
  /** A file that is not there is no error. Rejects with `StorageError`. */
  remove(file: string): Promise<void>;
}

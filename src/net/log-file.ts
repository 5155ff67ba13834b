/**
 * The port to a file that others rotate: it only grows, several may write to it, and it is opened
 * anew under its name when somebody says so. `net/real/log-file.ts` is one of this machine.
 *
 * Calls must not overlap.
 */

export interface LogFile {
  /** For people. */
  readonly name: string;
  /**
   * Adds whole lines at the end of the file, in such a way that those of others do not come between
   * them. `octets` must not change until then. Does not reject.
   */
  append(octets: Uint8Array): Promise<Appended>;
  /** What stands under its name now is written to from now on; else what was before. */
  reopen(): Promise<Reopened>;
  close(): Promise<void>;
}

export interface Appended {
  /** So many octets are in the file. */
  readonly octets: number;
  /** Why not all of them, with the place. */
  readonly problem?: string;
}

/** Why it could not be opened, with the place. */
export interface Reopened {
  readonly problem?: string;
}

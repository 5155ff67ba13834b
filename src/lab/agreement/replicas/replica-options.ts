/** How a replica is set up: what it replicates, and how it hears of the others. */

export const MERGES = ['lww-wall', 'lww-hlc', 'mvr', 'gset', 'pncounter', 'orset', 'text'] as const;
export type Merge = (typeof MERGES)[number];

export type ReplicaMutant =
  | 'skewed-clock'
  | 'mine-wins'
  | 'forgets-others'
  | 'sums'
  | 'no-tags'
  | 'no-tombstones'
  | 'no-order'
  | 'ack-before-persist'
  | 'no-anti-entropy';

export interface ReplicaOptions {
  readonly merge: Merge;
  /** Between two questions whether somebody knows more. */
  readonly periodNs: number;
  /** An update is sent to all others at once. */
  readonly pushes: boolean;
  /** A user who sees several values writes the greatest of them: the later date. */
  readonly resolves: boolean;
  readonly mutant?: ReplicaMutant | undefined;
}

/** How a store with quorums is set up. */

export const REPAIRS = ['none', 'after', 'before'] as const;
export type Repair = (typeof REPAIRS)[number];

export type QuorumMutant =
  'one-short' | 'drops-hint' | 'last-arrival' | 'answers-first' | 'ack-before-persist';

export interface QuorumOptions {
  /** Nodes 0 to `homes` − 1 keep the value, N. */
  readonly homes: number;
  /** Answers that a read waits for, R; and every so many-th read for N − W + 1; 0: none. */
  readonly readQuorum: number;
  readonly strongEvery: number;
  /** Acknowledgements that a write waits for, W. */
  readonly writeQuorum: number;
  /** All N are asked, rather than as many as have to answer, drawn by chance. */
  readonly asksAll: boolean;
  /** Who cannot reach enough of the N takes others, who pass on later what they keep. */
  readonly isSloppy: boolean;
  /** Readers tell those of them that are behind: after they have answered, or before. */
  readonly repair: Repair;
  /** Between two rounds in which one of the N compares what it has with another; 0: never. */
  readonly periodNs: number;
  /** Until a client is told that it did not work. */
  readonly timeoutNs: number;
  readonly mutant?: QuorumMutant | undefined;
}

/** By the number of its message: odd ones read. */
export function isRead(message: number): boolean {
  return message % 2 === 1;
}

/** Whether this read asks so many that it must meet every acknowledged write. */
export function isStrong(message: number, strongEvery: number): boolean {
  return strongEvery > 0 && isRead(message) && ((message - 1) / 2) % strongEvery === 0;
}

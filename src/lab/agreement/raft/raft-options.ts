/** How a Raft server is set up, and what it keeps the log for. */

import type { NodeId } from '../../process/process.ts';
import type { RaftEntry } from './raft-log.ts';

export type RaftMutant =
  | 'ack-before-persist'
  | 'commit-old-term'
  | 'forget-vote'
  | 'no-log-check'
  | 'no-term-check'
  | 'minority-commit'
  | 'no-truncate'
  | 'trust-disk';

export interface RaftOptions {
  /** Between two heartbeats of a leader, and between two attempts at what was not answered. */
  readonly heartbeatNs: number;
  /** A server waits for its leader from the first to the second of these. */
  readonly timeoutNs: readonly [least: number, most: number];
  /** A server asks whether it could win before it begins a term (Ongaro 2014, §9.6). */
  readonly hasPreVote: boolean;
  /** Entries in one message. */
  readonly batch: number;
  /** Messages with entries that may be under way to one server. */
  readonly window: number;
  /** Applied entries beyond which the log is replaced by a snapshot; 0: never. */
  readonly compactAfter: number;
  readonly mutant?: RaftMutant | undefined;
  /** Who does not wait at its very first start, so that it is known who leads first. */
  readonly standsAtOnce?: NodeId;
  /** Whether this server may vote now, also for itself; default: always. */
  mayVote?(): boolean;
}

/** What the log is for. The same on every server, as long as it sees the same entries. */
export interface StateMachine {
  apply(entry: RaftEntry, index: number): void;
  /** All of the state, as octets. */
  snapshot(): Uint8Array;
  restore(state: Uint8Array): void;
}

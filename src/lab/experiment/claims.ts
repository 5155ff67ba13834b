/**
 * What an experiment claims to survive: the faults under which every one of its checkers must hold,
 * and the values of parameters for which it says so. The fuzzer tries nothing else, so a claim that
 * is missing is never tested, and one that is too bold is found out.
 *
 * A fuzzed run has two phases. First, *safety*: faults of the claimed classes happen, several at a
 * time or none. Then, *liveness*: all that was broken is mended (crashed nodes restart, paused ones
 * resume, partitions heal, no more datagram is touched), and the run goes on for `settle`. Checkers
 * judge the whole: what must never happen, and what must have happened by then.
 */

import type { NodeId } from '../process/process.ts';
import type { Duration } from './duration.ts';
import type { ParameterSet, ValuesOf } from './parameters.ts';

export type FaultClass =
  | 'loss' // single datagrams vanish
  | 'duplication' // single datagrams arrive twice
  | 'reordering' // single datagrams are late, and others overtake them
  | 'crash' // a node stops and restarts with its disk
  | 'torn' // a node stops in the middle of its last write, and restarts
  | 'wipe' // a node stops and restarts without its disk
  | 'pause' // a node stands still for a while; its inbox fills
  | 'partition' // groups of nodes do not reach each other, and heal
  | 'cut' // one direction between two nodes is dead, and heals
  | 'hold' // what one node sends to another waits, then arrives at once
  | 'clog' // what one node sends to another is late for a while
  | 'step' // a wall clock is set ahead or back, and later right again
  | 'drift'; // a crystal runs at another rate, and later as before

export interface Claims<Parameters extends ParameterSet = ParameterSet> {
  /** Empty: the protocol promises its properties only while nothing breaks. */
  readonly survives: readonly FaultClass[];
  /**
   * The values from which the fuzzer draws parameters, each alone; those that are not named keep
   * their defaults. Keep runs short: a few dozen messages find more in ten thousand seeds than a
   * few thousand in ten.
   */
  readonly draw?: { readonly [Name in keyof Parameters]?: readonly ValuesOf<Parameters>[Name][] };
  /** Who may crash, be wiped or pause. Default: every node. */
  mayFail?(values: ValuesOf<Parameters>): readonly NodeId[];
  /** How many may be down at the same time. Default: 1. */
  maxDown?(values: ValuesOf<Parameters>): number;
  /** How wrong 'step' and 'drift' make a clock at most. Default: 1 s, 200 ppm. */
  readonly clocks?: { readonly stepNs: number; readonly ppm: number };
  /** Virtual time from the last fault, and the last command, to the end. Default: '10s'. */
  readonly settle?: Duration;
}

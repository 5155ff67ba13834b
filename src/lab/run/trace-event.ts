/**
 * What happens in a run, as everything that looks at one sees it: meters, checkers, pictures,
 * files. The same in virtual time and on real sockets.
 *
 * Every event but the first of a chain has a cause: a `receive` its `send`, what a process does its
 * start, command, datagram or timer.
 */

import type { NodeId } from '../process/process.ts';

export type LossReason =
  | 'loss' // by chance
  | 'script' // a fault said so
  | 'partition'
  | 'queue' // no room left in a link's queue
  | 'size' // larger than the link takes
  | 'down'; // the receiver had crashed

export type EventKind =
  | 'start'
  | 'submit' // the application handed a message down
  | 'send'
  | 'lose' // at the instant and on the node of the sending
  | 'receive'
  | 'deliver' // the protocol handed a message up
  | 'timer'
  | 'note'
  | 'state' // what a process showed of itself after the event that is the cause
  | 'crash'
  | 'restart'
  | 'pause'
  | 'resume'
  | 'clock' // its wall clock was set, or its crystal runs at another rate
  | 'fault'; // to the network: a partition, a link that changes

export type State = Readonly<Record<string, string | number | boolean>>;

export interface TraceEvent {
  /** 1, 2, 3… in the order of happening. */
  readonly id: number;
  /** The id of the event that led to this one; 0 for none. */
  readonly cause: number;
  readonly kind: EventKind;
  /** True time in nanoseconds since the start of the run, whatever the node's clocks show. */
  readonly atNs: number;
  /** Where; −1 for a fault of the network. */
  readonly node: NodeId;
  /** Of `send` and `lose` the receiver, of `receive` and `deliver` the sender; else −1. */
  readonly peer: NodeId;
  /** Of `send`, `lose`, `receive`: which datagram, from 1; duplicates share it. Else 0. */
  readonly packet: number;
  /** Which copy of the datagram, from 0. */
  readonly copy: number;
  /** Of the datagram's payload, without headers of UDP. */
  readonly octets: number;
  /**
   * Of `submit` and `deliver`: the number of the application's message; −1 when what was delivered
   * is none that anybody submitted. Of `note`: the message that it is about, if any.
   */
  readonly message: number;
  /**
   * `send`, `lose`, `receive`: the tag; `timer`: its name; `note`, `fault`, `clock`: the words;
   * `submit`, `deliver`: which operation, or what became of it, where messages are operations.
   */
  readonly text: string;
  /** What of it: 'data' 3. Of `note` a value, of `clock` by how much. −1 for none. */
  readonly detail: number;
  readonly reason?: LossReason | undefined;
  /**
   * Of `receive`: how long the node worked on the datagram before this instant, which is when its
   * process gets it. The sum over a run is how long the node was busy.
   */
  readonly busyNs?: number;
  /** Of `state`, which only a run that was asked for states has. */
  readonly state?: State | undefined;
}

export type Observer = (event: TraceEvent) => void;

/**
 * What a protocol of the laboratory is: a synchronous state machine, called when something happens
 * to its node, that acts only through its context. The same object runs in virtual time and on real
 * sockets, because it cannot tell the two apart.
 *
 *     start, command, datagram, timer ─► Process ─► Context ─► send, timer, deliver, disk, note
 *
 * A process holds no clock, timer, socket, promise or randomness of its own. When its node crashes
 * the object is thrown away; a restart makes a new one, which finds only what `disk` kept.
 */

import type { Random } from '../../net/ports.ts';

/** A node's place in the list of the run, from 0: what protocols break ties with. */
export type NodeId = number;

/** What the application above hands down and gets back, opaque to the protocol. */
export type Payload = Uint8Array;

export interface Process {
  /** The node has come up, for the first time or again. */
  onStart?(): void;
  /** The application wants `payload` sent, or broadcast, or whatever the experiment is about. */
  onCommand?(payload: Payload): void;
  /** `bytes` are the process's own to keep. They may be anything: peers lie, links corrupt. */
  onDatagram?(from: NodeId, bytes: Uint8Array): void;
  onTimer?(name: string, detail: number): void;
  /** What a picture shows of the state: a few short words a key. Must not change anything. */
  describeState?(): Readonly<Record<string, string | number | boolean>>;
}

export interface ProcessTimer {
  /** Idempotent; the process is not called afterwards. */
  cancel(): void;
}

/** What survives a crash that spares the disk. Writes are durable when they return. */
export interface Disk {
  read(key: string): Uint8Array | undefined;
  write(key: string, bytes: Uint8Array): void;
}

/** What is said of a datagram or a payload in traces. It never travels. */
export interface Label {
  readonly tag: string;
  readonly detail?: number;
}

export interface Context {
  readonly self: NodeId;
  /** Everybody in the run has an id below it. */
  readonly nodeCount: number;
  readonly random: Random;
  readonly disk: Disk;
  /** Nanoseconds on this node's monotonic clock: since an arbitrary start, never backwards. */
  monotonicNs(): number;
  /**
   * Nanoseconds on this node's wall clock since the epoch of the run, as the node believes: may be
   * wrong and may jump. (Not since 1970, which a Number cannot count in nanoseconds.)
   */
  wallNs(): number;
  /**
   * Sends one datagram, which may be lost, doubled, late or changed. `tag` says what sort of
   * message it is ('data', 'ack'…), `detail` which one, for counting and pictures: neither travels.
   */
  send(to: NodeId, bytes: Uint8Array, label: Label): void;
  /** Calls `onTimer(name, detail)` once, after `delayNs` on this node's monotonic clock. */
  setTimer(delayNs: number, name: string, detail?: number): ProcessTimer;
  /**
   * Hands `payload` up to the application: *deliver*, where `onDatagram` was *receive*. A label
   * says what became of an operation: { tag: 'value', detail: 7 }.
   */
  deliver(payload: Payload, from: NodeId, label?: Label): void;
  /**
   * A remark for the trace: 'becomes leader of epoch 3'; with a value, an integer that a meter is
   * to know, and the message that it is about, by its number or as it is.
   */
  note(text: string, value?: number, message?: number | Payload): void;
  /** Sets this node's wall clock ahead by `byNs`, or back: settimeofday(2). */
  stepWall(byNs: number): void;
  /**
   * From now on this node's clocks, and its timers with them, run faster by `ppm` than its crystal:
   * adjtimex(2). At most 100,000 either way.
   */
  steerClock(ppm: number): void;
}

/** Makes the process of one node, at its start and again after each crash. */
export type ProcessFactory = (context: Context) => Process;

/** A datagram of a cast between its sending and whatever becomes of it. */

import type { NodeId } from '../process/process.ts';
import type { Journey, Packet } from './stage.ts';
import type { LossReason } from './trace-event.ts';

export interface FlightPlan extends Packet {
  /** 1, 2, 3… in the order of sending. */
  readonly number: number;
  readonly tag: string;
  readonly detail: number;
}

export interface FlightEnd {
  arrive(flight: Flight, bytes: Uint8Array, copy: number): void;
  lose(flight: Flight, reason: LossReason): void;
}

export class Flight implements Packet, Journey {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly bytes: Uint8Array;
  readonly octets: number;
  readonly number: number;
  readonly tag: string;
  readonly detail: number;
  /** The event of its sending, which is the cause of all that becomes of it. */
  sendEvent = 0;
  readonly #end: FlightEnd;

  constructor({ from, to, bytes, number, tag, detail }: FlightPlan, end: FlightEnd) {
    this.from = from;
    this.to = to;
    this.bytes = bytes;
    this.octets = bytes.length;
    this.number = number;
    this.tag = tag;
    this.detail = detail;
    this.#end = end;
  }

  arrive(bytes: Uint8Array, copy: number): void {
    this.#end.arrive(this, bytes, copy);
  }

  lose(reason: LossReason): void {
    this.#end.lose(this, reason);
  }
}

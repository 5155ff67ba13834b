/**
 * Numbers what happens in a run and tells observers of it. Without observers nothing but the number
 * is made.
 */

import { readPayload } from '../process/payload.ts';
import type { Label, NodeId, Payload } from '../process/process.ts';
import type { Flight } from './flight.ts';
import type { Stage } from './stage.ts';
import type { EventKind, LossReason, Observer, State, TraceEvent } from './trace-event.ts';

interface Words {
  readonly text: string;
  readonly detail?: number;
  readonly message?: Message;
}

/** Its number, or what is to be read for it when somebody listens. */
type Message = number | Payload;

interface MessageTold {
  readonly message: Message;
  readonly peer: NodeId;
  readonly label?: Label | undefined;
}

/** An event until somebody has seen it. */
type Draft = { -readonly [Key in keyof TraceEvent]: TraceEvent[Key] };

const NO_WORDS: Words = { text: '' };

export class Teller {
  /** The event that is being handled: what is told now follows from it. */
  cause = 0;
  readonly #stage: Stage;
  readonly #observers: readonly Observer[];
  #last = 0;
  #isTelling = false;

  constructor(stage: Stage, observers: readonly Observer[]) {
    this.#stage = stage;
    this.#observers = observers;
  }

  /** Observers are at work, not processes. */
  get isTelling(): boolean {
    return this.#isTelling;
  }

  get eventCount(): number {
    return this.#last;
  }

  // Each returns the number of the event.

  /** What has a node and perhaps a few words. */
  happening(
    kind: EventKind,
    node: NodeId,
    { text, detail = -1, message = -1 }: Words = NO_WORDS,
  ): number {
    if (!this.#isHeard()) return this.#last;
    const event = this.#blank(kind, node);
    event.text = text;
    event.detail = detail;
    event.message = numberOf(message);
    return this.#tell(event);
  }

  state(node: NodeId, state: State): void {
    if (!this.#isHeard()) return;
    const event = this.#blank('state', node);
    event.state = state;
    this.#tell(event);
  }

  message(kind: 'submit' | 'deliver', node: NodeId, { message, peer, label }: MessageTold): number {
    if (!this.#isHeard()) return this.#last;
    const event = this.#blank(kind, node);
    event.message = numberOf(message);
    event.peer = peer;
    if (label !== undefined) {
      event.text = label.tag;
      event.detail = label.detail ?? -1;
    }
    return this.#tell(event);
  }

  sent(flight: Flight): number {
    if (!this.#isHeard()) return this.#last;
    const event = this.#blank('send', flight.from);
    event.peer = flight.to;
    return this.#tellPacket(event, flight);
  }

  received(flight: Flight, copy: number, busyNs: number): number {
    if (!this.#isHeard()) return this.#last;
    const event = this.#blank('receive', flight.to);
    event.cause = flight.sendEvent;
    event.peer = flight.from;
    event.copy = copy;
    event.busyNs = busyNs;
    return this.#tellPacket(event, flight);
  }

  lost(flight: Flight, reason: LossReason): void {
    if (!this.#isHeard()) return;
    const event = this.#blank('lose', flight.from);
    event.cause = flight.sendEvent;
    event.peer = flight.to;
    event.reason = reason;
    this.#tellPacket(event, flight);
  }

  #isHeard(): boolean {
    this.#last += 1;
    return this.#observers.length > 0;
  }

  #tellPacket(event: Draft, flight: Flight): number {
    event.packet = flight.number;
    event.octets = flight.octets;
    event.text = flight.tag;
    event.detail = flight.detail;
    return this.#tell(event);
  }

  /** All members always and in one order: one shape, which observers read fast. */
  #blank(kind: EventKind, node: NodeId): Draft {
    return {
      id: this.#last,
      cause: this.cause,
      kind,
      atNs: this.#stage.nowNs(),
      node,
      peer: -1,
      packet: 0,
      copy: 0,
      octets: 0,
      message: -1,
      text: '',
      detail: -1,
      reason: undefined,
      busyNs: 0,
      state: undefined,
    };
  }

  #tell(event: TraceEvent): number {
    this.#isTelling = true;
    for (const observe of this.#observers) observe(event);
    this.#isTelling = false;
    return event.id;
  }
}

function numberOf(message: Message): number {
  return typeof message === 'number' ? message : (readPayload(message) ?? -1);
}

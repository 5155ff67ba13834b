/**
 * The layer between *receive* and *deliver*: a protocol hands it every message that it receives,
 * with its sequence number, and the layer decides what the application gets, and when. Layers are
 * independent of protocols; what a layer promises is in `promises.ts`.
 */

import { NumberSet } from '../process/number-set.ts';
import { readPayload } from '../process/payload.ts';
import type { Context, NodeId, Payload } from '../process/process.ts';

export const LAYERS = [
  'raw',
  'dedup',
  'sequenced-drop-late',
  'reliable-unordered',
  'reliable-ordered',
  'exactly-once',
] as const;
export type Layer = (typeof LAYERS)[number];

/** A message that arrived; `sequence` counts the sender's messages from 0. */
export interface Arrival {
  readonly sequence: number;
  readonly payload: Payload;
  readonly from: NodeId;
}
export type DeliveryLayer = (arrival: Arrival) => void;

export function deliveryLayer(layer: Layer, context: Context): DeliveryLayer {
  switch (layer) {
    case 'raw':
      return ({ payload, from }) => context.deliver(payload, from);
    case 'dedup':
    case 'reliable-unordered':
      return withoutCopies(context);
    case 'sequenced-drop-late':
      return newestOnly(context);
    case 'reliable-ordered':
      return inOrder(context);
    case 'exactly-once':
      return onceForEver(context);
  }
}

/** At once, but never twice. */
function withoutCopies(context: Context): DeliveryLayer {
  const seen = new NumberSet();
  return ({ sequence, payload, from }) => {
    if (seen.add(sequence)) context.deliver(payload, from);
  };
}

/** At once, unless something newer was delivered already: then it is worth nothing any more. */
function newestOnly(context: Context): DeliveryLayer {
  let newest = -1;
  return ({ sequence, payload, from }) => {
    if (sequence <= newest) return;
    newest = sequence;
    context.deliver(payload, from);
  };
}

/** Holds back what comes early until what it waits for is there. */
function inOrder(context: Context): DeliveryLayer {
  const heldBack = new Map<number, Arrival>();
  let next = 0;
  return (arrival) => {
    if (arrival.sequence < next) return;
    heldBack.set(arrival.sequence, arrival);
    for (let ready = heldBack.get(next); ready !== undefined; ready = heldBack.get(next)) {
      heldBack.delete(next);
      next += 1;
      context.deliver(ready.payload, ready.from);
    }
  };
}

/**
 * Never twice, even when the receiver forgets all but its disk: the application's own key of the
 * message, its idempotence key, is on disk in the same step in which the message takes effect.
 */
function onceForEver(context: Context): DeliveryLayer {
  return ({ payload, from }) => {
    const key = `applied ${readPayload(payload)}`;
    if (context.disk.read(key) !== undefined) return;
    context.disk.write(key, new Uint8Array());
    context.deliver(payload, from);
  };
}

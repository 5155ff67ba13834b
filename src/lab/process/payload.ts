/**
 * What the harness sends through a protocol: its number and a filler that follows from it, so that
 * whoever gets it knows which message it is and whether a bit of it was changed on the way.
 */

import { hashBytes } from '../../sim/hash.ts';
import type { Payload } from './process.ts';

/** The number and the check. */
const MIN_PAYLOAD_OCTETS = 8;

export function makePayload(message: number, octets: number = MIN_PAYLOAD_OCTETS): Payload {
  const payload = new Uint8Array(Math.max(octets, MIN_PAYLOAD_OCTETS));
  const view = new DataView(payload.buffer);
  view.setUint32(0, message);
  for (let place = MIN_PAYLOAD_OCTETS; place < payload.length; place += 1) {
    payload[place] = message * 31 + place;
  }
  view.setUint32(4, checkOf(payload));
  return payload;
}

/** With a body of one's own in place of the filler, for operations that say what they want. */
export function wrapPayload(message: number, body: Uint8Array): Payload {
  const payload = new Uint8Array(MIN_PAYLOAD_OCTETS + body.length);
  payload.set(body, MIN_PAYLOAD_OCTETS);
  const view = new DataView(payload.buffer);
  view.setUint32(0, message);
  view.setUint32(4, checkOf(payload));
  return payload;
}

/** What `wrapPayload` was given. */
export function bodyOf(payload: Payload): Uint8Array {
  return payload.subarray(MIN_PAYLOAD_OCTETS);
}

/** The number of the message, or undefined when these are not the octets that were sent. */
export function readPayload(payload: Payload): number | undefined {
  if (payload.length < MIN_PAYLOAD_OCTETS) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return view.getUint32(4) === checkOf(payload) ? view.getUint32(0) : undefined;
}

function checkOf(payload: Payload): number {
  return hashBytes(hashBytes(0, payload.subarray(0, 4)), payload.subarray(MIN_PAYLOAD_OCTETS));
}

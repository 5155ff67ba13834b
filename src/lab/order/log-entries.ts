/** Entries of a replicated log, as many of them as one message carries. */

import type { NodeId, Payload } from '../process/process.ts';

export interface Entry {
  readonly origin: NodeId;
  /** Numbers the messages of one origin. */
  readonly count: number;
  readonly payload: Payload;
}

/** Origin 16 bits, count 32, length of the payload 16. */
const HEADER_OCTETS = 8;

export function packEntries(entries: readonly Entry[]): Uint8Array {
  const length = entries.reduce((sum, { payload }) => sum + HEADER_OCTETS + payload.length, 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let place = 0;
  for (const { origin, count, payload } of entries) {
    view.setUint16(place, origin);
    view.setUint32(place + 2, count);
    view.setUint16(place + 6, payload.length);
    bytes.set(payload, place + HEADER_OCTETS);
    place += HEADER_OCTETS + payload.length;
  }
  return bytes;
}

/** Undefined when these are no entries. Payloads are parts of `bytes`, and not copies. */
export function unpackEntries(bytes: Uint8Array): readonly Entry[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: Entry[] = [];
  let place = 0;
  while (place < bytes.length) {
    if (place + HEADER_OCTETS > bytes.length) return undefined;
    const start = place + HEADER_OCTETS;
    const end = start + view.getUint16(place + 6);
    if (end > bytes.length) return undefined;
    const [origin, count] = [view.getUint16(place), view.getUint32(place + 2)];
    entries.push({ origin, count, payload: bytes.subarray(start, end) });
    place = end;
  }
  return entries;
}

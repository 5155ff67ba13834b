/**
 * What a snapshot of a Raft server holds: by origin the count of its last command, so that none is
 * applied twice after it, and the state of the state machine.
 */

import type { NodeId } from '../../process/process.ts';

export interface Snapshot {
  readonly counts: Map<NodeId, number>;
  readonly state: Uint8Array;
}

/** How many counts; then of each origin and count, 32 bits. */
const LENGTH_OCTETS = 4;
const COUNT_OCTETS = 8;

export function packSnapshot(counts: ReadonlyMap<NodeId, number>, state: Uint8Array): Uint8Array {
  const start = LENGTH_OCTETS + COUNT_OCTETS * counts.size;
  const bytes = new Uint8Array(start + state.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, counts.size);
  let place = LENGTH_OCTETS;
  for (const [origin, count] of counts) {
    view.setUint32(place, origin);
    view.setUint32(place + 4, count);
    place += COUNT_OCTETS;
  }
  bytes.set(state, start);
  return bytes;
}

/** What is no snapshot is an empty one. */
export function unpackSnapshot(bytes: Uint8Array): Snapshot {
  const empty: Snapshot = { counts: new Map(), state: new Uint8Array(0) };
  if (bytes.length < LENGTH_OCTETS) return empty;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = LENGTH_OCTETS + COUNT_OCTETS * view.getUint32(0);
  if (start > bytes.length) return empty;
  for (let place = LENGTH_OCTETS; place < start; place += COUNT_OCTETS) {
    empty.counts.set(view.getUint32(place), view.getUint32(place + 4));
  }
  return { counts: empty.counts, state: bytes.slice(start) };
}

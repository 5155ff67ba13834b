/** Sending to several nodes, which on this network is sending to one after the other. */

import { readPayload } from '../process/payload.ts';
import type { Context, Label, NodeId, Payload } from '../process/process.ts';

/** `about('data', payload)`: the trace shows which message travels; the protocol cannot tell. */
export function about(tag: string, payload: Payload): Label {
  return { tag, detail: readPayload(payload) ?? -1 };
}

/** Node 0 to `count` − 1, without this one. */
export function others({ self }: Context, count: number): readonly NodeId[] {
  return Array.from({ length: count }, (_, node) => node).filter((node) => node !== self);
}

export function multicast(
  context: Context,
  to: readonly NodeId[],
  { bytes, label }: { readonly bytes: Uint8Array; readonly label: Label },
): void {
  for (const node of to) context.send(node, bytes, label);
}

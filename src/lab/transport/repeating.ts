/** Selective repeat under an application: both nodes, with a window that is never what waits. */

import { deliveryLayer, type Layer } from './delivery-layer.ts';
import { SelectiveRepeatReceiver, SelectiveRepeatSender } from './protocols/selective-repeat.ts';
import { sequenceSpace } from './sequence-space.ts';
import { RECEIVER, type TwoNodes } from './two-nodes.ts';

const WINDOW = 4096;
const BITS = 32;

export function repeating(layer: Layer, timerNs: number): TwoNodes {
  const space = sequenceSpace(BITS);
  return {
    sender: (context) =>
      new SelectiveRepeatSender(context, {
        peer: RECEIVER,
        window: WINDOW,
        timerNs,
        frameNs: 0,
        space,
      }),
    receiver: (context) =>
      new SelectiveRepeatReceiver(context, deliveryLayer(layer, context), space),
  };
}

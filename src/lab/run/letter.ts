/** A datagram between two nodes of a run while it is under way. */

import { flipBit } from '../../sim/flip-bit.ts';
import type { NodeId } from '../process/process.ts';
import type { Parcel } from './network.ts';
import type { Journey, Packet } from './stage.ts';

export class Letter implements Parcel {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly octets: number;
  isDoubled = false;
  readonly #bytes: Uint8Array;
  readonly #journey: Journey;

  constructor({ from, to, bytes }: Packet, journey: Journey) {
    this.from = from;
    this.to = to;
    this.octets = bytes.length;
    // The sender may use its octets again.
    this.#bytes = new Uint8Array(bytes);
    this.#journey = journey;
  }

  arrive(copy: number, flippedBit: number): void {
    if (flippedBit >= 0) this.#journey.arrive(flipBit(this.#bytes, flippedBit), copy);
    // The receiver may keep and change its own.
    else this.#journey.arrive(this.isDoubled ? new Uint8Array(this.#bytes) : this.#bytes, copy);
  }
}

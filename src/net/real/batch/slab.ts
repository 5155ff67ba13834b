/**
 * The memory of one batch: message headers as `recvmmsg` and `sendmmsg` take them, and for each
 * its envelope (socket address and control data) and its payload. All in one piece, laid out once:
 *
 *     mmsghdr × slots | iovec × slots | envelope × slots | payload × slots
 *
 * DANGER: the headers hold raw addresses within this piece. Were it collected, or its ArrayBuffer
 * transferred to a thread, while a call may still use the headers, the kernel would write into
 * memory of somebody else. So a slab refers to its memory for as long as the socket lives, the
 * memory is asked for as an ArrayBuffer (small typed arrays live on the heap, and move), and no
 * call happens after the socket is closed.
 */

import {
  CONTROL_OCTETS,
  IOVEC_OCTETS,
  MMSGHDR_OCTETS,
  MmsghdrWord,
  SOCKADDR_OCTETS,
} from './abi.ts';
import type { Libc } from './libc.ts';

/**
 * A socket address and the control message behind it, as 32-bit words in the order of the machine.
 * Word `ENVELOPE_CONTROL` is the length of the control message, 0 for none.
 */
export type Envelope = Uint32Array;

export const ENVELOPE_CONTROL: number = SOCKADDR_OCTETS / 4;
export const ENVELOPE_WORDS: number = (SOCKADDR_OCTETS + CONTROL_OCTETS) / 4;

const ENVELOPE_OCTETS = ENVELOPE_WORDS * 4;

export interface SlabShape {
  readonly slots: number;
  readonly payloadOctets: number;
}

export class Slab {
  readonly slots: number;
  readonly payloadOctets: number;
  readonly memory: ArrayBuffer;
  /** The headers, to be passed to the kernel. */
  readonly headers: Uint8Array;
  readonly envelopes: readonly Envelope[];
  /** Each as long as a payload may be. */
  readonly payloads: readonly Uint8Array[];
  readonly #words: Uint32Array;
  readonly #iovecAt: number;
  readonly #payloadAt: number;

  constructor({ slots, payloadOctets }: SlabShape, libc: Libc) {
    this.slots = slots;
    this.payloadOctets = payloadOctets;
    this.#iovecAt = slots * MMSGHDR_OCTETS;
    const envelopeAt = this.#iovecAt + slots * IOVEC_OCTETS;
    this.#payloadAt = envelopeAt + slots * ENVELOPE_OCTETS;
    this.memory = new ArrayBuffer(this.#payloadAt + slots * payloadOctets);
    this.headers = new Uint8Array(this.memory, 0, this.#iovecAt);
    this.#words = new Uint32Array(this.memory, 0, this.#payloadAt / 4);
    const indices = Array.from({ length: slots }, (_, index) => index);
    this.envelopes = indices.map(
      (index) => new Uint32Array(this.memory, envelopeAt + index * ENVELOPE_OCTETS, ENVELOPE_WORDS),
    );
    this.payloads = indices.map((index) => this.payload(index, payloadOctets));
    this.#link(libc.address(this.memory), envelopeAt);
  }

  /** The first `octets` of a payload. */
  payload(slot: number, octets: number): Uint8Array {
    return new Uint8Array(this.memory, this.#payloadAt + slot * this.payloadOctets, octets);
  }

  /** One of `MmsghdrWord`. */
  header(slot: number, word: number): number {
    return this.#words[slot * MmsghdrWord.count + word]!;
  }

  setHeader(slot: number, word: number, value: number): void {
    this.#words[slot * MmsghdrWord.count + word] = value;
  }

  setPayloadLength(slot: number, octets: number): void {
    this.#words[(this.#iovecAt + slot * IOVEC_OCTETS + 8) / 4] = octets;
  }

  #link(address: bigint, envelopeAt: number): void {
    const view = new DataView(this.memory);
    const point = (from: number, to: number): void =>
      view.setBigUint64(from, address + BigInt(to), true);
    for (let slot = 0; slot < this.slots; slot++) {
      const header = slot * MMSGHDR_OCTETS;
      const iovec = this.#iovecAt + slot * IOVEC_OCTETS;
      const envelope = envelopeAt + slot * ENVELOPE_OCTETS;
      point(header + 4 * MmsghdrWord.name, envelope);
      point(header + 4 * MmsghdrWord.control, envelope + SOCKADDR_OCTETS);
      point(header + 4 * MmsghdrWord.iov, iovec);
      this.setHeader(slot, MmsghdrWord.iovLength, 1);
      point(iovec, this.#payloadAt + slot * this.payloadOctets);
      this.setPayloadLength(slot, this.payloadOctets);
    }
  }
}

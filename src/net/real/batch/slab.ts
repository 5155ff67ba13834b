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
  SEGMENT_OCTETS,
  SOCKADDR_OCTETS,
} from './abi.ts';
import type { Libc } from './libc.ts';

/**
 * A socket address and the control message behind it, as 32-bit words in the order of the machine.
 * Word `ENVELOPE_CONTROL` is the length of the control message, 0 for none.
 */
export type Envelope = Uint32Array;

export const ENVELOPE_CONTROL: number = SOCKADDR_OCTETS / 4;
export const ENVELOPE_WORDS: number = (SOCKADDR_OCTETS + CONTROL_OCTETS + SEGMENT_OCTETS) / 4;

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
  readonly #addressLow: number;
  readonly #addressHigh: number;

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
    const address = libc.address(this.memory);
    this.#addressLow = Number(BigInt.asUintN(32, address));
    this.#addressHigh = Number(address >> 32n);
    this.#link(envelopeAt);
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

  /** Lets a message consist of `count` vectors, beginning with `first`. */
  setVectors(slot: number, first: number, count: number): void {
    const at = slot * MmsghdrWord.count;
    this.#point(at + MmsghdrWord.iov, this.#iovecAt + first * IOVEC_OCTETS);
    this.#words[at + MmsghdrWord.iovLength] = count;
  }

  /** Lets a vector be the first `octets` of a payload. */
  setVector(vector: number, payload: number, octets: number): void {
    const at = (this.#iovecAt + vector * IOVEC_OCTETS) / 4;
    this.#point(at, this.#payloadAt + payload * this.payloadOctets);
    this.#words[at + 2] = octets;
  }

  /** Writes the address of an octet of `memory`, all of whose 64 bits may be needed. */
  #point(word: number, offset: number): void {
    const low = this.#addressLow + offset;
    this.#words[word] = low;
    this.#words[word + 1] = this.#addressHigh + (low > 0xffff_ffff ? 1 : 0);
  }

  /** Each message its own envelope, vector and payload. */
  #link(envelopeAt: number): void {
    for (let slot = 0; slot < this.slots; slot++) {
      const header = slot * MmsghdrWord.count;
      const envelope = envelopeAt + slot * ENVELOPE_OCTETS;
      this.#point(header + MmsghdrWord.name, envelope);
      this.#point(header + MmsghdrWord.control, envelope + SOCKADDR_OCTETS);
      this.setVectors(slot, slot, 1);
      this.setVector(slot, slot, this.payloadOctets);
    }
  }
}

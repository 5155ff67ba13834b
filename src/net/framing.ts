/**
 * DNS messages on a byte stream: two octets of length, then the message (RFC 1035 §4.2.2). The
 * length and its message leave in one write, and arrive in pieces of any size (RFC 7766 §8).
 *
 * Knows nothing of DNS: a message of no octets is yielded like any other, the reader rejects it.
 */

import { assert } from '../wire/assert.ts';

const LENGTH_OCTETS = 2;
const MAX_MESSAGE_LENGTH = 65535;
/**
 * What a half message may hold before its octets have come. A peer that announces 65535 octets and
 * sends one must not cost us 64 KiB, so the buffer doubles from here as they arrive.
 */
const FIRST_CAPACITY = 512;

/** The message with its length before it, to be written at once. */
export function frame(message: Uint8Array): Uint8Array {
  assert(message.length <= MAX_MESSAGE_LENGTH, 'a message has at most 65535 octets');
  const framed = new Uint8Array(LENGTH_OCTETS + message.length);
  framed[0] = message.length >>> 8;
  framed[1] = message.length & 0xff;
  framed.set(message, LENGTH_OCTETS);
  return framed;
}

/** Reads one stream. Holds at most one unfinished message, so at most 65535 octets. */
export class FrameDecoder {
  #lengthOctets = 0;
  #length = 0;
  #partial: Uint8Array = new Uint8Array(0);
  #partialLength = 0;

  /** False when the stream stands inside a length or a message: ending here cuts it short. */
  get isBetweenMessages(): boolean {
    return this.#lengthOctets === 0;
  }

  /**
   * Yields every message that `chunk` completes. A message is valid only as long as `chunk` is and
   * until the next one is asked for. Leaving the loop early throws the rest of the chunk away,
   * which is right only when the stream is given up.
   */
  *decode(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#lengthOctets < LENGTH_OCTETS) {
        this.#length = (this.#length << 8) | (chunk[offset] ?? 0);
        this.#lengthOctets += 1;
        offset += 1;
        if (this.#lengthOctets < LENGTH_OCTETS || this.#length > 0) continue;
      }
      const end = Math.min(chunk.length, offset + this.#length - this.#partialLength);
      const piece = chunk.subarray(offset, end);
      offset = end;
      const message = this.#take(piece);
      if (message !== undefined) yield message;
    }
  }

  /** Returns the message when `piece` completes it: without a copy when it came in one piece. */
  #take(piece: Uint8Array): Uint8Array | undefined {
    const received = this.#partialLength + piece.length;
    if (received < this.#length) {
      this.#append(piece);
      return undefined;
    }
    let message = piece;
    if (this.#partialLength > 0) {
      this.#append(piece);
      message = this.#partial.subarray(0, received);
    }
    this.#lengthOctets = 0;
    this.#length = 0;
    this.#partial = new Uint8Array(0);
    this.#partialLength = 0;
    return message;
  }

  #append(piece: Uint8Array): void {
    const needed = this.#partialLength + piece.length;
    if (needed > this.#partial.length) {
      const doubled = Math.max(FIRST_CAPACITY, this.#partial.length * 2, needed);
      const grown = new Uint8Array(Math.min(this.#length, doubled));
      grown.set(this.#partial.subarray(0, this.#partialLength));
      this.#partial = grown;
    }
    this.#partial.set(piece, this.#partialLength);
    this.#partialLength = needed;
  }
}

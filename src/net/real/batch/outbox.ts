/** Collects datagrams and sends them with one call into the kernel. */

import assert from 'node:assert/strict';

import type { Family } from '../../address.ts';
import { Errno, MMSGHDR_OCTETS, MmsghdrWord, MSG_DONTWAIT } from './abi.ts';
import type { Descriptor } from './descriptor.ts';
import { controlOctets } from './envelope.ts';
import type { Libc } from './libc.ts';
import { Slab, type Envelope, type SlabShape } from './slab.ts';
import { socketAddressOctets } from './socket-address.ts';

export class Outbox {
  readonly #slab: Slab;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #family: Family;
  #count = 0;

  constructor({ fd, family }: Pick<Descriptor, 'fd' | 'family'>, shape: SlabShape, libc: Libc) {
    this.#slab = new Slab(shape, libc);
    this.#libc = libc;
    this.#fd = fd;
    this.#family = family;
    for (let slot = 0; slot < shape.slots; slot++) {
      this.#slab.setHeader(slot, MmsghdrWord.nameLength, socketAddressOctets(family));
    }
  }

  get isFull(): boolean {
    return this.#count === this.#slab.slots;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Where to write the next datagram. Only while not full. */
  get room(): Uint8Array {
    return this.#slab.payloads[this.#count]!;
  }

  /** Takes the first `octets` of `room` as a datagram to whom `envelope` says. */
  put(octets: number, envelope: Envelope): void {
    const slab = this.#slab;
    const slot = this.#count;
    assert(slot < slab.slots && octets <= slab.payloadOctets, 'a datagram fits into its slot');
    slab.envelopes[slot]!.set(envelope);
    slab.setPayloadLength(slot, octets);
    slab.setHeader(slot, MmsghdrWord.controlLength, controlOctets(envelope, this.#family));
    this.#count = slot + 1;
  }

  /** Afterwards it is empty. What cannot be sent is lost, as datagrams are. */
  flush(): void {
    const count = this.#count;
    this.#count = 0;
    let next = 0;
    // Each call sends something, gives up something, or was interrupted: twice as many suffice.
    for (let calls = 0; next < count && calls < 2 * count; calls++) {
      const { headers } = this.#slab;
      const rest = next === 0 ? headers : headers.subarray(next * MMSGHDR_OCTETS);
      const sent = this.#libc.sendmmsg(this.#fd, rest, count - next, MSG_DONTWAIT);
      next = sent > 0 ? next + sent : this.#afterFailure(next, count);
    }
  }

  /** `next` is the datagram that the kernel refuses. Returns the one to go on with. */
  #afterFailure(next: number, count: number): number {
    const errno = this.#libc.errno();
    if (errno === Errno.EINTR) return next;
    // The socket's buffer is full: the link carries no more. To wait would stall everybody, and
    // a client that gets no answer asks again.
    if (errno === Errno.EAGAIN) return count;
    // This one is too long, has no route, is filtered, or found a full queue (ENOBUFS).
    return next + 1;
  }
}

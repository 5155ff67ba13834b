/**
 * Collects datagrams and sends them with one call into the kernel.
 *
 * Datagrams of one length to one peer, as forwarders and load balancers cause, who ask all they ask
 * from a few ports, are one message to the kernel, which cuts it into datagrams again as late as it
 * can (UDP_SEGMENT of udp(7)): there is one look for a route, and one way down, for all of them.
 *
 *     put: A 60, B 60, A 60, A 90     messages: A ─► 60 60, B ─► 60, A ─► 90
 */

import assert from 'node:assert/strict';

import type { Family } from '../../address.ts';
import { Errno, MMSGHDR_OCTETS, MmsghdrWord, MSG_DONTWAIT } from './abi.ts';
import type { Descriptor } from './descriptor.ts';
import { addSegmentLength, controlOctets, isSameEnvelope } from './envelope.ts';
import type { Libc } from './libc.ts';
import { Slab, type Envelope, type SlabShape } from './slab.ts';
import { socketAddressOctets } from './socket-address.ts';

/** With IP's and UDP's headers within the least MTU of IPv6 (RFC 8200 §5), which all links have. */
const MAX_SEGMENT_OCTETS = 1232;
/** The kernel takes no more octets in one message, nor segments in the first that could cut. */
const MAX_MESSAGE_OCTETS = 65_000;
const MAX_SEGMENTS = 64;
/** One for each value of the hash; 64 messages find a free one soon. */
const PLACES = 256;
const FREE = -1;

export class Outbox {
  readonly #slab: Slab;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #family: Family;
  readonly #canSegment: boolean;
  /** Datagrams, by their slots: the message that each is part of, and its octets. */
  readonly #messageOf: Uint8Array;
  readonly #octetsOf: Uint16Array;
  /** Messages: how many datagrams each has, and how long these are. */
  readonly #sizes: Uint8Array;
  readonly #lengths: Uint16Array;
  /** Octets of control data that their envelopes came with. */
  readonly #controls: Uint8Array;
  /** Of each message the first iovec, while they are dealt out the next. */
  readonly #firsts: Uint8Array;
  /** Messages by a hash of peer and length. */
  readonly #places = new Int8Array(PLACES).fill(FREE);
  #count = 0;
  #messages = 0;

  constructor(
    { fd, family, canSegment }: Pick<Descriptor, 'fd' | 'family' | 'canSegment'>,
    shape: SlabShape,
    libc: Libc,
  ) {
    this.#slab = new Slab(shape, libc);
    this.#libc = libc;
    this.#fd = fd;
    this.#family = family;
    this.#canSegment = canSegment;
    const { slots } = shape;
    this.#messageOf = new Uint8Array(slots);
    this.#octetsOf = new Uint16Array(slots);
    this.#sizes = new Uint8Array(slots);
    this.#lengths = new Uint16Array(slots);
    this.#controls = new Uint8Array(slots);
    this.#firsts = new Uint8Array(slots);
    for (let slot = 0; slot < slots; slot++) {
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
    const message = this.#messageFor(octets, envelope);
    this.#messageOf[slot] = message;
    this.#octetsOf[slot] = octets;
    this.#sizes[message]!++;
    this.#count = slot + 1;
  }

  /** Afterwards it is empty. What cannot be sent is lost, as datagrams are. */
  flush(): void {
    const count = this.#messages;
    if (count === 0) return;
    this.#seal();
    let next = 0;
    // Each call sends something, gives up something, or was interrupted: twice as many suffice.
    for (let calls = 0; next < count && calls < 2 * count; calls++) {
      const sent = this.#send(next, count - next);
      next = sent > 0 ? next + sent : this.#afterFailure(next, count);
    }
    this.#count = 0;
    this.#messages = 0;
  }

  #send(message: number, count: number): number {
    const { headers } = this.#slab;
    const rest = message === 0 ? headers : headers.subarray(message * MMSGHDR_OCTETS);
    return this.#libc.sendmmsg(this.#fd, rest, count, MSG_DONTWAIT);
  }

  /** One that waits for more datagrams of this length to this peer, or a new one. */
  #messageFor(octets: number, envelope: Envelope): number {
    if (!this.#canSegment || octets > MAX_SEGMENT_OCTETS) return this.#newMessage(octets, envelope);
    const places = this.#places;
    // The first word has the port, the second the address of IPv4.
    let place = Math.imul(envelope[0]! ^ envelope[1]! ^ octets, 0x9e37_79b1) >>> 24;
    for (; places[place] !== FREE; place = (place + 1) % PLACES) {
      const message = places[place]!;
      if (this.#isOpenFor(message, octets, envelope)) return message;
    }
    return (places[place] = this.#newMessage(octets, envelope));
  }

  #isOpenFor(message: number, octets: number, envelope: Envelope): boolean {
    const size = this.#sizes[message]!;
    return (
      this.#lengths[message] === octets &&
      size < MAX_SEGMENTS &&
      (size + 1) * octets <= MAX_MESSAGE_OCTETS &&
      isSameEnvelope(this.#slab.envelopes[message]!, envelope, this.#family)
    );
  }

  #newMessage(octets: number, envelope: Envelope): number {
    const message = this.#messages++;
    this.#slab.envelopes[message]!.set(envelope);
    this.#sizes[message] = 0;
    this.#lengths[message] = octets;
    this.#controls[message] = controlOctets(envelope, this.#family);
    return message;
  }

  /** Writes what the kernel reads: for each message its header, and its datagrams side by side. */
  #seal(): void {
    const slab = this.#slab;
    let first = 0;
    for (let message = 0; message < this.#messages; message++) {
      const size = this.#sizes[message]!;
      this.#firsts[message] = first;
      slab.setVectors(message, first, size);
      this.#sealControl(message, size);
      first += size;
    }
    for (let slot = 0; slot < this.#count; slot++) {
      slab.setVector(this.#firsts[this.#messageOf[slot]!]!++, slot, this.#octetsOf[slot]!);
    }
    this.#places.fill(FREE);
  }

  #sealControl(message: number, size: number): void {
    const slab = this.#slab;
    const octets = this.#controls[message]!;
    const length = this.#lengths[message]!;
    const added = size > 1 ? addSegmentLength(slab.envelopes[message]!, octets, length) : 0;
    slab.setHeader(message, MmsghdrWord.controlLength, octets + added);
  }

  /** `next` is the message that the kernel refuses. Returns the one to go on with. */
  #afterFailure(next: number, count: number): number {
    const errno = this.#libc.errno();
    if (errno === Errno.EINTR) return next;
    // The socket's buffer is full: the link carries no more. To wait would stall everybody, and
    // a client that gets no answer asks again.
    if (errno === Errno.EAGAIN) return count;
    // This one is too long, has no route, is filtered, or found a full queue (ENOBUFS).
    if (this.#sizes[next]! > 1) this.#sendApart(next);
    return next + 1;
  }

  /** Some routes do not take what has to be cut: tunnels of IPsec, links below the least MTU. */
  #sendApart(message: number): void {
    const size = this.#sizes[message]!;
    // It has been dealt out: behind its last vector.
    const end = this.#firsts[message]!;
    this.#sealControl(message, 1);
    for (let vector = end - size; vector < end; vector++) {
      this.#slab.setVectors(message, vector, 1);
      this.#send(message, 1);
    }
  }
}

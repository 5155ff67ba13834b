/** Receives up to 64 datagrams with one call into the kernel. */

import type { Family } from '../../address.ts';
import { Errno, MmsghdrWord, MSG_CTRUNC, MSG_DONTWAIT, MSG_TRUNC } from './abi.ts';
import { BatchPeer, turnControl, type Origin } from './envelope.ts';
import type { Descriptor } from './descriptor.ts';
import type { Libc } from './libc.ts';
import { Slab, type SlabShape } from './slab.ts';
import { socketAddressOctets } from './socket-address.ts';

/** A call that signals keep interrupting is left to the next turn of the event loop. */
const MAX_INTERRUPTIONS = 8;
/** The control data of a packet information, for either family. */
const CONTROL_ROOM = 40;

export class Inbox {
  readonly origin: Origin;
  /** Of each slot, about its datagram of the last batch. */
  readonly peers: readonly BatchPeer[];
  readonly #slab: Slab;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #family: Family;
  readonly #isWildcard: boolean;
  readonly #controlRoom: number;
  readonly #nameRoom: number;
  #used: number;

  constructor({ fd, family, isWildcard }: Descriptor, shape: SlabShape, libc: Libc) {
    this.#slab = new Slab(shape, libc);
    this.#libc = libc;
    this.#fd = fd;
    this.#family = family;
    this.#isWildcard = isWildcard;
    this.#controlRoom = isWildcard ? CONTROL_ROOM : 0;
    this.#nameRoom = socketAddressOctets(family);
    this.#used = shape.slots;
    this.origin = { family, libc };
    this.peers = this.#slab.envelopes.map((envelope) => new BatchPeer(envelope, this.origin));
  }

  /** Returns how many datagrams came: less than there are slots when no more are waiting. */
  receive(): number {
    this.#makeRoom();
    for (let tries = 0; tries < MAX_INTERRUPTIONS; tries++) {
      const { headers, slots } = this.#slab;
      const count = this.#libc.recvmmsg(this.#fd, headers, slots, MSG_DONTWAIT, null);
      if (count >= 0) return (this.#used = count);
      // Whatever else fails was the trouble of one datagram. The kernel has forgotten it, and
      // wakes us again if there are more.
      if (this.#libc.errno() !== Errno.EINTR) return 0;
    }
    return 0;
  }

  /** A view that the next batch overwrites; undefined when the datagram deserves no answer. */
  datagram(slot: number): Uint8Array | undefined {
    const slab = this.#slab;
    const octets = slab.header(slot, MmsghdrWord.length);
    const flags = slab.header(slot, MmsghdrWord.flags);
    // Nobody can be answered at port 0, and an empty datagram has no header.
    if (octets === 0 || (flags & MSG_TRUNC) !== 0 || this.#isFromPortZero(slot)) return undefined;
    if (this.#isWildcard) {
      const received = slab.header(slot, MmsghdrWord.controlLength);
      const isWhole = (flags & MSG_CTRUNC) === 0;
      turnControl(slab.envelopes[slot]!, this.#family, isWhole ? received : 0);
    }
    return slab.payload(slot, octets);
  }

  /** The kernel has put in the lengths what it used of them. */
  #makeRoom(): void {
    for (let slot = 0; slot < this.#used; slot++) {
      this.#slab.setHeader(slot, MmsghdrWord.nameLength, this.#nameRoom);
      this.#slab.setHeader(slot, MmsghdrWord.controlLength, this.#controlRoom);
    }
    this.#used = 0;
  }

  /** The port is the upper half of the first word of either socket address. */
  #isFromPortZero(slot: number): boolean {
    return this.#slab.envelopes[slot]![0]! >>> 16 === 0;
  }
}

/** Whose datagram it is, and which of our addresses it was sent to: the envelope of `slab.ts`. */

import type { Family } from '../../address.ts';
import type { Endpoint, Peer } from '../../ports.ts';
import {
  CMSGHDR_OCTETS,
  IP_PKTINFO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_PKTINFO,
  SEGMENT_OCTETS,
  SOCKADDR_OCTETS,
  UDP_SEGMENT,
} from './abi.ts';
import type { Libc } from './libc.ts';
import { ENVELOPE_CONTROL, type Envelope } from './slab.ts';
import { decodeSocketAddress, isLinkLocal, socketAddressOctets } from './socket-address.ts';

/** CMSG_SPACE of the packet information: header and data, aligned to 8. */
const CONTROL_OCTETS = { 4: CMSGHDR_OCTETS + 16, 6: CMSGHDR_OCTETS + 24 } as const;
const LEVEL_WORD = ENVELOPE_CONTROL + 2;
const TYPE_WORD = ENVELOPE_CONTROL + 3;
const DATA_WORD = ENVELOPE_CONTROL + CMSGHDR_OCTETS / 4;

/** What `sendmmsg` has to be told as the length of the control data. */
export function controlOctets(envelope: Envelope, family: Family): number {
  return envelope[ENVELOPE_CONTROL] === 0 ? 0 : CONTROL_OCTETS[family];
}

/** Whether datagrams in them go to one peer, from one of our addresses. */
export function isSameEnvelope(a: Envelope, b: Envelope, family: Family): boolean {
  const addressWords = socketAddressOctets(family) / 4;
  for (let word = 0; word < addressWords; word++) if (a[word] !== b[word]) return false;
  const end = ENVELOPE_CONTROL + controlOctets(a, family) / 4;
  // Where both have none, the word that says so decides.
  if (a[ENVELOPE_CONTROL] !== b[ENVELOPE_CONTROL]) return false;
  for (let word = ENVELOPE_CONTROL; word < end; word++) if (a[word] !== b[word]) return false;
  return true;
}

/**
 * Adds, behind the `used` octets of control data, into datagrams of which length the kernel is to
 * cut the message. Returns the octets that it took.
 */
export function addSegmentLength(envelope: Envelope, used: number, length: number): number {
  const at = ENVELOPE_CONTROL + used / 4;
  // The length of the control message counts what is used of its data, a number of two octets.
  envelope[at] = CMSGHDR_OCTETS + 2;
  envelope[at + 1] = 0;
  envelope[at + 2] = IPPROTO_UDP;
  envelope[at + 3] = UDP_SEGMENT;
  envelope[at + 4] = length;
  return SEGMENT_OCTETS;
}

/**
 * Makes of the control data of a received datagram those of its answer: sent from the address that
 * was asked, by whatever interface the routes say. `received` is the length the kernel reports.
 */
export function turnControl(envelope: Envelope, family: Family, received: number): void {
  if (received < CONTROL_OCTETS[family] || !isPacketInfo(envelope, family)) {
    envelope[ENVELOPE_CONTROL] = 0;
  } else if (family === 4) {
    envelope[DATA_WORD] = 0;
  } else if (!isLinkLocal(octetsOf(envelope), 8)) {
    // Link-local addresses mean nothing without their interface.
    envelope[DATA_WORD + 4] = 0;
  }
}

function isPacketInfo(envelope: Envelope, family: Family): boolean {
  const level = envelope[LEVEL_WORD];
  const type = envelope[TYPE_WORD];
  if (family === 4) return level === IPPROTO_IP && type === IP_PKTINFO;
  return level === IPPROTO_IPV6 && type === IPV6_PKTINFO;
}

/** The socket that a peer was seen by: on any other, its envelope names the wrong sender. */
export interface Origin {
  readonly family: Family;
  readonly libc: Libc;
}

/** Refers to the envelope of a slot, whose next datagram makes it somebody else, or to a copy. */
export class BatchPeer implements Peer {
  readonly envelope: Envelope;
  readonly origin: Origin;
  #whole: Uint8Array | undefined;
  #octets: Uint8Array | undefined;

  constructor(envelope: Envelope, origin: Origin) {
    this.envelope = envelope;
    this.origin = origin;
  }

  get octets(): Uint8Array {
    const isFour = this.origin.family === 4;
    return (this.#octets ??= this.#address.subarray(isFour ? 4 : 8, isFour ? 8 : 24));
  }

  /** At the same place in both families. */
  get port(): number {
    const address = this.#address;
    return (address[2]! << 8) | address[3]!;
  }

  get endpoint(): Endpoint {
    return decodeSocketAddress(this.#address, this.origin.family, this.origin.libc);
  }

  /** Of the envelope, what is in use: a short copy lies on the heap, and costs far less. */
  retain(): BatchPeer {
    const words = ENVELOPE_CONTROL + wordsOfControl(this.envelope, this.origin.family);
    return new BatchPeer(this.envelope.slice(0, words), this.origin);
  }

  get #address(): Uint8Array {
    return (this.#whole ??= octetsOf(this.envelope));
  }
}

function wordsOfControl(envelope: Envelope, family: Family): number {
  // Without control data its length is still there, and says so.
  return Math.max(1, controlOctets(envelope, family) / 4);
}

function octetsOf(envelope: Envelope): Uint8Array {
  return new Uint8Array(envelope.buffer, envelope.byteOffset, SOCKADDR_OCTETS);
}

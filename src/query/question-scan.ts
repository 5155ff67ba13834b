/**
 * Reads a query in place as far as a cache of finished answers needs it, without making a message
 * of it: header, one question, at most an OPT record without options. Whatever is out of the
 * ordinary is left to the decoder.
 *
 *     key:  flags | channel | type, 2 octets | name, folded (RFC 4343)
 *
 * The key holds every input of an answer but the payload size, which `limit` tells.
 */

import { foldOctet } from '../wire/case-fold.ts';
import { CLASSIC_UDP_PAYLOAD_SIZE, DEFAULT_UDP_PAYLOAD_SIZE } from '../wire/edns.ts';
import { DnsClass, RRType } from '../wire/iana.ts';
import { HEADER_OCTETS, MAX_MESSAGE_OCTETS } from '../wire/message.ts';
import { DnsName, nameLimits } from '../wire/name.ts';
import { skipPlainName } from '../wire/name-wire.ts';
import type { Question } from '../wire/record.ts';
import type { Transport } from './query.ts';

/**
 * Transport and view in one number. Clients of one view are answered alike; there may be 127, and
 * in a negative one everything is decoded.
 */
export function channelOf(transport: Transport, view: number): number {
  return view * 2 + (transport === 'tcp' ? 1 : 0);
}

const NAME_AT = 4;
const OPT_OCTETS = 11;
/** RFC 6895 §2: octet 2 may hold RD, octet 3 AD and CD; all else is rare in a query. */
const RD = 0x01;
const TC_AA = 0x06;
const AD = 0x20;
const CD = 0x10;
const DO = 0x80;

/** Bits of the first octet of the key. */
export const QueryFlag = { RD: 1, AD: 2, CD: 4, EDNS: 8, DO: 16 } as const;

/** What was read last; the same object again and again, so that reading allocates nothing. */
export class QuestionScan {
  readonly key: Uint8Array = new Uint8Array(NAME_AT + nameLimits.octets);
  keyLength = 0;
  hash = 0;
  /** Where the question ends. */
  end = 0;
  /** Octets that a reply may have. */
  limit = 0;
  readonly #seed: number;

  /** With a `seed` that nobody knows, nobody can choose names whose hashes are equal. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Bits of `QueryFlag`. */
  get flags(): number {
    return this.key[0]!;
  }

  get type(): number {
    return (this.key[2]! << 8) | this.key[3]!;
  }

  /** False when the query has to be decoded. */
  read(octets: Uint8Array, channel: number): boolean {
    const flags = readFlags(octets);
    if (flags < 0) return false;
    const end = this.#readName(octets);
    if (end < 0 || end + 4 > octets.length) return false;
    if (octets[end + 2] !== 0 || octets[end + 3] !== DnsClass.IN) return false;
    const { key } = this;
    key[0] = flags;
    key[1] = channel;
    key[2] = octets[end]!;
    key[3] = octets[end + 1]!;
    this.end = end + 4;
    const size = this.#readEdns(octets);
    if (size < 0) return false;
    this.limit = (channel & 1) === 1 ? MAX_MESSAGE_OCTETS : size;
    let { hash } = this;
    for (let i = 0; i < NAME_AT; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193);
    // What differs in the last octets only must differ in the lower bits, too.
    this.hash = (hash ^ (hash >>> 15)) >>> 0;
    return true;
  }

  /** Returns the offset behind the name, or -1: a pointer, too long, or cut off. */
  #readName(octets: Uint8Array): number {
    const { key } = this;
    let hash = this.#seed;
    let to = NAME_AT;
    let at = HEADER_OCTETS;
    for (;;) {
      const length = octets[at++];
      if (length === undefined || length > nameLimits.labelOctets) return -1;
      key[to++] = length;
      hash = Math.imul(hash ^ length, 0x01000193);
      if (length === 0) break;
      const end = at + length;
      // The root's zero must fit as well.
      if (end >= octets.length || to + length >= key.length) return -1;
      for (; at < end; at++) {
        const octet = foldOctet(octets[at]!);
        key[to++] = octet;
        hash = Math.imul(hash ^ octet, 0x01000193);
      }
    }
    this.keyLength = to;
    this.hash = hash;
    return at;
  }

  /** What the client takes over UDP; -1 when there is more behind the question than that. */
  #readEdns(octets: Uint8Array): number {
    const at = this.end;
    if (octets[11] === 0) return octets.length === at ? CLASSIC_UDP_PAYLOAD_SIZE : -1;
    if (octets.length !== at + OPT_OCTETS) return -1;
    if (octets[at] !== 0 || octets[at + 1] !== 0 || octets[at + 2] !== RRType.OPT) return -1;
    // Upper bits of the rcode, version, flags but DO, length of the options: all 0.
    if (octets[at + 5] !== 0 || octets[at + 6] !== 0 || (octets[at + 7]! & ~DO) !== 0) return -1;
    if (octets[at + 8] !== 0 || octets[at + 9] !== 0 || octets[at + 10] !== 0) return -1;
    this.key[0]! |= QueryFlag.EDNS | (octets[at + 7] === DO ? QueryFlag.DO : 0);
    const size = (octets[at + 3]! << 8) | octets[at + 4]!;
    return Math.min(Math.max(size, CLASSIC_UDP_PAYLOAD_SIZE), DEFAULT_UDP_PAYLOAD_SIZE);
  }
}

/** Of the key; -1 when this is not a plain query: one question, no records but one additional. */
function readFlags(octets: Uint8Array): number {
  if (octets.length < HEADER_OCTETS) return -1;
  const upper = octets[2]!;
  const lower = octets[3]!;
  if ((upper & ~RD) !== 0 || (lower & ~(AD | CD)) !== 0) return -1;
  if (octets[4] !== 0 || octets[5] !== 1 || octets[10] !== 0 || octets[11]! > 1) return -1;
  if (octets[6] !== 0 || octets[7] !== 0 || octets[8] !== 0 || octets[9] !== 0) return -1;
  return (
    (upper === 0 ? 0 : QueryFlag.RD) |
    ((lower & AD) === 0 ? 0 : QueryFlag.AD) |
    ((lower & CD) === 0 ? 0 : QueryFlag.CD)
  );
}

/**
 * The question of a query with RD and one question, a view of its octets; or undefined: it may be
 * no query at all.
 */
export function recursiveQuestion(octets: Uint8Array): Question | undefined {
  if (octets.length < HEADER_OCTETS || (octets[2]! & ~TC_AA) !== RD) return undefined;
  if (octets[4] !== 0 || octets[5] !== 1) return undefined;
  const end = skipPlainName(octets, HEADER_OCTETS, octets.length);
  if (end < 0 || end + 4 > octets.length) return undefined;
  return {
    name: DnsName.fromWire(octets.subarray(HEADER_OCTETS, end)),
    type: (octets[end]! << 8) | octets[end + 1]!,
    class: (octets[end + 2]! << 8) | octets[end + 3]!,
  };
}

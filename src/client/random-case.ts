/**
 * Random letter case in questions ("0x20"): a server repeats the name octet by octet, so each
 * letter is one more bit that a forger must guess (RFC 5452 §9.3 wants all there are). Names mean
 * the same in any case, and a reply is put back into the case that was asked for, so that nobody
 * else ever sees ours: most of its names are pointers to the question.
 */

import type { Random } from '../net/ports.ts';
import { HEADER_OCTETS, type Message } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';

/** Changes the case of the question in a query. */
export function randomiseCase(query: Uint8Array, name: DnsName, source: Random): void {
  const end = HEADER_OCTETS + name.wire.length;
  let bits = 0;
  let left = 0;
  for (let at = HEADER_OCTETS; at < end; at++) {
    const octet = query[at]! | CASE_BIT;
    // Length octets are below 64, so they are no letters.
    if (octet < LETTER_A || octet > LETTER_Z || query[at]! < 0x40) continue;
    if (left === 0) {
      bits = source.uint16();
      left = 16;
    }
    query[at] = (bits & 1) === 1 ? octet ^ CASE_BIT : octet;
    bits >>>= 1;
    left--;
  }
}

/** Whether the reply repeats the name as it was sent; then it gets back the case of `name`. */
export function restoreCase(reply: Uint8Array, query: Uint8Array, name: DnsName): boolean {
  const { wire } = name;
  const end = HEADER_OCTETS + wire.length;
  for (let at = HEADER_OCTETS; at < end; at++) if (reply[at] !== query[at]) return false;
  for (let i = 0; i < wire.length; i++) reply[HEADER_OCTETS + i] = wire[i]!;
  return true;
}

/** For servers that do not point at the question but copy it: its owner, as it was asked for. */
export function withOwner(message: Message, name: DnsName): Message {
  if (!message.answers.some((record) => isInOtherCase(record, name))) return message;
  const answers = message.answers.map((record) => {
    if (!isInOtherCase(record, name)) return record;
    // Field by field: a decoded record reads its fields from the packet, none are its own.
    const { type, class: dnsClass, ttl, rdata } = record;
    return { name, type, class: dnsClass, ttl, rdata };
  });
  return { ...message, answers };
}

function isInOtherCase(record: ResourceRecord, name: DnsName): boolean {
  const { wire } = record.name;
  if (wire.length !== name.wire.length || !record.name.equals(name)) return false;
  for (let i = 0; i < wire.length; i++) if (wire[i] !== name.wire[i]) return true;
  return false;
}

const CASE_BIT = 0x20;
const LETTER_A = 0x61;
const LETTER_Z = 0x7a;

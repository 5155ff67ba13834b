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

/** Changes the case of the question in a query, and returns the name as it is sent. */
export function randomiseCase(query: Uint8Array, name: DnsName, source: Random): Uint8Array {
  const sent = query.subarray(HEADER_OCTETS, HEADER_OCTETS + name.wire.length);
  source.fill(scratch.bits);
  for (let at = 0, bit = 0; at < sent.length; at++) {
    const octet = sent[at]! | CASE_BIT;
    // Length octets are below 64, so they are no letters.
    if (octet < LETTER_A || octet > LETTER_Z || sent[at]! < 0x40) continue;
    const isUpper = (scratch.bits[bit >> 3]! >> (bit & 7)) & 1;
    sent[at] = isUpper ? octet ^ CASE_BIT : octet;
    bit++;
  }
  return new Uint8Array(sent);
}

/** Whether the reply repeats the name as it was sent; then it gets back the case of `name`. */
export function restoreCase(reply: Uint8Array, sent: Uint8Array, name: DnsName): boolean {
  for (let i = 0; i < sent.length; i++) if (reply[HEADER_OCTETS + i] !== sent[i]) return false;
  reply.set(name.wire, HEADER_OCTETS);
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

/** One for each letter that a name of 255 octets may have. */
const scratch = { bits: new Uint8Array(32) };

const CASE_BIT = 0x20;
const LETTER_A = 0x61;
const LETTER_Z = 0x7a;

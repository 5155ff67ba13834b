/**
 * The message authentication code over what RFC 8945 §4.3 says, in its order:
 *
 *     MAC of the request, or before in the stream | messages | variables, or timers alone
 */

import { createHmac, timingSafeEqual } from 'node:crypto';

import { foldOctet } from '../wire/case-fold.ts';
import { DnsClass } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { Octets } from '../wire/rdata/octets.ts';
import type { TsigKey } from './key.ts';
import { timeOctets, type TsigFields } from './rdata.ts';

export interface Digested {
  /** With its length before it (§5.3.1); undefined for a request. */
  readonly priorMac: Uint8Array | undefined;
  /** Messages of the stream since the one that was signed last, as they were sent (§5.3.1). */
  readonly unsigned: readonly Uint8Array[];
  /** Without its TSIG record, with the original id. */
  readonly message: Uint8Array;
  /** The MAC itself does not count. */
  readonly fields: TsigFields;
  /** In a stream, from the second message on (§5.3.1). */
  readonly isTimersOnly: boolean;
}

/** Untruncated. */
export function computeMac(key: TsigKey, digested: Digested): Uint8Array {
  const { priorMac, unsigned, message, fields, isTimersOnly } = digested;
  const hmac = createHmac(key.algorithm.hash, key.secret);
  if (priorMac) hmac.update(Uint8Array.of(priorMac.length >>> 8, priorMac.length & 0xff));
  if (priorMac) hmac.update(priorMac);
  for (const octets of unsigned) hmac.update(octets);
  hmac.update(message);
  hmac.update(isTimersOnly ? timers(fields) : variables(key, fields));
  return new Uint8Array(hmac.digest());
}

/** Whether `mac`, maybe truncated, is how `full` begins. In constant time. */
export function beginsWithMac(full: Uint8Array, mac: Uint8Array): boolean {
  return mac.length <= full.length && timingSafeEqual(full.subarray(0, mac.length), mac);
}

/** The message as it was signed: the octets before `start`, one record less, the original id. */
export function unsignedMessage(
  octets: Uint8Array,
  { start, originalId }: { readonly start: number; readonly originalId: number },
): Uint8Array {
  const message = new Uint8Array(octets.subarray(0, start));
  message[0] = originalId >>> 8;
  message[1] = originalId & 0xff;
  const additionals = ((message[10]! << 8) | message[11]!) - 1;
  message[10] = additionals >>> 8;
  message[11] = additionals & 0xff;
  return message;
}

/** RFC 8945 §4.3.3: names in canonical form, that is uncompressed and in small letters. */
function variables(key: TsigKey, fields: TsigFields): Uint8Array {
  const octets = new Octets();
  octets.bytes(canonical(key.name));
  octets.u16(DnsClass.ANY);
  octets.u32(0);
  octets.bytes(canonical(fields.algorithm));
  octets.bytes(timers(fields));
  octets.u16(fields.error);
  octets.u16(fields.other.length);
  octets.bytes(fields.other);
  return octets.finish();
}

function timers({ timeSeconds, fudgeSeconds }: TsigFields): Uint8Array {
  const octets = new Octets();
  octets.bytes(timeOctets(timeSeconds));
  octets.u16(fudgeSeconds);
  return octets.finish();
}

function canonical({ wire }: DnsName): Uint8Array {
  return wire.map(foldOctet);
}

/**
 * Transaction signatures as far as a server without keys has to know them (RFC 8945 §5.2): a
 * request that is signed gets NOTAUTH with BADKEY, never an answer that ignores the signature.
 */

import { DnsClass, Rcode, RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { skipPlainName } from '../wire/name-wire.ts';
import type { ResourceRecord } from '../wire/record.ts';

export type TsigFinding =
  | { readonly kind: 'unsigned' }
  /** Several, not last, or not of the form of RFC 8945 §4.2. */
  | { readonly kind: 'malformed' }
  /** The record for the reply: no MAC, error BADKEY (§5.2.1). */
  | { readonly kind: 'unknown key'; readonly reply: ResourceRecord };

export function findTsig(message: Message): TsigFinding {
  const { additionals } = message;
  const at = additionals.findIndex(({ type }) => type === RRType.TSIG);
  if (at < 0) return { kind: 'unsigned' };
  const record = additionals[at]!;
  const rdata = badKeyRdata(record.rdata);
  const isInPlace = at === additionals.length - 1 && record.class === DnsClass.ANY;
  if (!isInPlace || !rdata) return { kind: 'malformed' };
  const { name } = record;
  const reply = { name, type: RRType.TSIG, class: DnsClass.ANY, ttl: 0, rdata };
  return { kind: 'unknown key', reply };
}

/**
 * Algorithm, time and fudge of the request, no MAC, its original id, BADKEY, no other data:
 *
 *     algorithm name | time 6 | fudge 2 | MAC size 2 | MAC | id 2 | error 2 | other size 2 | …
 */
function badKeyRdata(request: Uint8Array): Uint8Array | undefined {
  const time = skipPlainName(request, 0, request.length);
  if (time < 0 || time + 10 > request.length) return undefined;
  const id = time + 10 + ((request[time + 8]! << 8) | request[time + 9]!);
  if (id + 6 > request.length) return undefined;
  const reply = new Uint8Array(time + 16);
  reply.set(request.subarray(0, time + 8));
  reply.set(request.subarray(id, id + 2), time + 10);
  reply[time + 13] = Rcode.BADKEY;
  return reply;
}

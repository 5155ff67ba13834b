/**
 * Transaction signatures as far as a server without keys has to know them (RFC 8945 §5.2): a
 * request that is signed gets NOTAUTH with BADKEY, never an answer that ignores the signature.
 */

import { readTsig, writeTsig } from '../tsig/rdata.ts';
import { DnsClass, Rcode, RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
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

/** Algorithm, time, fudge and id of the request, no MAC, BADKEY, no other data. */
function badKeyRdata(request: Uint8Array): Uint8Array | undefined {
  const fields = readTsig(request);
  return fields && writeTsig({ ...fields, mac: NOTHING, error: Rcode.BADKEY, other: NOTHING });
}

const NOTHING: Uint8Array = new Uint8Array(0);

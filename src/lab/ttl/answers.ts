/** What a client learns from a reply: the rcode, the addresses, how much TTL is left. */

import { bytesToAddress } from '../../net/address.ts';
import { decodeMessage } from '../../wire/decode.ts';
import { Rcode, rcodeText, RRType } from '../../wire/iana.ts';

export interface ReadAnswer {
  readonly rcode: number;
  /** 'NXDOMAIN', 'SERVFAIL', 'NODATA', or addresses with blanks between, sorted. */
  readonly value: string;
  /** Of the addresses, in seconds. */
  readonly ttlSeconds: number | undefined;
}

/** Failures are no value: nobody learned anything of the name. */
export function isFailure({ rcode }: ReadAnswer): boolean {
  return rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN;
}

/** Throws on octets that are no reply, which our own server never sends. */
export function readAnswer(octets: Uint8Array): ReadAnswer {
  const decoded = decodeMessage(octets);
  if (!decoded.ok) throw new Error(`a reply that cannot be read: ${decoded.error.reason}`);
  const { rcode, answers } = decoded.value;
  const records = answers.filter(({ type }) => type === RRType.A || type === RRType.AAAA);
  if (records.length === 0) {
    const value = rcode === Rcode.NOERROR ? 'NODATA' : rcodeText(rcode);
    return { rcode, value, ttlSeconds: undefined };
  }
  const value = records
    .map(({ rdata }) => bytesToAddress(rdata))
    .toSorted()
    .join(' ');
  return { rcode, value, ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)) };
}

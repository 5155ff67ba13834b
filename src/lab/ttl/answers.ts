/** What a client learns from a reply: the rcode, the data, how much TTL is left. */

import { bytesToAddress } from '../../net/address.ts';
import { decodeMessage } from '../../wire/decode.ts';
import { Rcode, rcodeText, RRType } from '../../wire/iana.ts';
import type { Message } from '../../wire/message.ts';
import { printRdata } from '../../wire/rdata/rdata.ts';

export interface ReadAnswer {
  readonly rcode: number;
  /** 'NXDOMAIN', 'SERVFAIL', 'NODATA', or what the records say with blanks between, sorted. */
  readonly value: string;
  /** Of the records, in seconds. */
  readonly ttlSeconds: number | undefined;
}

/** Failures are no value: nobody learned anything of the name. */
export function isFailure({ rcode }: ReadAnswer): boolean {
  return rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN;
}

/**
 * Of the type that was asked for; default addresses. Throws on octets that are no reply, which our
 * own server never sends.
 */
export function readAnswer(octets: Uint8Array, asked?: number): ReadAnswer {
  const decoded = decodeMessage(octets);
  if (!decoded.ok) throw new Error(`a reply that cannot be read: ${decoded.error.reason}`);
  return readReply(decoded.value, asked);
}

/** The same of a message that was read already. */
export function readReply({ rcode, answers }: Message, asked?: number): ReadAnswer {
  const isWanted = (type: number): boolean =>
    asked === undefined ? type === RRType.A || type === RRType.AAAA : type === asked;
  const records = answers.filter(({ type }) => isWanted(type));
  const [first] = records;
  if (!first) {
    const value = rcode === Rcode.NOERROR ? 'NODATA' : rcodeText(rcode);
    return { rcode, value, ttlSeconds: undefined };
  }
  const value = valueOf(
    first.type,
    records.map(({ rdata }) => rdata),
  );
  return { rcode, value, ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)) };
}

/** What an RRset says, whatever the order of its records. */
export function valueOf(type: number, rdatas: readonly Uint8Array[]): string {
  const isAddress = type === RRType.A || type === RRType.AAAA;
  return rdatas
    .map((rdata) => (isAddress ? bytesToAddress(rdata) : printRdata(type, rdata)))
    .toSorted()
    .join(' ');
}

/** The prefixes of NAT64 that an answer for 'ipv4only.arpa.' shows (RFC 7050 §3). */

import { bytesToAddress } from '../net/address.ts';
import { RRType } from '../wire/iana.ts';
import type { ResourceRecord } from '../wire/record.ts';

/** Octets of a prefix (RFC 6052 §2.2); octet 8 is never the address's. */
const PREFIX_OCTETS = [4, 5, 6, 7, 8, 12] as const;
const SKIPPED_OCTET = 8;
/** 192.0.0.170 and 192.0.0.171. */
const WELL_KNOWN: readonly string[] = ['192.0.0.170', '192.0.0.171'];

/** '64:ff9b::/96', each once. */
export function nat64Prefixes(answers: readonly ResourceRecord[]): readonly string[] {
  const found = answers
    .filter(({ type, rdata }) => type === RRType.AAAA && rdata.length === 16)
    .flatMap(({ rdata }) =>
      PREFIX_OCTETS.filter((length) => embeds(rdata, length)).map((length) =>
        prefixText(rdata, length),
      ),
    );
  return [...new Set(found)];
}

function embeds(address: Uint8Array, length: number): boolean {
  const rest = [...address.subarray(length)].filter((_, at) => at + length !== SKIPPED_OCTET);
  const isPadded = rest.slice(4).every((octet) => octet === 0);
  return isPadded && WELL_KNOWN.includes(bytesToAddress(Uint8Array.from(rest.slice(0, 4))));
}

function prefixText(address: Uint8Array, length: number): string {
  const prefix = new Uint8Array(16);
  prefix.set(address.subarray(0, length));
  return `${bytesToAddress(prefix)}/${length * 8}`;
}

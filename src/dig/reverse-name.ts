/**
 * Names of addresses for reverse lookups: in-addr.arpa. (RFC 1035 §3.5) and ip6.arpa.
 * (RFC 3596 §2.5). As in dig, what is no IPv6 address is turned round label by label, so that
 * networks ('10.1') and classless delegations (RFC 2317) work too.
 */

import { addressToBytes } from '../net/address.ts';

/** The name's text, which need not be a name. */
export function reverseName(text: string): string {
  const octets = text.includes(':') ? addressToBytes(text) : undefined;
  if (octets?.length !== 16) return `${text.split('.').toReversed().join('.')}.in-addr.arpa.`;
  const nibbles = [...octets].flatMap((octet) => [octet >>> 4, octet & 0x0f]);
  return `${nibbles
    .toReversed()
    .map((nibble) => nibble.toString(16))
    .join('.')}.ip6.arpa.`;
}

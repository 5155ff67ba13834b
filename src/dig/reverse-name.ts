/**
 * Names of addresses for reverse lookups: in-addr.arpa. (RFC 1035 §3.5) and ip6.arpa.
 * (RFC 3596 §2.5). As in dig, what is no IPv6 address is turned round label by label, so that
 * networks ('10.1') and classless delegations (RFC 2317) work too.
 */

import { addressToBytes } from '../net/address.ts';
import { DnsName } from '../wire/name.ts';
import { octetsOf, parseName } from '../wire/name-text.ts';
import { failure, success, type Result } from '../wire/result.ts';

/** The error is a sentence that names `text`. */
export function reverseName(text: string): Result<DnsName, string> {
  const reversed = text.includes(':') ? reverseIpv6(text) : reverseLabels(text);
  const name = reversed === undefined ? undefined : parseName(octetsOf(reversed), DnsName.root);
  return name?.ok === true ? success(name.value) : failure(`Invalid IP address ${text}`);
}

function reverseLabels(text: string): string | undefined {
  const labels = text.replace(/\.$/, '').split('.');
  return labels.includes('') ? undefined : `${labels.toReversed().join('.')}.in-addr.arpa.`;
}

function reverseIpv6(text: string): string | undefined {
  const octets = addressToBytes(text);
  if (octets === undefined) return undefined;
  const nibbles = [...octets].flatMap((octet) => [octet >>> 4, octet & 0x0f]);
  return `${nibbles
    .toReversed()
    .map((nibble) => nibble.toString(16))
    .join('.')}.ip6.arpa.`;
}

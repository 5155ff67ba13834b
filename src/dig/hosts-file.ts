/** `/etc/hosts` (hosts(5)), where people name the machines around them. */

import { canonicalEndpointAddress } from '../net/address.ts';
import { DnsName } from '../wire/name.ts';
import { octetsOf, parseName } from '../wire/name-text.ts';

/** The addresses of `name`, in the order of the file. Lines that make no sense are skipped. */
export function addressesInHosts(text: string, name: DnsName): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [place = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = canonicalEndpointAddress(place);
    return address !== undefined && names.some((own) => isName(own, name)) ? [address] : [];
  });
}

function isName(text: string, name: DnsName): boolean {
  const parsed = parseName(octetsOf(text), DnsName.root);
  return parsed.ok && parsed.value.equals(name);
}

/**
 * Keys of the stores: type and class as two characters, then the folded wire form of the name.
 * Labels keep their lengths in it, so `www\.bank.com` and `www.bank.com` are two keys.
 */

import { DnsClass } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';

export function rrsetKey(name: DnsName, type: number, dnsClass: number = DnsClass.IN): string {
  return String.fromCharCode(type, dnsClass) + name.key;
}

/**
 * Under what the stores keep things. Of those with objects: type and class as two characters, then
 * the folded wire form of the name. Labels keep their lengths in it, so `www\.bank.com` and
 * `www.bank.com` are two keys.
 */

import { DnsClass } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';

export function rrsetKey(name: DnsName, type: number, dnsClass: number = DnsClass.IN): string {
  return rrsetKeyOf(name.key, type, dnsClass);
}

/** The same, of the key of a name. */
export function rrsetKeyOf(nameKey: string, type: number, dnsClass: number = DnsClass.IN): string {
  return String.fromCharCode(type, dnsClass) + nameKey;
}

/** What a key was made of, the name in lower case. */
export function partsOfKey(key: string): { readonly name: DnsName; readonly type: number } {
  const wire = Uint8Array.from(key.slice(2), (character) => character.charCodeAt(0));
  return { name: DnsName.fromWire(wire), type: key.charCodeAt(0) };
}

/** Type and class as one number, under which stores of octets keep what they know of a name. */
export function kindOf(type: number, dnsClass: number = DnsClass.IN): number {
  return ((dnsClass << 16) | type) >>> 0;
}

export function typeOfKind(kind: number): number {
  return kind & 0xffff;
}

export function classOfKind(kind: number): number {
  return kind >>> 16;
}

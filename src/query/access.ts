/**
 * Who may do what, by address: one table of prefixes, of which the longest that holds an address
 * decides, for UDP and TCP alike.
 */

import type { AddressPrefix } from './address-prefix.ts';

/**
 * What a client gets: no reply at all, REFUSED, answers out of our zones, or those and recursion.
 */
export type Access = 'drop' | 'refuse' | 'serve' | 'recurse';

export interface AccessRule {
  readonly prefix: AddressPrefix;
  readonly access: Access;
}

export class AccessTable {
  /** By length, the longest first: as many look-ups as there are lengths, not rules. */
  readonly #ipv4: readonly Length[];
  readonly #ipv6: readonly Length[];

  /** Of several rules for one prefix the strictest holds. */
  constructor(rules: readonly AccessRule[]) {
    this.#ipv4 = lengthsOf(rules.filter(({ prefix }) => prefix.octets.length === 4));
    this.#ipv6 = lengthsOf(rules.filter(({ prefix }) => prefix.octets.length === 16));
  }

  /** Of an address of 4 or 16 octets; 'serve' where no rule holds it. */
  of(address: Uint8Array): Access {
    const lengths = address.length === 4 ? this.#ipv4 : this.#ipv6;
    for (const { bits, rules } of lengths) {
      const access = rules.get(keyOf(address, bits));
      if (access) return access;
    }
    return 'serve';
  }
}

interface Length {
  readonly bits: number;
  readonly rules: ReadonlyMap<number | string, Access>;
}

const STRICTEST_FIRST: readonly Access[] = ['drop', 'refuse', 'serve', 'recurse'];

function lengthsOf(rules: readonly AccessRule[]): readonly Length[] {
  const lengths = new Map<number, Map<number | string, Access>>();
  for (const { prefix, access } of rules) {
    const { octets, bits } = prefix;
    const known = lengths.get(bits) ?? new Map<number | string, Access>();
    lengths.set(bits, known);
    const key = keyOf(octets, bits);
    known.set(key, stricter(known.get(key) ?? access, access));
  }
  return [...lengths]
    .map(([bits, known]) => ({ bits, rules: known }))
    .toSorted((a, b) => b.bits - a.bits);
}

function stricter(a: Access, b: Access): Access {
  return STRICTEST_FIRST.indexOf(a) < STRICTEST_FIRST.indexOf(b) ? a : b;
}

/** The first `bits` of an address: a number for IPv4, which costs no memory; text for IPv6. */
function keyOf(address: Uint8Array, bits: number): number | string {
  if (address.length === 4) return (wordAt(address, 0) & maskOf(bits)) >>> 0;
  let key = '';
  for (let word = 0; word * 32 < bits; word++) {
    key += `${wordAt(address, word * 4) & maskOf(Math.min(32, bits - word * 32))} `;
  }
  return key;
}

function maskOf(bits: number): number {
  // A shift by 32 is one by 0.
  return bits === 0 ? 0 : (-1 << (32 - bits)) | 0;
}

function wordAt(octets: Uint8Array, at: number): number {
  return (octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!;
}

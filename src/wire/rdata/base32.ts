/**
 * Base32 with the extended hex alphabet (RFC 4648 §7), unpadded, as the names and fields of NSEC3
 * have it (RFC 5155 §1.3, §3.3): it sorts as the octets do.
 */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

export function printBase32Hex(octets: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const octet of octets) {
    value = ((value << 8) | octet) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += DIGITS[(value >> (bits - 5)) & 31]!;
  }
  return bits > 0 ? text + DIGITS[(value << (5 - bits)) & 31]! : text;
}

/** Undefined when a character is no digit, or the text is not what whole octets give. */
export function parseBase32Hex(text: string): Uint8Array | undefined {
  const octets: number[] = [];
  let bits = 0;
  let value = 0;
  // tidy-allow text-case: digits in base32hex, not a name
  for (const character of text.toUpperCase()) {
    const digit = DIGITS.indexOf(character);
    if (digit < 0) return undefined;
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    octets.push((value >> bits) & 0xff);
  }
  const isWhole = bits < 5 && (value & ((1 << bits) - 1)) === 0;
  return isWhole ? Uint8Array.from(octets) : undefined;
}

/**
 * IPv4 addresses as the C library reads them besides the usual form (inet_aton(3)): `@1.1` stands
 * for 1.0.0.1. Parts may be in octal or hexadecimal, and the last one fills what is left.
 */

const PART = /^(?:0[0-7]*|0x[0-9a-f]+|[1-9][0-9]*)$/i;
const OCTETS = 4;

/** With four decimal parts; undefined for what is no address. */
export function readShortAddress(text: string): string | undefined {
  const parts = text.split('.');
  if (parts.length > OCTETS || !parts.every((part) => PART.test(part))) return undefined;
  const numbers = parts.map(numberOf);
  const last = numbers.pop() ?? 0;
  const octetsLeft = OCTETS - numbers.length;
  if (numbers.some((number) => number > 255) || last >= 256 ** octetsLeft) return undefined;
  const tail = Array.from({ length: octetsLeft }, (_, i) => {
    return Math.floor(last / 256 ** (octetsLeft - 1 - i)) % 256;
  });
  return [...numbers, ...tail].join('.');
}

function numberOf(part: string): number {
  if (/^0x/i.test(part)) return Number(part);
  return part.startsWith('0') ? Number.parseInt(part, 8) : Number(part);
}

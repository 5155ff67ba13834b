/**
 * IP addresses as text and octets: dotted quads (RFC 1123 §2.1) and IPv6 (RFC 4291 §2.2 read,
 * RFC 5952 §4 printed). Strict: '1.2.3', '01.2.3.4' and '::1::' are no addresses.
 */

/** Four octets, or undefined. */
export function parseIPv4(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(4);
  let at = 0;
  for (let i = 0; i < 4; i++) {
    if (i > 0 && text.charCodeAt(at++) !== DOT) return undefined;
    const start = at;
    let value = 0;
    for (let digit = digitAt(text, at); digit >= 0; digit = digitAt(text, ++at)) {
      value = value * 10 + digit;
      // A zero in front makes octal numbers of some readers' digits.
      if (value > 255 || (value < 10 && at > start)) return undefined;
    }
    if (at === start) return undefined;
    octets[i] = value;
  }
  return at === text.length ? octets : undefined;
}

const DOT = 0x2e;

/** Negative where there is none. */
function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : -1;
}

/** Sixteen octets, or undefined. */
export function parseIPv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff]));
}

export function printIPv4(octets: Uint8Array): string {
  return `${octets[0]!}.${octets[1]!}.${octets[2]!}.${octets[3]!}`;
}

export function printIPv6(octets: Uint8Array): string {
  if (isMapped(octets)) return `::ffff:${printIPv4(octets.subarray(12))}`;
  const groups = Array.from({ length: 8 }, (_, i) => (octets[2 * i]! << 8) | octets[2 * i + 1]!);
  const gap = longestZeroRun(groups);
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return gap.length < 2 ? text(0, 8) : `${text(0, gap.start)}::${text(gap.start + gap.length, 8)}`;
}

/** Groups between colons; the last may be a dotted quad. An empty text is no groups. */
function parseGroups(text: string, quadAllowed: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(parseInt(part, 16));
      continue;
    }
    const quad = quadAllowed && i === parts.length - 1 ? parseIPv4(part) : undefined;
    if (!quad) return undefined;
    groups.push((quad[0]! << 8) | quad[1]!, (quad[2]! << 8) | quad[3]!);
  }
  return groups.length <= 8 ? groups : undefined;
}

/** ::ffff:0:0/96, the only range that RFC 5952 §5 prints with a dotted quad for certain. */
function isMapped(octets: Uint8Array): boolean {
  return (
    octets.subarray(0, 10).every((octet) => octet === 0) && octets[10] === 255 && octets[11] === 255
  );
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}

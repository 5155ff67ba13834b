/**
 * Addresses in a file's octets, in their usual forms: octets in, octets out, no string between.
 * Returns the offset behind the address, or -1 where it is wrong or unusual; what is true of the
 * unusual ones is `ip-address.ts`'s to say.
 */

/** A dotted quad (RFC 1123 §2.1), strict: no leading zeros. */
export function readPlainIPv4(octets: Uint8Array, start: number, out: Uint8Array): number {
  let at = start;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && octets[at++] !== DOT) return -1;
    const from = at;
    let value = 0;
    for (; at < from + 3; at++) {
      const digit = octets[at]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (at === from || value > 255 || (octets[from] === ZERO && at > from + 1)) return -1;
    out[part] = value;
  }
  return isEnd(octets[at]) ? at : -1;
}

/** Groups of hexadecimal with at most one '::' (RFC 4291 §2.2), no dotted quad in it. */
export function readPlainIPv6(octets: Uint8Array, start: number, out: Uint8Array): number {
  let group = 0;
  /** The groups before '::'; -1 until it comes. */
  let gap = isGap(octets, start) ? 0 : -1;
  let at = gap === 0 ? start + 2 : start;
  while (group < 8) {
    const end = readGroup(octets, at, { out, group });
    // Only behind '::' may there be nothing.
    if (end === at && gap !== group) return -1;
    if (end === at) break;
    at = end;
    group++;
    if (octets[at] !== COLON) break;
    if (!isGap(octets, at)) {
      if (group === 8) return -1;
      at++;
      continue;
    }
    if (gap >= 0) return -1;
    gap = group;
    at += 2;
  }
  if (!isEnd(octets[at]) || (gap < 0 ? group !== 8 : group > 7)) return -1;
  if (gap >= 0) spread(out, gap, group);
  return at;
}

function isGap(octets: Uint8Array, at: number): boolean {
  return octets[at] === COLON && octets[at + 1] === COLON;
}

/** Up to four hexadecimal digits; returns the offset behind them. */
function readGroup(
  octets: Uint8Array,
  start: number,
  { out, group }: { readonly out: Uint8Array; readonly group: number },
): number {
  let at = start;
  let value = 0;
  for (; at < start + 4; at++) {
    const digit = hexDigit(octets[at]);
    if (digit < 0) break;
    value = value * 16 + digit;
  }
  out[2 * group] = value >> 8;
  out[2 * group + 1] = value;
  return at;
}

/** Moves the groups behind the gap to the end, and zeros into it. */
function spread(out: Uint8Array, gap: number, groups: number): void {
  const tail = 2 * (groups - gap);
  out.copyWithin(16 - tail, 2 * gap, 2 * groups);
  out.fill(0, 2 * gap, 16 - tail);
}

/** A blank, a line end, a comment, or the end of the file. */
function isEnd(octet: number | undefined): boolean {
  return octet === undefined || octet <= 0x20 || octet === 0x3b;
}

function hexDigit(octet: number | undefined): number {
  if (octet === undefined) return -1;
  if (octet >= ZERO && octet <= 0x39) return octet - ZERO;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;

/**
 * The only notion of letter case in the DNS (RFC 4343 §3): octets 0x41–0x5A equal 0x61–0x7A, and
 * nothing else equals anything. `toLowerCase` folds more (U+212A KELVIN SIGN, accented letters) and
 * so would merge names of different owners: a way to poison a cache.
 */

const TABLE: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

/** The octet that `octet` equals when case is ignored. Length octets (0–63) map to themselves. */
export function foldOctet(octet: number): number {
  return TABLE[octet]!;
}

/** A text with one character per octet, folded: the key under which maps keep names. */
export function foldedText(bytes: Uint8Array, start: number, end: number): string {
  const codes = new Array<number>(end - start);
  for (let i = start; i < end; i++) codes[i - start] = TABLE[bytes[i]!]!;
  return String.fromCharCode.apply(null, codes);
}

/** Whether `length` octets of `a` at `aStart` equal those of `b` at `bStart`, case ignored. */
export function equalFolded(
  a: Uint8Array,
  b: Uint8Array,
  range: { readonly aStart: number; readonly bStart: number; readonly length: number },
): boolean {
  const { aStart, bStart, length } = range;
  for (let i = 0; i < length; i++) {
    if (TABLE[a[aStart + i]!] !== TABLE[b[bStart + i]!]) return false;
  }
  return true;
}

/**
 * Names as text: the presentation form of RFC 1035 §5.1 with the escapes of RFC 4343 §2.1, out of
 * octets. Reading is in `name-text.ts`.
 */

/** The absolute presentation form of a well-formed uncompressed name. */
export function printName(wire: Uint8Array): string {
  if (wire[0] === 0) return '.';
  let text = '';
  let at = 0;
  while (wire[at] !== 0) {
    const end = at + 1 + wire[at]!;
    for (at++; at < end; at++) text += LABEL_TEXT[wire[at]!]!;
    text += '.';
  }
  return text;
}

/** A label with everything escaped that a master file, a shell or a terminal could act upon. */
export function printLabel(label: Uint8Array): string {
  let text = '';
  for (const octet of label) text += LABEL_TEXT[octet]!;
  return text;
}

/** Characters that are syntax somewhere: in names, in master files (RFC 1035 §5.1), or in both. */
const ESCAPED = '.\\"();@$';

const LABEL_TEXT: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  if (octet <= 0x20 || octet >= 0x7f) return '\\' + String(octet).padStart(3, '0');
  const character = String.fromCharCode(octet);
  return ESCAPED.includes(character) ? '\\' + character : character;
});

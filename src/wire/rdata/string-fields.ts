/**
 * Character strings (RFC 1035 §3.3): a length octet and up to 255 octets. In text they stand in
 * quotes or bare, with the escapes of RFC 1035 §5.1.
 */

import { foldOctet } from '../case-fold.ts';
import { readOctet } from '../name-text.ts';
import type { Field } from './field.ts';
import type { RdataTokens, Token } from './tokens.ts';

/** One character string of at most 255 octets. */
export function characterString(what: string): Field {
  return {
    kind: 'other',
    end: characterStringEnd,
    print: (bytes, start, end) => printQuoted(bytes.subarray(start + 1, end)),
    parse(tokens, out) {
      const token = tokens.nextString(what);
      const octets = unescape(tokens, token);
      if (octets.length > 255) tokens.fail(token, `${what} of at most 255 octets`);
      out.u8(octets.length);
      out.bytes(octets);
    },
  };
}

/** One character string or more, to the end of the rdata (RFC 1035 §3.3.14). */
export const characterStrings: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    let at = start;
    do {
      at = characterStringEnd(bytes, at, limit);
      if (at < 0) return -1;
    } while (at < limit);
    return at;
  },
  print(bytes, start, end) {
    const texts: string[] = [];
    for (let at = start; at < end; at += bytes[at]! + 1) {
      texts.push(printQuoted(bytes.subarray(at + 1, at + 1 + bytes[at]!)));
    }
    return texts.join(' ');
  },
  parse(tokens, out) {
    const one = characterString('a character string');
    do one.parse(tokens, out);
    while (!tokens.atEnd);
  },
};

/** One more character string, if the rdata go on. */
export function optionalString(what: string): Field {
  const one = characterString(what);
  return {
    kind: 'other',
    end: (bytes, start, limit) => (start === limit ? limit : one.end(bytes, start, limit)),
    print: (bytes, start, end) => (start === end ? '' : one.print(bytes, start, end)),
    parse(tokens, out) {
      if (!tokens.atEnd) one.parse(tokens, out);
    },
  };
}

/** A PSDN address: at least four digits, in a character string (RFC 1183 §3.1). */
export const psdnAddress: Field = {
  ...characterString('a PSDN address'),
  end(bytes, start, limit) {
    const end = characterStringEnd(bytes, start, limit);
    return end > start + 4 && bytes.subarray(start + 1, end).every(isDigit) ? end : -1;
  },
  parse(tokens, out) {
    const token = tokens.next('a PSDN address');
    if (!/^[0-9]{4,255}$/.test(token.text)) tokens.fail(token, 'a PSDN address of digits');
    out.u8(token.text.length);
    out.bytes(Uint8Array.from(token.text, (digit) => digit.charCodeAt(0)));
  },
};

/** A tag of letters and digits behind a length octet (RFC 8659 §4.1). */
export const caaTag: Field = {
  ...characterString('a tag'),
  end(bytes, start, limit) {
    const end = characterStringEnd(bytes, start, limit);
    // Other octets would reach terminals unescaped: tags are printed as they are.
    return end > start + 1 && bytes.subarray(start + 1, end).every(isLetterOrDigit) ? end : -1;
  },
  print: (bytes, start, end) => String.fromCharCode(...bytes.subarray(start + 1, end)),
  parse(tokens, out) {
    const token = tokens.next("a tag such as 'issue'");
    if (!/^[0-9A-Za-z]{1,255}$/.test(token.text)) tokens.fail(token, 'a tag of letters and digits');
    out.u8(token.text.length);
    out.bytes(Uint8Array.from(token.text, (character) => character.charCodeAt(0)));
  },
};

/** Text without a length octet, to the end of the rdata (RFC 8659 §4.1.1, RFC 7553 §4.4). */
export const trailingText: Field = {
  kind: 'other',
  end: (_bytes, _start, limit) => limit,
  print: (bytes, start, end) => printQuoted(bytes.subarray(start, end)),
  parse(tokens, out) {
    out.bytes(unescape(tokens, tokens.nextString('a quoted text')));
  },
};

/** Text in quotes; everything that is not printable ASCII is escaped. */
export function printQuoted(octets: Uint8Array): string {
  let text = '"';
  for (const octet of octets) text += STRING_TEXT[octet]!;
  return text + '"';
}

/** The octets that a token's text stands for. Throws `PresentationError`. */
export function unescape(tokens: RdataTokens, token: Token): Uint8Array {
  const octets: number[] = [];
  for (let i = 0; i < token.text.length;) {
    const read = readOctet(token.text, i);
    if (!read.ok) return tokens.fail(token, `a character string (${read.error})`);
    if (read.value.octet > 0xff) tokens.fail(token, 'a character string of octets');
    octets.push(read.value.octet);
    i = read.value.next;
  }
  return Uint8Array.from(octets);
}

function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}

function isLetterOrDigit(octet: number): boolean {
  const folded = foldOctet(octet);
  return isDigit(octet) || (folded >= 0x61 && folded <= 0x7a);
}

export function characterStringEnd(bytes: Uint8Array, start: number, limit: number): number {
  if (start >= limit) return -1;
  const end = start + 1 + bytes[start]!;
  return end <= limit ? end : -1;
}

const STRING_TEXT: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  if (octet < 0x20 || octet >= 0x7f) return '\\' + String(octet).padStart(3, '0');
  const character = String.fromCharCode(octet);
  return character === '"' || character === '\\' ? '\\' + character : character;
});

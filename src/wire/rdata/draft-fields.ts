/**
 * Fields of types that were registered without an RFC: SINK (draft-eastlake-kitchen-sink), DOA
 * (draft-durand-doa-over-dns), IPN (draft-johnson-dns-ipn-cla).
 */

import { printBase64, restOfBase64 } from './binary-fields.ts';
import { fixedEnd, parseInteger, readU32, type Field } from './field.ts';

/**
 * Subcoding and data, behind meaning and coding. Texts of an earlier draft, which simdzone reads,
 * have base64 where the subcoding stands: that is told by what the token is.
 */
export const sinkData: Field = {
  kind: 'other',
  end: (_bytes, start, limit) => (start < limit ? limit : -1),
  print(bytes, start, end) {
    const data = bytes.subarray(start + 1, end);
    return data.length === 0 ? String(bytes[start]!) : `${bytes[start]!} ${printBase64(data)}`;
  },
  parse(tokens, out) {
    const subcoding = parseInteger(tokens.peek()?.text ?? '', 0xff);
    if (subcoding === undefined) return out.bytes(restOfBase64(tokens, 'data'));
    tokens.next('a subcoding');
    out.u8(subcoding);
    if (!tokens.atEnd) out.bytes(restOfBase64(tokens, 'data'));
  },
};

/** Base64 to the end of the rdata, or '-' for none. */
export const base64OrDash: Field = {
  kind: 'other',
  end: (_bytes, _start, limit) => limit,
  print: (bytes, start, end) => (start < end ? printBase64(bytes.subarray(start, end)) : '-'),
  parse(tokens, out) {
    if (tokens.peek()?.text === '-') tokens.next("data or '-'");
    else out.bytes(restOfBase64(tokens, "data, or '-',"));
  },
};

/** 64 bits as one number, or as two of 32 bits with a dot between them. */
export const nodeNumber: Field = {
  kind: 'other',
  end: fixedEnd(8),
  print: (bytes, start) =>
    String(BigInt(readU32(bytes, start)) * 2n ** 32n + BigInt(readU32(bytes, start + 4))),
  parse(tokens, out) {
    const expected = "a node number such as '100' or '977000.100'";
    const token = tokens.next(expected);
    const number = nodeNumberOf(token.text) ?? tokens.fail(token, expected);
    out.u32(Number(number >> 32n));
    out.u32(Number(number & 0xffffffffn));
  },
};

function nodeNumberOf(text: string): bigint | undefined {
  if (/^[0-9]{1,20}$/.test(text)) {
    const number = BigInt(text);
    return number < 2n ** 64n ? number : undefined;
  }
  const parts = text.split('.').map((part) => parseInteger(part, 0xffffffff));
  const [high, low] = parts;
  if (parts.length !== 2 || high === undefined || low === undefined) return undefined;
  return BigInt(high) * 2n ** 32n + BigInt(low);
}

/**
 * The fields of TSIG records (RFC 8945 §4.2), in the text that BIND gives them: only people read
 * it, since such records stand in messages and never in zones.
 */

import { Rcode } from '../iana.ts';
import { parseBase64, printBase64 } from './binary-fields.ts';
import { fixedEnd, parseInteger, readU16, readU32, type Field } from './field.ts';

/** Seconds since 1970 in 48 bits. */
export const signingTime: Field = {
  kind: 'other',
  end: fixedEnd(6),
  print: (bytes, start) => String(readU16(bytes, start) * 2 ** 32 + readU32(bytes, start + 2)),
  parse(tokens, out) {
    const expected = 'a time in seconds (0 to 281474976710655)';
    const token = tokens.next(expected);
    const value = parseInteger(token.text, 2 ** 48 - 1) ?? tokens.fail(token, expected);
    out.u16(Math.floor(value / 2 ** 32));
    out.u32(value % 2 ** 32);
  },
};

/** Octets with their number before them: '0', or '3 Zm9v'. */
export function countedBase64(what: string): Field {
  return {
    kind: 'other',
    end(bytes, start, limit) {
      if (start + 2 > limit) return -1;
      const end = start + 2 + readU16(bytes, start);
      return end <= limit ? end : -1;
    },
    print(bytes, start, end) {
      return end === start + 2
        ? '0'
        : `${end - start - 2} ${printBase64(bytes.subarray(start + 2, end))}`;
    },
    parse(tokens, out) {
      const expected = `the number of octets of ${what} (0 to 65535)`;
      const token = tokens.next(expected);
      const count = parseInteger(token.text, 0xffff) ?? tokens.fail(token, expected);
      out.u16(count);
      if (count === 0) return;
      const digits = tokens.next(`${what} in base64`);
      const octets = parseBase64(digits.text);
      if (octets?.length !== count) tokens.fail(digits, `${count} octets of ${what} in base64`);
      else out.bytes(octets);
    },
  };
}

/** The same at the end of a record, where BIND leaves a blank behind '0'. */
export function trailingBase64(what: string): Field {
  const field = countedBase64(what);
  const print: Field['print'] = (bytes, start, end) =>
    end === start + 2 ? '0 ' : field.print(bytes, start, end);
  return { ...field, print };
}

/** An extended rcode; 16 is BADSIG here, and BADVERS in EDNS (RFC 8945 §3). */
export const transactionError: Field = {
  kind: 'other',
  end: fixedEnd(2),
  print(bytes, start) {
    const code = readU16(bytes, start);
    return ERROR_NAMES.get(code) ?? String(code);
  },
  parse(tokens, out) {
    const expected = 'an error such as BADSIG, or its number';
    const token = tokens.next(expected);
    const { text } = token;
    const named = [...ERROR_NAMES].find(([, name]) => name === text)?.[0];
    out.u16(named ?? parseInteger(text, 0xffff) ?? tokens.fail(token, expected));
  },
};

const ERROR_NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(Rcode).map(([name, code]) => [code, name] as const),
  [16, 'BADSIG'],
]);

/**
 * Names out of text: the presentation form of RFC 1035 §5.1 with the escapes of RFC 4343 §2.1.
 * Texts hold one character per octet (latin1): whoever reads UTF-8 input converts it with
 * `octetsOf` first. Internationalised names (A-labels) are the caller's business. Printing is in
 * `name-print.ts`, which needs no `DnsName`.
 */

import { DnsName, nameLimits } from './name.ts';
import { failure, success, type Result } from './result.ts';

/**
 * Reads a name. '@' alone is `origin`; a name without a trailing dot is relative to `origin`.
 * The error says what is wrong in words that fit behind a colon.
 */
export function parseName(text: string, origin?: DnsName): Result<DnsName, string> {
  if (text === '@')
    return origin ? success(origin) : failure("'@' stands for the origin, and there is none");
  if (text === '.') return success(DnsName.root);
  if (text === '') return failure('the name is empty');
  const wire = new Uint8Array(nameLimits.octets);
  const state = { at: 1, labelStart: 0, absolute: false };
  for (let i = 0; i < text.length;) {
    state.absolute = false;
    const code = text.charCodeAt(i);
    if (code === DOT) {
      const error = closeLabel(wire, state);
      if (error !== undefined) return failure(error);
      state.absolute = true;
      i++;
      continue;
    }
    // Nearly every octet stands for itself, and needs no object to say so.
    const read = code === BACKSLASH ? readOctet(text, i) : undefined;
    if (read && !read.ok) return read;
    const { octet, next } = read?.value ?? { octet: code, next: i + 1 };
    if (octet > 0xff) return failure(`'${text}' holds a character that is no octet`);
    if (state.at >= nameLimits.octets) return failure(TOO_LONG);
    wire[state.at++] = octet;
    i = next;
  }
  return finish(wire, state, origin);
}

/** A name known to be right: for constants and tests. Throws on a mistake. */
export function nameOf(text: string, origin: DnsName = DnsName.root): DnsName {
  const result = parseName(octetsOf(text), origin);
  if (!result.ok) throw new Error(`${text}: ${result.error}`);
  return result.value;
}

/**
 * One octet of escaped text at `at`: itself, `\X`, or `\DDD` (RFC 1035 §5.1). Characters above
 * 255 come back as they are, for the caller to refuse.
 */
export function readOctet(
  text: string,
  at: number,
): Result<{ readonly octet: number; readonly next: number }, string> {
  const code = text.charCodeAt(at);
  if (code !== BACKSLASH) return success({ octet: code, next: at + 1 });
  if (at + 1 >= text.length) return failure('a backslash at the end escapes nothing');
  if (!isDigit(text.charCodeAt(at + 1))) {
    return success({ octet: text.charCodeAt(at + 1), next: at + 2 });
  }
  const digits = text.slice(at + 1, at + 4);
  if (!/^[0-9]{3}$/.test(digits) || Number(digits) > 255) {
    return failure(`'\\${digits}' is not an octet: \\DDD takes three digits from 000 to 255`);
  }
  return success({ octet: Number(digits), next: at + 4 });
}

/** UTF-8 text as one character per octet, which is what the parsers here take. */
export function octetsOf(text: string): string {
  // eslint-disable-next-line no-control-regex -- ASCII is the common case and needs no conversion.
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return latin1Of(new TextEncoder().encode(text));
}

/** One character per octet, of any number of octets. */
export function latin1Of(octets: Uint8Array): string {
  let text = '';
  // In parts, since arguments of a call stand on the stack: a zone file would overflow it.
  for (let at = 0; at < octets.length; at += 4096) {
    text += String.fromCharCode(...octets.subarray(at, at + 4096));
  }
  return text;
}

const TOO_LONG = 'the name is longer than 255 octets';
const DOT = 0x2e;
const BACKSLASH = 0x5c;

interface NameState {
  /** Where the next octet goes. */
  at: number;
  /** Where the length octet of the label being read is. */
  labelStart: number;
  absolute: boolean;
}

function closeLabel(wire: Uint8Array, state: NameState): string | undefined {
  const length = state.at - state.labelStart - 1;
  if (length === 0) return 'the name has an empty label (two dots, or a dot in front)';
  if (length > nameLimits.labelOctets) return `a label has ${length} octets, 63 are allowed`;
  if (state.at >= nameLimits.octets) return TOO_LONG;
  wire[state.labelStart] = length;
  state.labelStart = state.at;
  wire[state.at++] = 0;
  return undefined;
}

function finish(
  wire: Uint8Array,
  state: NameState,
  origin: DnsName | undefined,
): Result<DnsName, string> {
  if (state.absolute) return success(DnsName.fromWire(wire.slice(0, state.at)));
  const error = closeLabel(wire, state);
  if (error !== undefined) return failure(error);
  if (!origin) return failure('the name is relative (no dot at the end), and there is no origin');
  const relative = DnsName.fromWire(wire.slice(0, state.at));
  const full = relative.rebased(DnsName.root, origin);
  return full ? success(full) : failure(`${TOO_LONG} with its origin ${origin.toString()}`);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

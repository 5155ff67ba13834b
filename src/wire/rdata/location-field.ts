/**
 * Where a host is on Earth (RFC 1876 §2, §3): `42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m
 * 10m`, in sixteen octets. Sizes keep one digit and a power of ten, so text is rounded down; what
 * the RFC leaves undefined (digits over 9, other versions, angles beyond the poles) is malformed.
 */

import { readU32, type Field } from './field.ts';
import type { Octets } from './octets.ts';
import type { RdataTokens, Token } from './tokens.ts';

const OCTETS = 16;
/** Thousandths of a second of arc in a degree. */
const DEGREE = 3_600_000;
/** What the equator and the prime meridian are sent as. */
const ORIGIN = 2 ** 31;
/** Centimetres between the lowest altitude, which is sent as 0, and sea level. */
const DEPTH = 10_000_000;
/** Centimetres: 9 × 10^9, the largest size that there is an octet for. */
const LARGEST_SIZE = 9_000_000_000;

interface Axis {
  readonly what: string;
  readonly most: number;
  readonly positive: string;
  readonly negative: string;
}

const LATITUDE: Axis = { what: 'a latitude', most: 90, positive: 'N', negative: 'S' };
const LONGITUDE: Axis = { what: 'a longitude', most: 180, positive: 'E', negative: 'W' };

export const location: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    if (limit - start < OCTETS || bytes[start] !== 0) return -1;
    const areSizes = [1, 2, 3].every((i) => isSize(bytes[start + i]!));
    const isOnEarth =
      Math.abs(readU32(bytes, start + 4) - ORIGIN) <= LATITUDE.most * DEGREE &&
      Math.abs(readU32(bytes, start + 8) - ORIGIN) <= LONGITUDE.most * DEGREE;
    return areSizes && isOnEarth ? start + OCTETS : -1;
  },
  print(bytes, start) {
    return [
      printAngle(readU32(bytes, start + 4), LATITUDE),
      printAngle(readU32(bytes, start + 8), LONGITUDE),
      `${((readU32(bytes, start + 12) - DEPTH) / 100).toFixed(2)}m`,
      ...[1, 2, 3].map((i) => printSize(bytes[start + i]!)),
    ].join(' ');
  },
  parse(tokens, out) {
    const latitude = parseAngle(tokens, LATITUDE);
    const longitude = parseAngle(tokens, LONGITUDE);
    const altitude = parseAltitude(tokens);
    out.u8(0);
    parseSize(tokens, out, '1');
    parseSize(tokens, out, '10000');
    parseSize(tokens, out, '10');
    out.u32(latitude);
    out.u32(longitude);
    out.u32(altitude);
  },
};

function isSize(octet: number): boolean {
  const digit = octet >> 4;
  const exponent = octet & 0x0f;
  return digit <= 9 && exponent <= 9 && (digit > 0 || exponent === 0);
}

function printAngle(value: number, axis: Axis): string {
  const angle = Math.abs(value - ORIGIN);
  const degrees = Math.floor(angle / DEGREE);
  const minutes = Math.floor(angle / 60_000) % 60;
  const seconds = ((angle % 60_000) / 1000).toFixed(3);
  return `${degrees} ${minutes} ${seconds} ${value < ORIGIN ? axis.negative : axis.positive}`;
}

function printSize(octet: number): string {
  const metres = ((octet >> 4) * 10 ** (octet & 0x0f)) / 100;
  return (octet & 0x0f) < 2 ? `${metres.toFixed(2)}m` : `${metres}m`;
}

function parseAngle(tokens: RdataTokens, axis: Axis): number {
  const { what, most, positive, negative } = axis;
  const expected = `${what} such as '${most / 2} 30 59.999 ${positive}'`;
  const parts: number[] = [];
  for (const form of [/^0*[0-9]{1,3}$/, /^0*[0-9]{1,2}$/, /^0*[0-9]{1,2}(?:\.[0-9]{1,3})?$/]) {
    const token = tokens.next(expected);
    if (parts.length > 0 && (token.text === positive || token.text === negative)) {
      return angleOf(tokens, token, { axis, parts });
    }
    if (!form.test(token.text)) tokens.fail(token, expected);
    parts.push(Number(token.text));
  }
  const token = tokens.next(expected);
  if (token.text !== positive && token.text !== negative) tokens.fail(token, expected);
  return angleOf(tokens, token, { axis, parts });
}

function angleOf(
  tokens: RdataTokens,
  token: Token,
  { axis, parts }: { readonly axis: Axis; readonly parts: readonly number[] },
): number {
  const [degrees = 0, minutes = 0, seconds = 0] = parts;
  const angle = degrees * DEGREE + minutes * 60_000 + Math.round(seconds * 1000);
  if (minutes > 59 || seconds >= 60 || angle > axis.most * DEGREE) {
    tokens.fail(token, `${axis.what} of at most ${axis.most} degrees, 59 minutes, 59.999 seconds`);
  }
  return token.text === axis.negative ? ORIGIN - angle : ORIGIN + angle;
}

function parseAltitude(tokens: RdataTokens): number {
  const expected = 'an altitude from -100000.00m to 42849672.95m';
  const token = tokens.next(expected);
  const centimetres = parseCentimetres(token.text);
  if (centimetres === undefined) return tokens.fail(token, expected);
  const altitude = centimetres + DEPTH;
  return altitude >= 0 && altitude <= 0xffffffff ? altitude : tokens.fail(token, expected);
}

function parseSize(tokens: RdataTokens, out: Octets, otherwise: string): void {
  const token = tokens.atEnd ? undefined : tokens.next('a size');
  const centimetres = parseCentimetres(token?.text ?? otherwise) ?? -1;
  if (centimetres < 0 || centimetres > LARGEST_SIZE) {
    tokens.fail(token, 'a size or precision from 0 to 90000000.00m');
  }
  const exponent = Math.max(0, String(centimetres).length - 1);
  out.u8((Math.floor(centimetres / 10 ** exponent) << 4) | exponent);
}

/** Metres with at most two decimals, with or without their unit. */
function parseCentimetres(text: string): number | undefined {
  if (!/^-?0*[0-9]{1,8}(?:\.[0-9]{0,2})?m?$/.test(text)) return undefined;
  return Math.round(Number(text.replace('m', '')) * 100);
}

/** Values of `+subnet` and `+ednsopt`. */

import { addressToBytes } from '../net/address.ts';
import type { EdnsOptionValue } from '../wire/edns.ts';
import { parseUint, readHex, tryNumber } from './numbers.ts';
import { ExitStatus, type Reading } from './reading.ts';
import type { ClientSubnet } from './settings.ts';

const IPV4 = { family: 1, bits: 32 } as const;
const IPV6 = { family: 2, bits: 128 } as const;
/** Of an IPv6 address that ends in an IPv4 address, with a length behind it. */
const MAX_PREFIX_LENGTH = 49;

/** `ADDRESS[/LENGTH]`, an IPv4 address perhaps without its last numbers, or `0`. */
export function readClientSubnet(reading: Reading, text: string): ClientSubnet {
  if (text.length > MAX_PREFIX_LENGTH) return reading.refuse(`invalid prefix '${text}'\n`);
  if (text === '0') return { family: IPV4.family, prefixLength: 0, address: new Uint8Array(0) };
  const slash = text.indexOf('/');
  const addressText = slash < 0 ? text : text.slice(0, slash);
  let prefixLength = Infinity;
  if (slash >= 0) {
    const number = parseUint(text.slice(slash + 1));
    if (number === undefined || number > 0xffff_ffff) {
      const problem = number === undefined ? 'not a valid number' : 'out of range';
      return reading.refuse(`invalid prefix length in '${text}': ${problem}\n`);
    }
    prefixLength = number;
  }
  const octets = addressToBytes(addressText) ?? (slash < 0 ? undefined : completed(addressText));
  if (!octets) return reading.refuse(`invalid address '${text}'`);
  const { family, bits } = octets.length === 4 ? IPV4 : IPV6;
  return prefixOf(octets, family, Math.min(prefixLength, bits));
}

function prefixOf(octets: Uint8Array, family: number, prefixLength: number): ClientSubnet {
  const address = octets.slice(0, Math.ceil(prefixLength / 8));
  const last = address.length - 1;
  if (prefixLength % 8 !== 0) address[last]! &= 0xff << (8 - (prefixLength % 8));
  return { family, prefixLength, address };
}

/** '10.1' is '10.1.0.0'. */
function completed(text: string): Uint8Array | undefined {
  const missing = 4 - text.split('.').length;
  return missing > 0 ? addressToBytes(text + '.0'.repeat(missing)) : undefined;
}

/** dig's names of options, which are not all IANA's. */
const OPTION_NAMES: ReadonlyMap<string, number> = new Map([
  ['LLQ', 1],
  ['NSID', 3],
  ['DAU', 5],
  ['DHU', 6],
  ['N3U', 7],
  ['ECS', 8],
  ['EXPIRE', 9],
  ['COOKIE', 10],
  ['KEEPALIVE', 11],
  ['PADDING', 12],
  ['PAD', 12],
  ['CHAIN', 13],
  ['KEY-TAG', 14],
  ['EDE', 15],
  ['CLIENT-TAG', 16],
  ['SERVER-TAG', 17],
  ['DEVICEID', 26_946],
]);

/** dig has room for so many. */
const MAX_OPTIONS = 100;

/** `CODE[:HEX]`. */
export function readEdnsOption(reading: Reading, text: string | undefined): EdnsOptionValue {
  const [, codeText = '', hex = ''] = /^:*([^:]*)(?::(.*))?$/s.exec(text ?? '') ?? [];
  if (codeText === '') {
    return reading.refuse('ednsopt no code point specified', ExitStatus.badValue);
  }
  if (reading.lookup.ednsOptions.length >= MAX_OPTIONS) reading.refuse('too many ednsopts');
  const code =
    OPTION_NAMES.get(codeText.toUpperCase()) ??
    tryNumber(reading, codeText, { what: 'ednsopt', max: 0xffff }) ??
    reading.refuse(`bad edns code point: ${codeText}`);
  return { code, data: readHex(reading, hex) };
}

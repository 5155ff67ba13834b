/**
 * EDNS options in dns-packet's shape: code, mnemonic, `data` as a Buffer, and for three of them
 * what the data say: CLIENT_SUBNET (RFC 7871 §6), TCP_KEEPALIVE (RFC 7828 §3.1) and KEY_TAG
 * (RFC 8145 §4.1).
 * Where `data` is there it alone counts; without, it is made from the rest.
 */

import type { EdnsOptionValue } from '../edns.ts';
import { EdnsOption } from '../iana.ts';
import { parseIPv4, parseIPv6, printIPv4, printIPv6 } from '../ip-address.ts';
import { readU16 } from '../rdata/field.ts';
import { bytesOf, integerOf, listOf, objectOf, refuse, stringOf, u16 } from './values.ts';

export interface PacketOption {
  readonly code: number;
  readonly type: string;
  readonly data: Buffer;
  readonly family?: number;
  readonly sourcePrefixLength?: number;
  readonly scopePrefixLength?: number;
  readonly ip?: string;
  readonly timeout?: number;
  readonly tags?: readonly number[];
}

export function toPacketOption({ code, data }: EdnsOptionValue): PacketOption {
  const type = OPTION_NAMES.get(code) ?? `OPTION_${code}`;
  return { code, type, data: Buffer.from(data), ...detailsOf(code, data) };
}

/** Throws `ShapeError`. */
export function fromPacketOption(value: unknown): EdnsOptionValue {
  const option = objectOf(value);
  const code = codeOf(option['code'] ?? option['type']);
  const data = option['data'] === undefined ? dataOf(code, option) : bytesOf(option['data']);
  if (data.length > 0xffff) refuse(data.length, 'option data of at most 65535 octets');
  return { code, data: Uint8Array.from(data) };
}

function detailsOf(code: number, data: Uint8Array): Partial<PacketOption> {
  switch (code) {
    case EdnsOption.CLIENT_SUBNET:
      return subnetOf(data);
    case EdnsOption.KEEPALIVE:
      return data.length === 2 ? { timeout: readU16(data, 0) } : {};
    case EdnsOption.KEY_TAG:
      if (data.length % 2 !== 0) return {};
      return { tags: Array.from({ length: data.length / 2 }, (_, i) => readU16(data, 2 * i)) };
    default:
      return {};
  }
}

function subnetOf(data: Uint8Array): Partial<PacketOption> {
  const family = data.length < 4 ? 0 : readU16(data, 0);
  const octets = family === 1 ? 4 : 16;
  if (family < 1 || family > 2 || data.length > 4 + octets) return {};
  const address = new Uint8Array(octets);
  address.set(data.subarray(4));
  return {
    family,
    sourcePrefixLength: data[2]!,
    scopePrefixLength: data[3]!,
    ip: family === 1 ? printIPv4(address) : printIPv6(address),
  };
}

function dataOf(code: number, option: Readonly<Record<string, unknown>>): Uint8Array {
  switch (code) {
    case EdnsOption.CLIENT_SUBNET: {
      const text = stringOf(option['ip']);
      const address = parseIPv4(text) ?? parseIPv6(text) ?? refuse(text, 'an IP address');
      const family = address.length === 4 ? 1 : 2;
      const source = integerOf(option['sourcePrefixLength'], address.length * 8);
      const scope = integerOf(option['scopePrefixLength'], address.length * 8);
      const sent = address.subarray(0, Math.ceil(source / 8));
      return Uint8Array.of(0, family, source, scope, ...sent);
    }
    case EdnsOption.KEEPALIVE:
      return option['timeout'] === undefined ? new Uint8Array(0) : u16.write(option['timeout']);
    case EdnsOption.PADDING:
      return new Uint8Array(integerOf(option['length'], 0xffff));
    case EdnsOption.KEY_TAG:
      return Uint8Array.from(listOf(option['tags']).flatMap((tag) => [...u16.write(tag)]));
    default:
      return new Uint8Array(0);
  }
}

function codeOf(value: unknown): number {
  if (typeof value !== 'string') return integerOf(value ?? refuse(value, 'a code'), 0xffff);
  const digits = /^OPTION_([0-9]{1,5})$/.exec(value)?.[1];
  const code = digits === undefined ? OPTION_CODES.get(value) : Number(digits);
  return integerOf(code ?? refuse(value, 'the name of an EDNS option'), 0xffff);
}

/** dns-packet's names; newer options are 'OPTION_15' there. */
const OPTION_NAMES: ReadonlyMap<number, string> = new Map([
  [EdnsOption.LLQ, 'LLQ'],
  [2, 'UL'],
  [EdnsOption.NSID, 'NSID'],
  [EdnsOption.DAU, 'DAU'],
  [EdnsOption.DHU, 'DHU'],
  [EdnsOption.N3U, 'N3U'],
  [EdnsOption.CLIENT_SUBNET, 'CLIENT_SUBNET'],
  [EdnsOption.EXPIRE, 'EXPIRE'],
  [EdnsOption.COOKIE, 'COOKIE'],
  [EdnsOption.KEEPALIVE, 'TCP_KEEPALIVE'],
  [EdnsOption.PADDING, 'PADDING'],
  [EdnsOption.CHAIN, 'CHAIN'],
  [EdnsOption.KEY_TAG, 'KEY_TAG'],
  [26946, 'DEVICEID'],
]);
const OPTION_CODES: ReadonlyMap<string, number> = new Map(
  [...OPTION_NAMES].map(([code, text]) => [text, code]),
);

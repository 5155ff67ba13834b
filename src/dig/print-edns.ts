/**
 * The OPT pseudo-section in dig's words: EDNS (RFC 6891 §6), and the options NSID (RFC 5001),
 * client subnet (RFC 7871), EXPIRE (RFC 7314), COOKIE (RFC 7873), keepalive (RFC 7828), padding
 * (RFC 7830), key tags (RFC 8145) and extended errors (RFC 8914). Others are shown as octets.
 */

import { bytesToAddress } from '../net/address.ts';
import type { Edns, EdnsOptionValue } from '../wire/edns.ts';
import { EXPLAIN_OPTION } from '../wire/explanation.ts';
import { extendedErrorMeaning } from '../wire/extended-errors.ts';
import { EdnsOption } from '../wire/iana.ts';

const COMPACT_OK = 0x4000;

/** Lines, each with its end. */
export function printEdns(edns: Edns): string {
  const flags = `${edns.dnssecOk ? ' do' : ''}${(edns.flags & COMPACT_OK) !== 0 ? ' co' : ''}`;
  const others = edns.flags & ~COMPACT_OK;
  const reserved = others === 0 ? '' : ` MBZ: 0x${hexOf(others >>> 8)}${hexOf(others & 0xff)},`;
  return [
    ';; OPT PSEUDOSECTION:\n',
    `; EDNS: version: ${edns.version}, flags:${flags};${reserved} udp: ${edns.udpPayloadSize}\n`,
    ...edns.options.map((option) => `; ${printOption(option)}\n`),
  ].join('');
}

function printOption({ code, data }: EdnsOptionValue): string {
  const form = FORMS.get(code);
  const name = form?.name ?? `OPT=${code}`;
  const text = form?.print(data) ?? printOctets(data);
  return text === '' ? `${name}:` : `${name}: ${text}`;
}

interface OptionForm {
  readonly name: string;
  /** Undefined when the octets do not have the option's form. */
  print(data: Uint8Array): string | undefined;
}

const FORMS: ReadonlyMap<number, OptionForm> = new Map<number, OptionForm>([
  [EdnsOption.NSID, { name: 'NSID', print: printOctets }],
  [EdnsOption.CLIENT_SUBNET, { name: 'CLIENT-SUBNET', print: printClientSubnet }],
  [EdnsOption.EXPIRE, { name: 'EXPIRE', print: printExpire }],
  [EdnsOption.COOKIE, { name: 'COOKIE', print: (data) => [...data].map(hexOf).join('') }],
  [EdnsOption.KEEPALIVE, { name: 'TCP KEEPALIVE', print: printKeepalive }],
  [EdnsOption.PADDING, { name: 'PAD', print: (data) => `(${data.length} bytes)` }],
  [EdnsOption.KEY_TAG, { name: 'KEY-TAG', print: printKeyTags }],
  [EXPLAIN_OPTION, { name: 'EXPLAIN', print: (data) => `(${data.length} bytes)` }],
  [EdnsOption.EDE, { name: 'EDE', print: printExtendedError }],
]);

function printExtendedError(data: Uint8Array): string | undefined {
  if (data.length < 2) return undefined;
  const code = u16(data, 0);
  const meaning = extendedErrorMeaning(code);
  const head = meaning === undefined ? String(code) : `${code} (${meaning})`;
  return data.length === 2 ? head : `${head}: (${printable(data.subarray(2))})`;
}

function printClientSubnet(data: Uint8Array): string | undefined {
  if (data.length < 4) return undefined;
  const length = { 1: 4, 2: 16 }[u16(data, 0)];
  const address = data.subarray(4);
  if (length === undefined || address.length > length) return undefined;
  const octets = new Uint8Array(length);
  octets.set(address);
  return `${bytesToAddress(octets)}/${data[2]}/${data[3]}`;
}

function printKeepalive(data: Uint8Array): string | undefined {
  if (data.length !== 2) return undefined;
  const tenths = u16(data, 0);
  return `${Math.floor(tenths / 10)}.${tenths % 10} secs`;
}

function printKeyTags(data: Uint8Array): string | undefined {
  if (data.length === 0 || data.length % 2 !== 0) return undefined;
  return Array.from({ length: data.length / 2 }, (_, i) => u16(data, 2 * i)).join(', ');
}

function printExpire(data: Uint8Array): string | undefined {
  if (data.length !== 4) return undefined;
  const seconds = u16(data, 0) * 0x10000 + u16(data, 2);
  return `${seconds} (${printPeriod(seconds)})`;
}

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

function printPeriod(seconds: number): string {
  let left = seconds;
  const parts: string[] = [];
  for (const [name, length] of UNITS) {
    const count = Math.floor(left / length);
    left %= length;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
  }
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}

/** Octets in hexadecimal, and as text where they are printable. */
function printOctets(data: Uint8Array): string {
  if (data.length === 0) return '';
  return `${[...data].map(hexOf).join(' ')} ("${printable(data)}")`;
}

/** A dot for everything that a terminal could act upon. */
function printable(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) {
    text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.';
  }
  return text;
}

function hexOf(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}

function u16(data: Uint8Array, at: number): number {
  return (data[at]! << 8) | data[at + 1]!;
}

/**
 * EDNS options in dig's words: NSID (RFC 5001), client subnet (RFC 7871), EXPIRE (RFC 7314), COOKIE
 * (RFC 7873), keepalive (RFC 7828), padding (RFC 7830), key tags (RFC 8145), extended errors
 * (RFC 8914) and others. What has not the form of its option is shown as octets.
 */

import { bytesToAddress } from '../net/address.ts';
import { extendedErrorMeaning } from '../wire/extended-errors.ts';
import { EdnsOption } from '../wire/iana.ts';
import { periodWords } from './periods.ts';

/** What the cookie of a reply proves. */
export type CookieVerdict = 'good' | 'echoed' | 'bad';

const LLQ = 1;
const CLIENT_TAG = 16;
const SERVER_TAG = 17;

/** The option's name; undefined for those that dig shows by their number. */
export function optionName(code: number): string | undefined {
  return NAMES.get(code);
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [LLQ, 'LLQ'],
  [EdnsOption.NSID, 'NSID'],
  [EdnsOption.CLIENT_SUBNET, 'CLIENT-SUBNET'],
  [EdnsOption.EXPIRE, 'EXPIRE'],
  [EdnsOption.COOKIE, 'COOKIE'],
  [EdnsOption.KEEPALIVE, 'TCP KEEPALIVE'],
  [EdnsOption.PADDING, 'PAD'],
  [EdnsOption.KEY_TAG, 'KEY-TAG'],
  [EdnsOption.EDE, 'EDE'],
  [CLIENT_TAG, 'CLIENT-TAG'],
  [SERVER_TAG, 'SERVER-TAG'],
]);

/** The data of an option that has the form of its kind; undefined where it has not. */
export function printKnown(code: number, data: Uint8Array): string | undefined {
  return FORMS.get(code)?.(data);
}

const FORMS: ReadonlyMap<number, (data: Uint8Array) => string | undefined> = new Map([
  [LLQ, printLongLivedQuery],
  [EdnsOption.CLIENT_SUBNET, printClientSubnet],
  [EdnsOption.EXPIRE, printExpire],
  [EdnsOption.KEEPALIVE, printKeepalive],
  [EdnsOption.KEY_TAG, printKeyTags],
  [CLIENT_TAG, printTag],
  [SERVER_TAG, printTag],
]);

export function printCookie(data: Uint8Array, verdict: CookieVerdict | undefined): string {
  if (data.length === 0) return '';
  const isShort = verdict === 'good' && data.length < 16;
  const text = isShort ? 'echoed' : verdict;
  return `${[...data].map(hexOf).join('')}${text === undefined ? '' : ` (${text})`}`;
}

/** Octets in hexadecimal, each with a blank behind it, and as text where they are printable. */
export function printOctets(data: Uint8Array): string {
  return data.length === 0 ? '' : `${hexPairs(data)}("${printable(data)}")`;
}

export function hexPairs(data: Uint8Array): string {
  return [...data].map((octet) => `${hexOf(octet)} `).join('');
}

/** A dot for everything that a terminal could act upon. */
export function printable(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) {
    text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.';
  }
  return text;
}

/** A code of RFC 8914 §5.2, with what it means where that is known. */
export function extendedErrorText(code: number): string {
  const meaning = extendedErrorMeaning(code);
  return meaning === undefined ? String(code) : `${code} (${meaning})`;
}

/** The text of UTF-8 without what a terminal could act upon; undefined for other octets. */
export function utf8Text(octets: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
    return text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '.');
  } catch {
    return undefined;
  }
}

function printLongLivedQuery(data: Uint8Array): string | undefined {
  if (data.length !== 18) return undefined;
  const id = (BigInt(u32(data, 6)) << 32n) | BigInt(u32(data, 10));
  const [version, opcode, error] = [u16(data, 0), u16(data, 2), u16(data, 4)];
  return (
    `Version: ${version}, Opcode: ${opcode}, Error: ${error}, ` +
    `Identifier: ${id}, Lifetime: ${u32(data, 14)}`
  );
}

function printClientSubnet(data: Uint8Array): string | undefined {
  if (data.length < 4) return undefined;
  const [family, prefix, scope] = [u16(data, 0), data[2]!, data[3]!];
  const octets = data.subarray(4, 4 + Math.ceil(prefix / 8));
  if (octets.length * 8 < prefix) return undefined;
  if (family === 0) return prefix === 0 && scope === 0 ? '0/0/0' : undefined;
  const length = { 1: 4, 2: 16 }[family];
  if (length === undefined || prefix > length * 8 || scope > length * 8) return undefined;
  const address = new Uint8Array(length);
  address.set(octets);
  return `${bytesToAddress(address)}/${prefix}/${scope}`;
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
  const seconds = u32(data, 0);
  return `${seconds} (${periodWords(seconds)})`;
}

function printTag(data: Uint8Array): string | undefined {
  return data.length === 2 ? String(u16(data, 0)) : undefined;
}

function hexOf(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}

function u16(data: Uint8Array, at: number): number {
  return (data[at]! << 8) | data[at + 1]!;
}

function u32(data: Uint8Array, at: number): number {
  return u16(data, at) * 0x1_0000 + u16(data, at + 2);
}

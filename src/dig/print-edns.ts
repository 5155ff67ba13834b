/** The OPT pseudo-section in dig's words: EDNS (RFC 6891 §6) and its options. */

import type { Edns, EdnsOptionValue } from '../wire/edns.ts';
import { EXPLAIN_OPTION } from '../wire/explanation.ts';
import { EdnsOption } from '../wire/iana.ts';
import {
  extendedErrorText,
  hexPairs,
  optionName,
  printable,
  printCookie,
  printKnown,
  printOctets,
  utf8Text,
  type CookieVerdict,
} from './print-options.ts';

const COMPACT_OK = 0x4000;

/** The flags that have names, each with a blank before it. */
export function ednsFlagsText({ dnssecOk, flags }: Edns): string {
  return `${dnssecOk ? ' do' : ''}${(flags & COMPACT_OK) !== 0 ? ' co' : ''}`;
}

/** The others, '0x0123'; undefined where none is set. */
export function otherFlagsText({ flags }: Edns): string | undefined {
  const others = flags & ~COMPACT_OK;
  return others === 0 ? undefined : `0x${others.toString(16).padStart(4, '0')}`;
}

/** Lines, each with its end. */
export function printEdns(edns: Edns, cookie?: CookieVerdict): string {
  const others = otherFlagsText(edns);
  const reserved = others === undefined ? '' : ` MBZ: ${others},`;
  const { version, udpPayloadSize } = edns;
  const flags = ednsFlagsText(edns);
  return [
    ';; OPT PSEUDOSECTION:\n',
    `; EDNS: version: ${version}, flags:${flags};${reserved} udp: ${udpPayloadSize}\n`,
    ...edns.options.map((option) => `; ${printOption(option, cookie)}\n`),
  ].join('');
}

function printOption({ code, data }: EdnsOptionValue, cookie: CookieVerdict | undefined): string {
  if (code === EXPLAIN_OPTION) return `EXPLAIN: (${data.length} bytes)`;
  const text = optionText(code, data, cookie);
  return `${optionName(code) ?? `OPT=${code}`}:${text === '' ? '' : ` ${text}`}`;
}

function optionText(code: number, data: Uint8Array, cookie: CookieVerdict | undefined): string {
  switch (code) {
    case EdnsOption.COOKIE:
      return printCookie(data, cookie);
    case EdnsOption.PADDING:
      return data.length === 0 ? '' : `(${data.length} bytes)`;
    case EdnsOption.EDE:
      return printExtendedError(data);
    case EdnsOption.CLIENT_SUBNET:
      return printKnown(code, data) ?? hexPairs(data);
    default:
      return printKnown(code, data) ?? printOctets(data);
  }
}

function printExtendedError(data: Uint8Array): string {
  if (data.length < 2) return printOctets(data);
  const head = extendedErrorText((data[0]! << 8) | data[1]!);
  const extra = data.subarray(2);
  if (extra.length === 0) return head;
  const text = utf8Text(extra);
  return `${head}: ${text === undefined ? `${hexPairs(extra)}(${printable(extra)})` : `(${text})`}`;
}

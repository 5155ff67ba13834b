/**
 * Values of service parameters, key by key: RFC 9460 §7 and §8, RFC 9461 §5 (dohpath), RFC 9540 §4
 * (ohttp), and the drafts behind ech (tls-svcb-ech), tls-supported-groups
 * (tls-key-share-prediction), docpath (core-dns-over-coap), pvd (intarea-proxy-config) and oots
 * (dnsop-transport-signaling). A key without a form here holds any octets.
 */

import { SvcParamKey } from '../iana.ts';
import { parseIPv4, parseIPv6, printIPv4, printIPv6 } from '../ip-address.ts';
import { latin1Of } from '../name-text.ts';
import { parseBase64, printBase64 } from './binary-fields.ts';
import { parseInteger, readU16 } from './field.ts';
import { parseServiceKey, serviceKeyText } from './service-keys.ts';
import { printQuoted } from './string-fields.ts';

/** How one key's value is checked, printed and read. */
export interface ParamForm {
  readonly expected: string;
  check(value: Uint8Array): boolean;
  print(value: Uint8Array): string;
  parse(value: Uint8Array): Uint8Array | undefined;
}

export function formOf(key: number): ParamForm {
  return FORMS.get(key) ?? opaque;
}

export const opaque: ParamForm = {
  expected: 'any octets',
  check: () => true,
  print: (value) => (value.length === 0 ? '' : printQuoted(value)),
  parse: (value) => value,
};

const empty: ParamForm = {
  expected: 'no value',
  check: (value) => value.length === 0,
  print: () => '',
  parse: (value) => (value.length === 0 ? value : undefined),
};

const mandatory: ParamForm = {
  expected: 'a list of other keys, ascending',
  check(value) {
    const keys = pairsOf(value);
    if (value.length === 0 || value.length % 2 !== 0) return false;
    return keys.every((key, i) => key > (keys[i - 1] ?? 0));
  },
  print: (value) => pairsOf(value).map(serviceKeyText).join(','),
  parse(value) {
    const keys = latin1Of(value).split(',').map(parseServiceKey);
    if (keys.includes(undefined)) return undefined;
    return octetsOfPairs((keys as number[]).toSorted((a, b) => a - b));
  },
};

/** Octets behind length octets; in text, commas and backslashes inside are escaped (§A.1). */
function valueList(expected: string, mayBeEmpty: boolean): ParamForm {
  return {
    expected,
    check(value) {
      let at = 0;
      while (at < value.length && value[at] !== 0) at += value[at]! + 1;
      return at === value.length && (mayBeEmpty || at > 0);
    },
    print(value) {
      const escaped: number[] = [];
      for (let at = 0; at < value.length; at += value[at]! + 1) {
        if (at > 0) escaped.push(COMMA);
        for (const octet of value.subarray(at + 1, at + 1 + value[at]!)) {
          if (octet === COMMA || octet === BACKSLASH) escaped.push(BACKSLASH);
          escaped.push(octet);
        }
      }
      return value.length === 0 ? '' : printQuoted(Uint8Array.from(escaped));
    },
    parse(value) {
      if (value.length === 0) return mayBeEmpty ? value : undefined;
      const parts = splitList(value);
      if (!parts || parts.some((part) => part.length === 0 || part.length > 255)) return undefined;
      return Uint8Array.from(parts.flatMap((part) => [part.length, ...part]));
    },
  };
}

/** Undefined when the last backslash escapes nothing. */
function splitList(value: Uint8Array): number[][] | undefined {
  const parts: number[][] = [[]];
  for (let i = 0; i < value.length; i++) {
    if (value[i] === COMMA) parts.push([]);
    else if (value[i] !== BACKSLASH) parts.at(-1)!.push(value[i]!);
    else if (i + 1 < value.length) parts.at(-1)!.push(value[++i]!);
    else return undefined;
  }
  return parts;
}

const port: ParamForm = {
  expected: 'a port from 0 to 65535',
  check: (value) => value.length === 2,
  print: (value) => String(readU16(value, 0)),
  parse(value) {
    const number = parseInteger(latin1Of(value), 0xffff);
    return number === undefined ? undefined : Uint8Array.of(number >> 8, number & 0xff);
  },
};

/** BIND and NSD take an empty one, too, though no client has a use for it. */
const ech: ParamForm = {
  expected: 'an ECHConfigList in base64',
  check: () => true,
  print: printBase64,
  parse: (value) => (value.length === 0 ? value : parseBase64(latin1Of(value))),
};

/** RFC 9461 §5. */
const dohPath: ParamForm = {
  expected: "a URI template with a 'dns' variable",
  check: (value) => isUtf8(value) && hasVariable(latin1Of(value), 'dns'),
  print: printQuoted,
  parse: (value) => value,
};

/** Code points of TLS groups, none of them twice. */
const tlsGroups: ParamForm = {
  expected: 'a list of different group numbers from 0 to 65535',
  check(value) {
    const groups = pairsOf(value);
    const isWhole = value.length > 0 && value.length % 2 === 0;
    return isWhole && new Set(groups).size === groups.length;
  },
  print: (value) => pairsOf(value).join(','),
  parse(value) {
    const texts = latin1Of(value).split(',');
    const groups = texts.map((text) => parseInteger(text, 0xffff));
    return groups.includes(undefined) ? undefined : octetsOfPairs(groups as number[]);
  },
};

/** Transports with the share of queries that may go there: 'do53:100,dot:10'. */
const transportShares: ParamForm = {
  expected: "a list of different transports with percentages such as 'dot:10'",
  check(value) {
    const shares = sharesOf(value);
    const transports = shares?.map(([transport]) => transport) ?? [];
    const areRight = shares?.every(([, percent]) => percent <= 100) === true;
    return areRight && shares.length > 0 && new Set(transports).size === transports.length;
  },
  print: (value) =>
    `"${sharesOf(value)!
      .map(([transport, percent]) => `${transport}:${percent}`)
      .join(',')}"`,
  parse(value) {
    const out: number[] = [];
    for (const text of latin1Of(value).split(',')) {
      const match = /^([0-9A-Za-z-]{1,255}):([0-9]{1,3})$/.exec(text);
      if (!match || Number(match[2]) > 100) return undefined;
      const octets = Array.from(match[1]!, (character) => character.charCodeAt(0));
      out.push(octets.length, ...octets, Number(match[2]));
    }
    return Uint8Array.from(out);
  },
};

/** Transport and percentage each; undefined when the octets are cut short or no such text. */
function sharesOf(value: Uint8Array): [transport: string, percent: number][] | undefined {
  const shares: [string, number][] = [];
  for (let at = 0; at < value.length;) {
    const end = at + 1 + value[at]!;
    const transport = latin1Of(value.subarray(at + 1, end));
    if (end >= value.length || !/^[0-9A-Za-z-]+$/.test(transport)) return undefined;
    shares.push([transport, value[end]!]);
    at = end + 1;
  }
  return shares;
}

const FORMS: ReadonlyMap<number, ParamForm> = new Map([
  [SvcParamKey.mandatory, mandatory],
  [SvcParamKey.alpn, valueList('a list of protocol ids of 1 to 255 octets', false)],
  [SvcParamKey['no-default-alpn'], empty],
  [SvcParamKey.port, port],
  [SvcParamKey.ipv4hint, addresses('IPv4', 4, { print: printIPv4, parse: parseIPv4 })],
  [SvcParamKey.ech, ech],
  [SvcParamKey.ipv6hint, addresses('IPv6', 16, { print: printIPv6, parse: parseIPv6 })],
  [SvcParamKey.dohpath, dohPath],
  [SvcParamKey.ohttp, empty],
  [SvcParamKey['tls-supported-groups'], tlsGroups],
  [SvcParamKey.docpath, valueList('a list of path segments of 1 to 255 octets', true)],
  [SvcParamKey.pvd, empty],
  [SvcParamKey.oots, transportShares],
]);

const COMMA = 0x2c;
const BACKSLASH = 0x5c;

function addresses(
  family: string,
  octets: number,
  codec: {
    readonly print: (octets: Uint8Array) => string;
    readonly parse: (text: string) => Uint8Array | undefined;
  },
): ParamForm {
  return {
    expected: `a list of ${family} addresses`,
    check: (value) => value.length > 0 && value.length % octets === 0,
    print(value) {
      const texts: string[] = [];
      for (let at = 0; at < value.length; at += octets) {
        texts.push(codec.print(value.subarray(at, at + octets)));
      }
      return texts.join(',');
    },
    parse(value) {
      const parsed = latin1Of(value).split(',').map(codec.parse);
      if (parsed.includes(undefined)) return undefined;
      return Uint8Array.from((parsed as Uint8Array[]).flatMap((address) => [...address]));
    },
  };
}

/** The numbers of two octets each in `value`. */
export function pairsOf(value: Uint8Array): number[] {
  return Array.from({ length: value.length >> 1 }, (_, i) => readU16(value, 2 * i));
}

function octetsOfPairs(numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap((number) => [number >> 8, number & 0xff]));
}

function isUtf8(octets: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(octets);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a URI template (RFC 6570 §2) has an expression with that variable. No regular expression:
 * on hostile octets, one that finds a word between braces takes quadratic time and more.
 */
function hasVariable(template: string, variable: string): boolean {
  for (let at = template.indexOf('{'); at >= 0; at = template.indexOf('{', at)) {
    const end = template.indexOf('}', at);
    if (end < 0) return false;
    // An operator stands in front, or where BIND and NSD allow it: behind another variable.
    const names = template
      .slice(at + 1, end)
      .replace(/^.*[+#/;?&]|^\./s, '')
      .split(',');
    if (names.some((name) => name.replace(/(?:\*|:[0-9]{1,4})$/, '') === variable)) return true;
    at = end;
  }
  return false;
}

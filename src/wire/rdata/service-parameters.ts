/**
 * The service parameters of SVCB and HTTPS records (RFC 9460 §2.1, §2.2, §7, appendix A; dohpath
 * RFC 9461 §5): `alpn="h2,h3" port=8443 ipv4hint=192.0.2.1`. Checked: keys ascend without
 * repetition, values have their key's form, mandatory keys are there (§8).
 */

import { SvcParamKey } from '../iana.ts';
import { parseIPv4, parseIPv6, printIPv4, printIPv6 } from '../ip-address.ts';
import { latin1Of } from '../name-text.ts';
import { parseBase64, printBase64 } from './binary-fields.ts';
import { parseInteger, readU16, type Field } from './field.ts';
import { Octets } from './octets.ts';
import { printQuoted, unescape } from './string-fields.ts';
import type { RdataTokens, Token } from './tokens.ts';

export const serviceParameters: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    const params = readParams(bytes, start, limit);
    return params !== undefined && checkParams(params) === undefined ? limit : -1;
  },
  print(bytes, start, end) {
    return [...readParams(bytes, start, end)!]
      .map(([key, value]) => printParam(key, value))
      .join(' ');
  },
  parse(tokens, out) {
    const first = tokens.peek();
    const params = new Map<number, Uint8Array>();
    while (!tokens.atEnd) {
      const token = tokens.next('a service parameter');
      const [key, value] = parseParam(tokens, token);
      if (params.has(key)) tokens.fail(token, `${serviceKeyText(key)} only once`);
      params.set(key, value);
    }
    const sorted = new Map([...params].sort(([a], [b]) => a - b));
    const error = checkParams(sorted);
    if (error !== undefined) tokens.fail(first, error);
    for (const [key, value] of sorted) {
      out.u16(key);
      out.u16(value.length);
      out.bytes(value);
    }
  },
};

type Params = ReadonlyMap<number, Uint8Array>;

/** How one key's value is checked, printed and read. */
interface ParamForm {
  readonly expected: string;
  check(value: Uint8Array): boolean;
  print(value: Uint8Array): string;
  parse(value: Uint8Array): Uint8Array | undefined;
}

function readParams(bytes: Uint8Array, start: number, limit: number): Params | undefined {
  const params = new Map<number, Uint8Array>();
  let lastKey = -1;
  for (let at = start; at < limit;) {
    if (at + 4 > limit) return undefined;
    const key = readU16(bytes, at);
    const end = at + 4 + readU16(bytes, at + 2);
    if (key <= lastKey || end > limit) return undefined;
    params.set(key, bytes.subarray(at + 4, end));
    lastKey = key;
    at = end;
  }
  return params;
}

/** What is wrong, worded behind 'expected'. */
function checkParams(params: Params): string | undefined {
  for (const [key, value] of params) {
    const form = FORMS.get(key);
    if (form && !form.check(value)) return `${serviceKeyText(key)} with ${form.expected}`;
  }
  for (const key of pairsOf(params.get(SvcParamKey.mandatory) ?? EMPTY)) {
    if (!params.has(key)) return `${serviceKeyText(key)}, which is said to be mandatory`;
  }
  if (params.has(SvcParamKey['no-default-alpn']) && !params.has(SvcParamKey.alpn)) {
    return 'alpn beside no-default-alpn';
  }
  return undefined;
}

function printParam(key: number, value: Uint8Array): string {
  const text = (FORMS.get(key) ?? opaque).print(value);
  return text === '' ? serviceKeyText(key) : `${serviceKeyText(key)}=${text}`;
}

function parseParam(tokens: RdataTokens, token: Token): [number, Uint8Array] {
  const equals = token.text.indexOf('=');
  const keyPart = equals < 0 ? token.text : token.text.slice(0, equals);
  const key =
    parseServiceKey(keyPart) ?? tokens.fail(token, "a service parameter such as 'alpn=h2'");
  const value =
    equals < 0 ? EMPTY : unescape(tokens, { ...token, text: token.text.slice(equals + 1) });
  const form = FORMS.get(key) ?? opaque;
  const octets =
    form.parse(value) ?? tokens.fail(token, `${serviceKeyText(key)} with ${form.expected}`);
  return [key, octets];
}

/** 'alpn' for 1, 'key667' for a key without a name. */
export function serviceKeyText(key: number): string {
  return KEY_NAMES.get(key) ?? `key${key}`;
}

export function parseServiceKey(text: string): number | undefined {
  const known = KEY_NUMBERS.get(text);
  if (known !== undefined) return known;
  const match = /^key(0|[1-9][0-9]{0,4})$/.exec(text);
  return match ? parseInteger(match[1]!, 0xffff) : undefined;
}

const EMPTY = new Uint8Array(0);
const KEY_NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(SvcParamKey));
const KEY_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(SvcParamKey).map(([name, key]) => [key, name]),
);

const opaque: ParamForm = {
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
    const out = new Octets();
    for (const key of (keys as number[]).sort((a, b) => a - b)) out.u16(key);
    return out.finish();
  },
};

const protocolIds: ParamForm = {
  expected: 'a list of protocol ids of 1 to 255 octets',
  check(value) {
    let at = 0;
    while (at < value.length && value[at] !== 0) at += value[at]! + 1;
    return value.length > 0 && at === value.length;
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
    return printQuoted(Uint8Array.from(escaped));
  },
  parse(value) {
    const ids: number[][] = [[]];
    for (let i = 0; i < value.length; i++) {
      if (value[i] === COMMA) ids.push([]);
      else if (value[i] === BACKSLASH && i + 1 < value.length) ids.at(-1)!.push(value[++i]!);
      else ids.at(-1)!.push(value[i]!);
    }
    if (ids.some((id) => id.length === 0 || id.length > 255)) return undefined;
    return Uint8Array.from(ids.flatMap((id) => [id.length, ...id]));
  },
};

const port: ParamForm = {
  expected: 'a port from 0 to 65535',
  check: (value) => value.length === 2,
  print: (value) => String(readU16(value, 0)),
  parse(value) {
    const number = parseInteger(latin1Of(value), 0xffff);
    return number === undefined ? undefined : Uint8Array.of(number >> 8, number & 0xff);
  },
};

const ech: ParamForm = {
  expected: 'an ECHConfigList in base64',
  check: (value) => value.length > 0,
  print: printBase64,
  parse: (value) => parseBase64(latin1Of(value)),
};

const dohPath: ParamForm = {
  expected: "a URI template with a 'dns' variable",
  check: (value) => hasVariable(latin1Of(value), 'dns'),
  print: printQuoted,
  parse: (value) => value,
};

const FORMS: ReadonlyMap<number, ParamForm> = new Map([
  [SvcParamKey.mandatory, mandatory],
  [SvcParamKey.alpn, protocolIds],
  [SvcParamKey['no-default-alpn'], empty],
  [SvcParamKey.port, port],
  [SvcParamKey.ipv4hint, addresses('IPv4', 4, { print: printIPv4, parse: parseIPv4 })],
  [SvcParamKey.ech, ech],
  [SvcParamKey.ipv6hint, addresses('IPv6', 16, { print: printIPv6, parse: parseIPv6 })],
  [SvcParamKey.dohpath, dohPath],
  [SvcParamKey.ohttp, empty],
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

function pairsOf(value: Uint8Array): number[] {
  return Array.from({ length: value.length >> 1 }, (_, i) => readU16(value, 2 * i));
}

/**
 * Whether a URI template (RFC 6570 §2) has an expression with that variable. No regular expression:
 * on hostile octets, one that finds a word between braces takes quadratic time and more.
 */
function hasVariable(template: string, variable: string): boolean {
  for (let at = template.indexOf('{'); at >= 0; at = template.indexOf('{', at)) {
    const end = template.indexOf('}', at);
    if (end < 0) return false;
    const names = template
      .slice(at + 1, end)
      .replace(/^[+#./;?&]/, '')
      .split(',');
    if (names.some((name) => name.replace(/(?:\*|:[0-9]{1,4})$/, '') === variable)) return true;
    at = end;
  }
  return false;
}

/**
 * The service parameters of SVCB and HTTPS records (RFC 9460 §2.1, §2.2, appendix A):
 * `alpn="h2,h3" port=8443 ipv4hint=192.0.2.1`. Checked: keys ascend without repetition, values have
 * their key's form (`service-values.ts`), mandatory keys are there (§8).
 */

import { SvcParamKey } from '../iana.ts';
import { readU16, type Field } from './field.ts';
import { parseServiceKey, serviceKeyText } from './service-keys.ts';
import { formOf, opaque, pairsOf } from './service-values.ts';
import { unescape } from './string-fields.ts';
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
    const sorted = new Map([...params].toSorted(([a], [b]) => a - b));
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
    const form = formOf(key);
    if (!form.check(value)) return `${serviceKeyText(key)} with ${form.expected}`;
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
  const text = formOf(key).print(value);
  return text === '' ? serviceKeyText(key) : `${serviceKeyText(key)}=${text}`;
}

function parseParam(tokens: RdataTokens, token: Token): [number, Uint8Array] {
  const equals = token.text.indexOf('=');
  const keyPart = equals < 0 ? token.text : token.text.slice(0, equals);
  const key =
    parseServiceKey(keyPart) ?? tokens.fail(token, "a service parameter such as 'alpn=h2'");
  const isOpen = !token.quoted && equals === token.text.length - 1;
  const quoted = isOpen ? tokens.nextValue() : undefined;
  const text = quoted?.text ?? (equals < 0 ? '' : token.text.slice(equals + 1));
  const value = unescape(tokens, { ...token, text });
  // RFC 9460 §2.1: behind 'key3' stand the octets of the wire, whatever is known of the key.
  const isByNumber = keyPart !== serviceKeyText(key);
  const form = isByNumber ? opaque : formOf(key);
  const octets =
    form.parse(value) ??
    tokens.fail(quoted ?? token, `${serviceKeyText(key)} with ${form.expected}`);
  return [key, octets];
}

const EMPTY = new Uint8Array(0);

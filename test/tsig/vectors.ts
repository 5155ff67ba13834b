/**
 * What BIND 9.18's dig asked and its named answered under keys: requests and all their replies. The
 * secret is 'secretsecretsecretsecret'.
 */
import { readFileSync } from 'node:fs';
import { findTsigRecord } from '../../src/tsig/place.ts';
import { parseKey, type TsigKey } from '../../src/tsig/key.ts';

export const SECRET: string = Buffer.from('secret'.repeat(4)).toString('base64');

export interface Vector {
  readonly what: string;
  readonly key: TsigKey;
  readonly request: Uint8Array;
  readonly replies: readonly Uint8Array[];
  /** When the request was signed. */
  readonly timeSeconds: number;
}

export function readVectors(): readonly Vector[] {
  const file = new URL('../fixtures/tsig/bind.json', import.meta.url);
  const list = JSON.parse(readFileSync(file, 'utf8')) as readonly Raw[];
  return list.map(({ what, algorithm, name, request, replies }) => {
    const octets = fromHex(request);
    const placed = findTsigRecord(octets);
    return {
      what,
      key: keyFrom(`${algorithm}:${name}:${SECRET}`),
      request: octets,
      replies: replies.map(fromHex),
      timeSeconds: placed.kind === 'signed' ? placed.fields.timeSeconds : 0,
    };
  });
}

export function keyFrom(text: string): TsigKey {
  const key = parseKey(text);
  if (!key.ok) throw new Error(key.error.problem);
  return key.value;
}

interface Raw {
  readonly what: string;
  readonly algorithm: string;
  readonly name: string;
  readonly request: string;
  readonly replies: readonly string[];
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/**
 * The key behind `-y` and `-k`, with dig's words for what is wrong. As dig, a key that cannot be
 * used is told and left out: the query goes unsigned.
 */

import { keyPairPaths, parseKeyFile, parseKeyPair } from '../tsig/key-file.ts';
import { parseKey, type KeyProblem, type TsigKey } from '../tsig/key.ts';
import type { Result } from '../wire/result.ts';
import { nameText } from './failures.ts';
import type { Remark } from './reading.ts';
import type { KeySource } from './settings.ts';

/** BIND warns of fewer. */
const SECURE_OCTETS = 8;

export interface ReadKey {
  readonly key: TsigKey | undefined;
  readonly complaints: readonly Remark[];
  /** There is a secret that nothing can be signed with. */
  readonly isUnused: boolean;
}

type ReadFile = (path: string) => Result<string, string>;

export function readSigningKey(source: KeySource | undefined, readFile: ReadFile): ReadKey {
  if (!source) return { key: undefined, complaints: [], isUnused: false };
  if (source.kind === 'text') return keyFrom(parseKey(source.text), nameIn(source.text));
  return readKeyFile(source.path, readFile);
}

function readKeyFile(path: string, readFile: ReadFile): ReadKey {
  const pair = keyPairPaths(path);
  if (pair) {
    const [publicText, privateText] = [pair.publicPath, pair.privatePath].map((half) =>
      readFile(half),
    );
    if (publicText?.ok === true && privateText?.ok === true) {
      const key = parseKeyPair(publicText.value, privateText.value);
      if (key) return keyFrom(key, path);
    }
  }
  const text = readFile(path);
  if (!text.ok) return complain(`Couldn't read key from ${path}: ${text.error}`);
  const key = parseKeyFile(text.value);
  return key ? keyFrom(key, path) : complain(`Couldn't read key from ${path}: not found`);
}

function keyFrom(key: Result<TsigKey, KeyProblem>, name: string): ReadKey {
  if (key.ok) {
    const { name: owner, secret } = key.value;
    const isWeak = secret.length < SECURE_OCTETS;
    const weakness = `the key '${nameText(owner)}' is too short to be secure\n`;
    return {
      key: key.value,
      complaints: isWeak ? [{ to: 'errors', text: weakness }] : [],
      isUnused: false,
    };
  }
  const { kind, text, problem } = key.error;
  const isUnknown = kind === 'algorithm' || (kind === 'secret' && text !== '');
  const warning = `;; Warning, ignoring invalid TSIG algorithm ${text}\n`;
  const complaints: readonly Remark[] = [
    ...(isUnknown ? [{ to: 'errors', text: warning } as const] : []),
    { to: 'output', text: `;; Couldn't create key ${name}: ${problem}\n` },
  ];
  return { key: undefined, complaints, isUnused: true };
}

function complain(text: string): ReadKey {
  return {
    key: undefined,
    complaints: [{ to: 'errors', text: `${text}\n` }],
    isUnused: false,
  };
}

/** The name in `[algorithm:]name:secret`. */
function nameIn(text: string): string {
  const parts = text.split(':');
  return (parts.length > 2 ? parts[1] : parts[0]) ?? '';
}

/**
 * The key behind `-y` and `-k`, with dig's words for what is wrong. As dig, a key that cannot be
 * used is told and left out: the query goes unsigned.
 */

import { keyPairPaths, parseKeyFile, parseKeyPair } from '../tsig/key-file.ts';
import { parseKey, type KeyProblem, type TsigKey } from '../tsig/key.ts';
import type { Result } from '../wire/result.ts';
import { nameText } from './failures.ts';
import type { KeySource } from './settings.ts';

/** BIND warns of fewer. */
const SECURE_OCTETS = 8;

export interface ReadKey {
  readonly key: TsigKey | undefined;
  /** Lines for standard error, without their ends. */
  readonly complaints: readonly string[];
}

type ReadFile = (path: string) => Result<string, string>;

export function readSigningKey(source: KeySource | undefined, readFile: ReadFile): ReadKey {
  if (!source) return { key: undefined, complaints: [] };
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
    return {
      key: key.value,
      complaints: isWeak ? [`the key '${nameText(owner)}' is too short to be secure`] : [],
    };
  }
  const { kind, text, problem } = key.error;
  const warning =
    kind === 'algorithm' ? [`;; Warning, ignoring invalid TSIG algorithm ${text}`] : [];
  return {
    key: undefined,
    complaints: [...warning, `;; Couldn't create key ${name}: ${problem}`],
  };
}

function complain(text: string): ReadKey {
  return { key: undefined, complaints: [text] };
}

/** The name in `[algorithm:]name:secret`. */
function nameIn(text: string): string {
  const parts = text.split(':');
  return (parts.length > 2 ? parts[1] : parts[0]) ?? '';
}

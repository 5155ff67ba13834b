/**
 * The key behind `-y` and `-k`, with dig's words for what is wrong. As dig, a key that cannot be
 * used is told and left out: the query goes unsigned.
 */

import { keyPairPaths, parseKeyPair, readKeyFile } from '../tsig/key-file.ts';
import { keyOf, parseKey, type KeyProblem, type TsigKey } from '../tsig/key.ts';
import type { Result } from '../wire/result.ts';
import { nameText } from './failures.ts';
import { nameProblem } from './name-search.ts';
import type { Remark } from './reading.ts';
import type { KeySource } from './settings.ts';

/** BIND warns of fewer. */
const SECURE_OCTETS = 8;

export interface ReadKey {
  readonly key: TsigKey | undefined;
  readonly complaints: readonly Remark[];
  /** There is a secret that nothing can be signed with. */
  readonly isUnused: boolean;
  /** Nothing is asked at all. */
  readonly isFatal?: boolean;
}

type ReadFile = (path: string) => Result<string, string>;

export function readSigningKey(source: KeySource | undefined, readFile: ReadFile): ReadKey {
  if (!source) return { key: undefined, complaints: [], isUnused: false };
  if (source.kind === 'text') return keyFrom(parseKey(source.text), nameIn(source.text));
  return readPath(source.path, readFile);
}

function readPath(path: string, readFile: ReadFile): ReadKey {
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
  const { key, flaw } = readKeyFile(text.value);
  if (flaw === 'incomplete') {
    return { ...complain('ts-dig: key must have algorithm and secret'), isFatal: true };
  }
  if (flaw === undefined && key) return keyFrom(keyOf(key), key.name);
  return complain(`Couldn't read key from ${path}: ${flaw}`);
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
  const { kind, text } = key.error;
  const problem = kind === 'name' ? nameProblem(text) : key.error.problem;
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

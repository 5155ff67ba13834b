/**
 * Key files: BIND's `key "name" { algorithm …; secret "…"; };` as `tsig-keygen` writes them, and
 * the pairs `Kname.+163+12345.key` and `.private` of old. Pure: whoever reads files passes texts.
 */

import { failure, success, type Result } from '../wire/result.ts';
import { algorithmOfKeyNumber } from './algorithm.ts';
import { keyOf, type KeyProblem, type TsigKey } from './key.ts';

/** The first key in a file of BIND's form; undefined where there is none. */
export function parseKeyFile(text: string): Result<TsigKey, KeyProblem> | undefined {
  const tokens = tokensOf(text);
  const at = tokens.indexOf('key');
  if (at < 0 || tokens[at + 2] !== '{') return undefined;
  const name = unquoted(tokens[at + 1]!);
  let algorithm: string | undefined;
  let secret: string | undefined;
  for (let i = at + 3; i < tokens.length && tokens[i] !== '}'; i++) {
    if (tokens[i] === 'algorithm') algorithm = unquoted(tokens[++i] ?? '');
    else if (tokens[i] === 'secret') secret = unquoted(tokens[++i] ?? '');
  }
  if (secret === undefined || algorithm === undefined) return undefined;
  return keyOf({ name, algorithm, secret });
}

/** The paths of a pair, of either's path or the stem of both; undefined where it is no pair. */
export function keyPairPaths(
  path: string,
): { readonly publicPath: string; readonly privatePath: string } | undefined {
  const stem = path.replace(/\.(key|private)$/, '');
  if (!/(^|\/)K[^/]*\+[0-9]{3}\+[0-9]{5}$/.test(stem)) return undefined;
  return { publicPath: `${stem}.key`, privatePath: `${stem}.private` };
}

/** The name stands in the public half, the secret in the private one. */
export function parseKeyPair(
  publicText: string,
  privateText: string,
): Result<TsigKey, KeyProblem> | undefined {
  const name = /^\s*([^\s;]+)\s.*\bKEY\b/m.exec(publicText)?.[1];
  const number = /^Algorithm:\s*([0-9]+)/m.exec(privateText)?.[1];
  const secret = /^Key:\s*(\S+)\s*$/m.exec(privateText)?.[1];
  if (name === undefined || number === undefined || secret === undefined) return undefined;
  const algorithm = algorithmOfKeyNumber(Number(number));
  if (!algorithm) {
    return failure({ kind: 'algorithm', text: number, problem: 'algorithm is unsupported' });
  }
  const key = keyOf({ name, algorithm: algorithm.text, secret });
  return key.ok ? success(key.value) : key;
}

/** Words, quoted texts with their quotes, and braces; comments of three kinds and ';' are none. */
function tokensOf(text: string): readonly string[] {
  const pattern = /\/\*[^]*?(?:\*\/|$)|\/\/.*|#.*|"[^"]*"|[{}]|[^\s{};"]+/g;
  return [...text.matchAll(pattern)]
    .map(([token]) => token)
    .filter((token) => !/^(\/\*|\/\/|#)/.test(token));
}

function unquoted(token: string): string {
  return token.replaceAll('"', '');
}

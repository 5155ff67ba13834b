/**
 * Key files: BIND's `key "name" { algorithm …; secret "…"; };` as `tsig-keygen` writes them, and
 * the pairs `Kname.+163+12345.key` and `.private` of old. Pure: whoever reads files passes texts.
 */

import { failure, success, type Result } from '../wire/result.ts';
import { algorithmOfKeyNumber } from './algorithm.ts';
import { keyOf, type KeyProblem, type KeyText, type TsigKey } from './key.ts';

/** What a file says of keys, though perhaps not well. */
export interface KeyFile {
  /** The first key that has an algorithm and a secret. */
  readonly key: KeyText | undefined;
  /** In BIND's words; 'incomplete': the first key lacks its algorithm or its secret. */
  readonly flaw: 'failure' | 'unexpected token' | 'not found' | 'incomplete' | undefined;
}

/** The first key in a file of BIND's form, whatever else is wrong; undefined: there is none. */
export function parseKeyFile(text: string): Result<TsigKey, KeyProblem> | undefined {
  const { key } = readKeyFile(text);
  return key && keyOf(key);
}

/** By the grammar of named.conf, of which there may be nothing but keys. */
export function readKeyFile(text: string): KeyFile {
  const reader = new KeyFileReader(tokensOf(text));
  const isWhole = reader.readStatements((word) => word === 'key' && reader.readKey());
  const [first] = reader.keys;
  const { algorithm, secret } = first ?? {};
  const isComplete = algorithm !== undefined && secret !== undefined;
  const key = first && isComplete ? { name: first.name, algorithm, secret } : undefined;
  if (!isWhole || reader.isUnread) return { key, flaw: 'unexpected token' };
  if (reader.isWrong) return { key, flaw: 'failure' };
  if (!first) return { key, flaw: 'not found' };
  return { key, flaw: isComplete ? undefined : 'incomplete' };
}

interface Draft {
  readonly name: string;
  algorithm?: string;
  secret?: string;
}

/** Each method tells whether the tokens went on as they must; otherwise the reading is over. */
class KeyFileReader {
  readonly keys: Draft[] = [];
  /** Something is wrong that BIND reads over, and refuses in the end. */
  isWrong = false;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isUnread(): boolean {
    return this.#at < this.#tokens.length;
  }

  /** As many as begin with a word; `read` tells false when that is none it knows. */
  readStatements(read: (word: string) => boolean | 'over'): boolean {
    for (;;) {
      const word = this.#tokens[this.#at];
      if (word === undefined || /^[{};"]/.test(word)) return true;
      this.#at += 1;
      const done = read(word);
      if (done === 'over') return false;
      if (!done && !this.#skip()) return false;
      if (this.#tokens[this.#at] === ';') this.#at += 1;
      else this.isWrong = true;
    }
  }

  readKey(): true | 'over' {
    const name = this.#value();
    if (name === undefined || !this.#take('{')) return 'over';
    const draft: Draft = { name };
    this.keys.push(draft);
    const isRead = this.readStatements((word) => {
      if (word !== 'algorithm' && word !== 'secret') return false;
      const value = this.#value();
      if (value === undefined) return 'over';
      draft[word] = value;
      return true;
    });
    return isRead && this.#take('}') ? true : 'over';
  }

  #value(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || /^[{};]/.test(token)) return undefined;
    this.#at += 1;
    return token.replaceAll('"', '');
  }

  #take(token: string): boolean {
    const isThere = this.#tokens[this.#at] === token;
    if (isThere) this.#at += 1;
    return isThere;
  }

  /** To the semicolon behind a statement that nobody knows. */
  #skip(): boolean {
    this.isWrong = true;
    let depth = 0;
    for (; this.isUnread; this.#at += 1) {
      const token = this.#tokens[this.#at];
      if (token === ';' && depth === 0) return true;
      if (token === '{') depth += 1;
      if (token === '}') depth -= 1;
      if (depth < 0) return false;
    }
    return false;
  }
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

/** Words, quoted texts with their quotes, braces and semicolons; no comments of three kinds. */
function tokensOf(text: string): readonly string[] {
  const pattern = /\/\*[^]*?(?:\*\/|$)|\/\/.*|#.*|"[^"]*"|[{};]|[^\s{};"]+/g;
  return [...text.matchAll(pattern)]
    .map(([token]) => token)
    .filter((token) => !/^(\/\*|\/\/|#)/.test(token));
}

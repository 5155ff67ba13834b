/**
 * Rdata in presentation form, as the fields of a description consume it: a line's tokens, with
 * their escapes still in place (what an escape means depends on the field: a dot in a name, an
 * octet in a string). A field that is wrong throws `PresentationError`, which `parseRdata` turns
 * into a value; it never leaves this folder.
 */

import type { DnsName } from '../name.ts';

export interface Token {
  /** One character per octet; escapes unresolved; without the surrounding quotes. */
  readonly text: string;
  readonly quoted: boolean;
  /** No blank before it: quotes begin or end there. */
  readonly glued: boolean;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

export class PresentationError extends Error {
  /** Undefined: the line ended too early. */
  readonly token: Token | undefined;

  constructor(message: string, token: Token | undefined) {
    super(message);
    this.token = token;
  }
}

export class RdataTokens {
  readonly origin: DnsName | undefined;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[], origin: DnsName | undefined) {
    this.#tokens = tokens;
    this.origin = origin;
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  /** The next token; `expected` ('a preference (0 to 65535)') words the error when none is left. */
  next(expected: string): Token {
    return this.#unglued(this.nextString(expected));
  }

  /**
   * The same for strings, which their quotes set apart well enough: in `TXT a"b"` there are two,
   * as BIND and NSD read it. Nobody takes quotes inside of other fields.
   */
  nextString(expected: string): Token {
    const token = this.#tokens[this.#at++];
    if (!token)
      throw new PresentationError(`expected ${expected}, but the record ends here`, token);
    return token;
  }

  /** The value in quotes that stands right behind the last token, as in `alpn="h2,h3"`. */
  nextValue(): Token | undefined {
    const token = this.peek();
    if (token?.glued !== true || !token.quoted) return undefined;
    this.#at++;
    return token;
  }

  /** All tokens left; for fields that blanks may split, such as base64. */
  rest(): readonly Token[] {
    const rest = this.#tokens.slice(this.#at);
    this.#at = this.#tokens.length;
    for (const token of rest) this.#unglued(token);
    return rest;
  }

  fail(token: Token | undefined, expected: string): never {
    const found = token === undefined ? 'the record ends here' : `found '${token.text}'`;
    throw new PresentationError(`expected ${expected}, ${found}`, token);
  }

  #unglued(token: Token): Token {
    return token.glued
      ? this.fail(token, `a blank ${token.quoted ? 'before' : 'behind'} the quotes`)
      : token;
  }
}

/** Tokens of one line of rdata text without comments or parentheses: for constants and tests. */
export function splitTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let end = -1;
  for (const match of text.matchAll(/"((?:[^"\\]|\\[^])*)"|(?:[^\s"\\]|\\[^])+/g)) {
    const quoted = match[1] !== undefined;
    const glued = match.index === end;
    tokens.push({ text: match[1] ?? match[0], quoted, glued, line: 1, column: match.index + 1 });
    end = match.index + match[0].length;
  }
  return tokens;
}

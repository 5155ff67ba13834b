/**
 * The fields of the entry that a lexer is at, for whoever reads a meaning out of them: what is
 * wrong with one is said here, at its place, in one form.
 */

import { parseName } from '../wire/name-text.ts';
import type { DnsName } from '../wire/name.ts';
import type { EntryLexer } from './lexer.ts';
import type { ProblemSink } from './problem.ts';

/** Of a problem: its code, and what may help. */
export interface Kind {
  readonly code: string;
  readonly hint?: string;
}

export const BAD_DIRECTIVE: Kind = { code: 'bad-directive' };

export class EntryFields {
  readonly lexer: EntryLexer;
  readonly #log: ProblemSink;

  constructor(lexer: EntryLexer, log: ProblemSink) {
    this.lexer = lexer;
    this.#log = log;
  }

  /** At a field, or behind the last one. */
  error(index: number | undefined, message: string, code: string): void {
    const { lexer } = this;
    this.#log.error(index === undefined ? lexer.endPlace : lexer.place(index), message, code);
  }

  unexpected(index: number, expected: string, { code, hint = '' }: Kind): undefined {
    const found = this.lexer.source(index);
    this.error(index, `expected ${expected}, found '${found}'${hint}`, code);
  }

  /** A directive is too short. */
  endsBefore(expected: string): undefined {
    this.error(undefined, `expected ${expected}, but the line ends here`, BAD_DIRECTIVE.code);
  }

  /** Whether a directive has no field at `index`; reports the one that is there. */
  endsAt(index: number): boolean {
    if (this.lexer.count > index) this.unexpected(index, 'the end of the line', BAD_DIRECTIVE);
    return this.lexer.count <= index;
  }

  /** The fields [from, to) as they stand in the file, with one blank where there are some. */
  sources(from: number, to: number): string {
    const { lexer } = this;
    let text = '';
    for (let i = from; i < to; i++) {
      text += (i > from && !lexer.isGlued(i) ? ' ' : '') + lexer.source(i);
    }
    return text;
  }

  /** An argument of a directive; reports one that is no name. */
  domainName(index: number, origin: DnsName | undefined): DnsName | undefined {
    const result = parseName(this.lexer.source(index), origin);
    if (result.ok && this.lexer.isBare(index)) return result.value;
    const reason = result.ok ? '' : ` (${result.error})`;
    return this.unexpected(index, `a domain name${reason}`, BAD_DIRECTIVE);
  }
}

/** The lines of a scenario file, without comments, and errors that name the line. */

import { DnsError } from '../../net/errors.ts';
import { DnsName } from '../../wire/name.ts';

/** The file is no scenario: `file:line: what is wrong`. */
export class ScenarioError extends DnsError {
  readonly code = 'TSDNS_SCENARIO';
  readonly file: string;
  readonly line: number;
  /** Without the place. */
  readonly problem: string;

  constructor(place: { readonly file: string; readonly line: number }, problem: string) {
    super(`${place.file}:${place.line}: ${problem}`);
    this.file = place.file;
    this.line = place.line;
    this.problem = problem;
  }
}

const scenarioLimits = {
  /** Octets of a file; the largest known has some 300,000. */
  fileOctets: 16_777_216,
} as const;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without comments and surrounding blanks; never empty. */
  readonly text: string;
  /** A record that begins with a blank may leave out its owner. */
  readonly isIndented: boolean;
}

/** Hands out the lines that say something, one after the other. */
export class ScenarioLines {
  readonly file: string;
  readonly #lines: readonly Line[];
  #at = 0;
  /** What `$ORIGIN` said last, inside of an entry or not. */
  origin: DnsName = DnsName.root;

  constructor(file: string, text: string) {
    this.file = file;
    if (text.length > scenarioLimits.fileOctets) {
      throw new ScenarioError({ file, line: 1 }, 'the file is too large for a scenario');
    }
    this.#lines = text.split(/\r?\n/).flatMap((raw, index) => {
      const bare = withoutComment(raw, ';').trim();
      const isIndented = /^\s/.test(raw);
      return bare === '' ? [] : [{ number: index + 1, text: bare, isIndented }];
    });
  }

  peek(): Line | undefined {
    return this.#lines[this.#at];
  }

  /** The next line; `wanted` says in the error what is missing when there is none. */
  next(wanted: string): Line {
    const line = this.#lines[this.#at++];
    if (line) return line;
    const last = this.#lines.at(-1)?.number ?? 1;
    throw new ScenarioError({ file: this.file, line: last }, `expected ${wanted}, the file ends`);
  }

  fail(line: Line | number, problem: string): never {
    const number = typeof line === 'number' ? line : line.number;
    throw new ScenarioError({ file: this.file, line: number }, problem);
  }
}

/** `text` up to the first `mark` that stands neither in quotes nor behind a backslash. */
export function withoutComment(text: string, mark: ';' | '#'): string {
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === mark && !isQuoted) return text.slice(0, at);
  }
  return text;
}

/** Words between blanks. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

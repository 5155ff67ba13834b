/**
 * The entries of a master file (RFC 1035 §5.1) as tokens: one record or directive at a time, with
 * parentheses, comments, quotes and line ends resolved, and escapes left as they are, because what
 * an escape means depends on the field.
 *
 * Tokens are offsets into the file, in arrays that every entry reuses: a string is made only of
 * what somebody asks for. The time is linear in the file whatever it holds, and after an error the
 * lexer goes on at the next entry. Quoted strings end on the line where they begin, as in BIND:
 * a forgotten quote must not swallow the file.
 */

import type { Token } from '../wire/rdata/tokens.ts';
import type { Place } from './problem.ts';

const lexerLimits = {
  /** Tokens of one entry: rdata of 65535 octets may be written as that many of hexadecimal. */
  tokens: 65552,
  /** Octets of one entry's tokens: rdata of 65535 octets, each written as `\DDD`, fits thrice. */
  octets: 1048576,
} as const;

type Report = (place: Place, message: string) => void;

export class EntryLexer {
  /** Tokens of the current entry. */
  count = 0;
  /** The entry begins with a blank, so a record's owner is the one before (RFC 1035 §5.1). */
  startsBlank = false;
  /** The entry had an error, which has been reported; its tokens are not to be trusted. */
  failed = false;
  /** The line on which the entry's first token stands. */
  get line(): number {
    return this.#lines[0]!;
  }

  readonly #octets: Uint8Array;
  readonly #text: Buffer;
  readonly #report: Report;
  #at: number;
  #line = 1;
  #lineStart: number;
  /** Where the parenthesis opened that is open now. */
  #open: Place | undefined;
  #entryOctets = 0;
  #starts = NO_NUMBERS;
  #ends = NO_NUMBERS;
  #lines = NO_NUMBERS;
  #lineStarts = NO_NUMBERS;
  #kinds = NO_KINDS;

  constructor(octets: Uint8Array, start: number, report: Report) {
    this.#octets = octets;
    this.#text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
    this.#report = report;
    this.#at = start;
    this.#lineStart = start;
  }

  /** Where the next entry begins. */
  get at(): number {
    return this.#at;
  }

  get atLine(): number {
    return this.#line;
  }

  /** Goes on at the start of a line, which somebody else has read up to. */
  goTo(at: number, line: number): void {
    this.#at = at;
    this.#line = line;
    this.#lineStart = at;
  }

  /** Goes to the next entry that has tokens or an error; false at the end of the file. */
  next(): boolean {
    while (this.#at < this.#octets.length) {
      this.count = 0;
      this.failed = false;
      this.#entryOctets = 0;
      this.#open = undefined;
      this.startsBlank = CLASSES[this.#octets[this.#at]!] === BLANK;
      this.#scanEntry();
      if (this.count > 0 || this.failed) return true;
    }
    return false;
  }

  start(index: number): number {
    return this.#starts[index]!;
  }

  end(index: number): number {
    return this.#ends[index]!;
  }

  /** Whether the token has no quotes, so that the file's octets are the token's. */
  isBare(index: number): boolean {
    return this.#kinds[index] === BARE;
  }

  /** The token with its quotes, as it stands in the file. */
  source(index: number): string {
    return this.#text.toString('latin1', this.#starts[index], this.#ends[index]);
  }

  place(index: number): Place {
    return {
      line: this.#lines[index]!,
      lineStart: this.#lineStarts[index]!,
      start: this.#starts[index]!,
      end: this.#ends[index]!,
    };
  }

  /** Just behind the last token: where something is missing. */
  get endPlace(): Place {
    const last = this.place(this.count - 1);
    return { ...last, start: last.end, end: last.end + 1 };
  }

  /** No blank stands before the token: a quote begins or ends there. */
  isGlued(index: number): boolean {
    return index > 0 && this.#starts[index] === this.#ends[index - 1];
  }

  token(index: number): Token {
    const start = this.#starts[index]!;
    const quoted = this.#kinds[index] === QUOTED;
    const source = this.source(index);
    const column = start - this.#lineStarts[index]! + 1;
    return {
      text: quoted ? source.slice(1, -1) : source,
      quoted,
      glued: this.isGlued(index),
      line: this.#lines[index]!,
      column,
    };
  }

  tokens(from: number): Token[] {
    const tokens: Token[] = [];
    for (let i = from; i < this.count; i++) tokens.push(this.token(i));
    return tokens;
  }

  #scanEntry(): void {
    const octets = this.#octets;
    while (this.#at < octets.length) {
      switch (CLASSES[octets[this.#at]!]!) {
        case BLANK:
          this.#at++;
          break;
        case LINE_END:
          if (this.#endLine() && this.#open === undefined) return;
          break;
        case COMMENT:
          this.#at = this.#lineEnd();
          break;
        case OPEN:
          if (!this.#openParenthesis()) return;
          break;
        case CLOSE:
          this.#closeParenthesis();
          break;
        default:
          if (!this.#scanToken()) return;
      }
    }
    if (this.#open === undefined) return;
    this.#fail(this.#open, 'expected a closing parenthesis, but this one is never closed');
    // Once at most: behind it there is no other opening one, or that would have ended the entry.
    this.#at = this.#open.start + 1;
    this.#line = this.#open.line;
    this.#lineStart = this.#open.lineStart;
    this.#skipToNextOwner();
  }

  /** True when a line ended. */
  #endLine(): boolean {
    if (this.#octets[this.#at] === CARRIAGE_RETURN && this.#octets[this.#at + 1] !== LINE_FEED) {
      const message = 'expected a line feed behind the carriage return';
      if (!this.failed) this.#fail(this.#here(1), message);
      this.#at++;
      return false;
    }
    this.#at += this.#octets[this.#at] === CARRIAGE_RETURN ? 2 : 1;
    this.#line++;
    this.#lineStart = this.#at;
    return true;
  }

  #openParenthesis(): boolean {
    if (this.#open === undefined) {
      this.#open = this.#here(1);
      this.#at++;
      return true;
    }
    const { line, start, lineStart } = this.#open;
    const outer = `line ${line}, column ${start - lineStart + 1}`;
    this.#fail(this.#here(1), `expected ')', found '(' inside the parenthesis opened at ${outer}`);
    this.#skipToNextOwner();
    return false;
  }

  #closeParenthesis(): void {
    if (this.#open === undefined) {
      this.#fail(this.#here(1), "expected '(' before, found a closing parenthesis without it");
    }
    this.#open = undefined;
    this.#at++;
  }

  /** A quoted or bare token; false when the entry grew too large and was skipped. */
  #scanToken(): boolean {
    const octets = this.#octets;
    const start = this.#at;
    if (octets[start] === QUOTE) {
      this.#scanQuotes();
      return this.#push(start, QUOTED);
    }
    while (this.#at < octets.length) {
      const octetClass = CLASSES[octets[this.#at]!]!;
      if (octetClass === ORDINARY) this.#at++;
      else if (octetClass === BACKSLASH) this.#skipEscape();
      else break;
    }
    return this.#push(start, BARE);
  }

  /** From an opening quote to behind the closing one, or to the line's end. */
  #scanQuotes(): void {
    const opening = this.#here(1);
    const octets = this.#octets;
    this.#at++;
    while (this.#at < octets.length) {
      const octet = octets[this.#at]!;
      if (octet === QUOTE) {
        this.#at++;
        return;
      }
      if (octet === LINE_FEED || this.#isCrLf(this.#at)) break;
      if (octet === ESCAPE) this.#skipEscape();
      else this.#at++;
    }
    this.#fail(opening, 'expected a closing quote on this line, but this one is never closed');
  }

  /** A backslash and what it escapes; never a line's end. */
  #skipEscape(): void {
    this.#at++;
    const octet = this.#octets[this.#at];
    if (octet !== undefined && octet !== LINE_FEED && !this.#isCrLf(this.#at)) this.#at++;
  }

  #isCrLf(at: number): boolean {
    return this.#octets[at] === CARRIAGE_RETURN && this.#octets[at + 1] === LINE_FEED;
  }

  #push(start: number, kind: number): boolean {
    this.#entryOctets += this.#at - start;
    if (this.count >= lexerLimits.tokens || this.#entryOctets > lexerLimits.octets) {
      const { tokens, octets } = lexerLimits;
      const place = { ...this.#here(0), start, end: this.#at };
      this.#fail(place, `expected a record of at most ${tokens} fields and ${octets} octets`);
      this.#skipToNextOwner();
      return false;
    }
    if (this.count === this.#starts.length) this.#grow();
    const index = this.count++;
    this.#starts[index] = start;
    this.#ends[index] = this.#at;
    this.#lines[index] = this.#line;
    this.#lineStarts[index] = this.#lineStart;
    this.#kinds[index] = kind;
    return true;
  }

  #grow(): void {
    this.#starts = grown(this.#starts);
    this.#ends = grown(this.#ends);
    this.#lines = grown(this.#lines);
    this.#lineStarts = grown(this.#lineStarts);
    const kinds = new Uint8Array(this.#starts.length);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
  }

  #fail(place: Place, message: string): void {
    this.failed = true;
    this.#report(place, message);
  }

  #here(length: number): Place {
    const start = this.#at;
    return { line: this.#line, lineStart: this.#lineStart, start, end: start + length };
  }

  /**
   * Where to go on after an entry whose end is uncertain: outside of parentheses the next line,
   * inside them the next one that begins with an owner or a directive.
   */
  #skipToNextOwner(): void {
    const wasOpen = this.#open !== undefined;
    this.#open = undefined;
    do {
      this.#at = this.#lineEnd();
      if (this.#at < this.#octets.length) this.#endLine();
    } while (wasOpen && this.#at < this.#octets.length && !this.#isOwnerStart());
  }

  #isOwnerStart(): boolean {
    const octetClass = CLASSES[this.#octets[this.#at]!];
    return octetClass === ORDINARY || octetClass === BACKSLASH;
  }

  /** The offset of the line feed that ends the line, or of the CRLF, or of the file's end. */
  #lineEnd(): number {
    const found = this.#text.indexOf(LINE_FEED, this.#at);
    if (found < 0) return this.#octets.length;
    return found > this.#at && this.#octets[found - 1] === CARRIAGE_RETURN ? found - 1 : found;
  }
}

/** To begin with: so few that the arrays need no memory of their own. */
const FEW_TOKENS = 16;
/** Until there is a token: of thousands of files, most have only plain lines (`plain-lines.ts`). */
const NO_NUMBERS = new Int32Array(0);
const NO_KINDS = new Uint8Array(0);

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const ESCAPE = 0x5c;

/** Kinds of tokens. */
const BARE = 0;
const QUOTED = 1;

/** Classes of octets. */
const ORDINARY = 0;
const BLANK = 1;
const LINE_END = 2;
const COMMENT = 3;
const OPEN = 4;
const CLOSE = 5;
const QUOTES = 6;
const BACKSLASH = 7;

const CLASSES: Uint8Array = new Uint8Array(256);
for (const [octets, octetClass] of [
  [' \t', BLANK],
  ['\r\n', LINE_END],
  [';', COMMENT],
  ['(', OPEN],
  [')', CLOSE],
  ['"', QUOTES],
  ['\\', BACKSLASH],
] as const) {
  for (const octet of octets) CLASSES[octet.charCodeAt(0)] = octetClass;
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(Math.max(FEW_TOKENS, array.length * 2));
  twice.set(array);
  return twice;
}

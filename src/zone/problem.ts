/**
 * What is wrong in a master file, and where, for people: `file:line:column: error: message`, the
 * line, and a caret under the place. Everything that comes from the file is shown as UTF-8, with
 * each character escaped that could make a terminal act.
 */

export interface ZoneProblem {
  /** An error rejects the file; a warning does not. */
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  readonly message: string;
  /** The line, or of a long one the part around the place, with '…' where it was cut. */
  readonly lineText: string;
  /** Where in `lineText` the place begins and how long it is, in UTF-16 units. */
  readonly caret: { readonly at: number; readonly length: number };
}

/** Offsets into the file. */
export interface Place {
  readonly line: number;
  readonly lineStart: number;
  readonly start: number;
  readonly end: number;
}

export const problemLimits = {
  /** Errors, and as many warnings, that are kept of one file; the rest is counted. */
  kept: 100,
  /** Octets of a line shown whole; of a longer one this many around the place. */
  lineOctets: 200,
  /** UTF-16 units of a message; the file's own words in it may be a megabyte. */
  messageLength: 400,
} as const;

/** Three lines, without a line end behind the last. */
export function formatProblem(problem: ZoneProblem): string {
  const { lineText, caret } = problem;
  const place = `${escapeText(problem.file)}:${problem.line}:${problem.column}`;
  const before = escapeText(lineText.slice(0, caret.at), true);
  const under = escapeText(lineText.slice(caret.at, caret.at + caret.length));
  const underLength = under.replaceAll(/./gsu, ' ').length;
  return [
    `${place}: ${problem.severity}: ${escapeText(problem.message)}`,
    escapeText(lineText, true),
    before.replaceAll(/[^\t]/gu, ' ') + '^' + '~'.repeat(Math.max(0, underLength - 1)),
  ].join('\n');
}

/** Collects the problems of one file. */
export class ProblemLog {
  readonly #file: string;
  readonly #octets: Uint8Array;
  readonly #kept = { error: [] as ZoneProblem[], warning: [] as ZoneProblem[] };
  readonly #dropped = { error: 0, warning: 0 };
  #lineStarts: readonly number[] | undefined;

  constructor(file: string, octets: Uint8Array) {
    this.#file = file;
    this.#octets = octets;
  }

  get hasErrors(): boolean {
    return this.#kept.error.length > 0;
  }

  error(place: Place, message: string): void {
    this.#add('error', place, message);
  }

  warning(place: Place, message: string): void {
    this.#add('warning', place, message);
  }

  /** The first token on a line. */
  placeOfLine(line: number): Place {
    const octets = this.#octets;
    const lineStart = this.#startOfLine(line);
    let start = lineStart;
    while (octets[start] === SPACE || octets[start] === TAB) start++;
    let end = start;
    while (end < octets.length && octets[end]! > SPACE) end++;
    return { line, lineStart, start, end };
  }

  get errors(): readonly ZoneProblem[] {
    return this.#listOf('error');
  }

  get warnings(): readonly ZoneProblem[] {
    return this.#listOf('warning');
  }

  #listOf(severity: ZoneProblem['severity']): readonly ZoneProblem[] {
    const kept = this.#kept[severity];
    const dropped = this.#dropped[severity];
    const sorted = kept.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const last = sorted.at(-1);
    if (dropped === 0 || last === undefined) return sorted;
    const plural = dropped === 1 ? '' : 's';
    return [...sorted, { ...last, message: `${dropped} more ${severity}${plural} in this file` }];
  }

  #add(severity: ZoneProblem['severity'], place: Place, message: string): void {
    const kept = this.#kept[severity];
    if (kept.length >= problemLimits.kept) this.#dropped[severity]++;
    else kept.push(describe(this.#octets, place, { severity, file: this.#file, message }));
  }

  #startOfLine(line: number): number {
    if (this.#lineStarts === undefined) {
      const starts = [0];
      for (let at = this.#octets.indexOf(LINE_FEED); at >= 0;) {
        starts.push(at + 1);
        at = this.#octets.indexOf(LINE_FEED, at + 1);
      }
      if (hasByteOrderMark(this.#octets)) starts[0] = BYTE_ORDER_MARK.length;
      this.#lineStarts = starts;
    }
    return this.#lineStarts[line - 1] ?? this.#octets.length;
  }
}

/** RFC 3629 §6: three octets that some editors put before UTF-8; they say nothing. */
export function hasByteOrderMark(octets: Uint8Array): boolean {
  return BYTE_ORDER_MARK.every((octet, i) => octets[i] === octet);
}

export const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

function describe(
  octets: Uint8Array,
  place: Place,
  what: Pick<ZoneProblem, 'severity' | 'file' | 'message'>,
): ZoneProblem {
  const { line, lineStart, start } = place;
  const column = countCharacters(octets, lineStart, start) + 1;
  const message = clip(decodeOctetText(what.message), problemLimits.messageLength);
  return { ...what, message, line, column, ...excerpt(octets, place) };
}

/** The line around a place, cut at character boundaries. */
function excerpt(octets: Uint8Array, place: Place): Pick<ZoneProblem, 'lineText' | 'caret'> {
  const half = problemLimits.lineOctets >> 1;
  let from = place.lineStart;
  if (place.start - from > problemLimits.lineOctets) from = place.start - half;
  while (from < place.start && isContinuation(octets[from])) from++;
  const limit = Math.min(octets.length, from + problemLimits.lineOctets);
  let to = place.start;
  while (to < limit && octets[to] !== LINE_FEED) to++;
  const isCut = to < octets.length && octets[to] !== LINE_FEED;
  while (isCut && to > place.start && isContinuation(octets[to])) to--;
  if (!isCut && to > from && octets[to - 1] === CARRIAGE_RETURN) to--;

  const before = (from > place.lineStart ? '…' : '') + decode(octets.subarray(from, place.start));
  const shown = decode(octets.subarray(place.start, Math.max(place.start, to)));
  const marked = decode(octets.subarray(place.start, Math.min(place.end, to)));
  return {
    lineText: before + shown + (isCut ? '…' : ''),
    caret: { at: before.length, length: Math.max(1, marked.length) },
  };
}

function countCharacters(octets: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (!isContinuation(octets[at])) count++;
  return count;
}

/** An octet inside a UTF-8 character. */
function isContinuation(octet: number | undefined): boolean {
  return octet !== undefined && (octet & 0xc0) === 0x80;
}

/** Not fatal: what is no UTF-8 shows as U+FFFD. */
function decode(octets: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets);
}

/** Messages quote tokens, which have one character per octet. */
function decodeOctetText(text: string): string {
  const clipped = text.slice(0, problemLimits.messageLength * 4);
  return decode(Uint8Array.from(clipped, (character) => character.charCodeAt(0)));
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

/**
 * Control characters of both sets, line separators, and the marks that reorder or hide text
 * ("Trojan Source"), as `\u{…}`; invisible, they would let a line say what it does not.
 */
function escapeText(text: string, keepTabs = false): string {
  return text.replaceAll(UNSAFE, (character) =>
    keepTabs && character === '\t' ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

const UNSAFE =
  // eslint-disable-next-line no-control-regex -- Control characters are what it is about.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/**
 * What is wrong in a master file, and where, for people: `file:line:column: error: message`, the
 * line, and a caret under the place. Everything that comes from the file is shown as UTF-8, with
 * each character escaped that could make a terminal act.
 */

import { placeOfField, type RecordField } from './field-place.ts';

export interface ZoneProblem {
  /** An error rejects the file; a warning does not. */
  readonly severity: 'error' | 'warning';
  /** What kind of problem it is, in kebab case: stable, for programs. */
  readonly code: string;
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
  /** Where `$INCLUDE` named the file, innermost first; absent in the file that was given. */
  readonly includedFrom?: readonly FilePlace[];
}

export interface FilePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
}

/** Offsets into a file. */
export interface Place {
  /** Which file: 0 or absent is the one that was given, others come from `ProblemLog.addSource`. */
  readonly source?: number;
  readonly line: number;
  readonly lineStart: number;
  readonly start: number;
  readonly end: number;
}

const problemLimits = {
  /** Errors, and as many warnings, that are kept of one file; the rest is counted. */
  kept: 100,
  /** Octets of a line shown whole; of a longer one this many around the place. */
  lineOctets: 200,
  /** UTF-16 units of a message; the file's own words in it may be a megabyte. */
  messageLength: 400,
} as const;

/** What the readers of a file tell its problems to. */
export interface ProblemSink {
  error(place: Place, message: string, code: string): void;
  warning(place: Place, message: string, code: string): void;
}

/** Three lines, and one for each file around; without a line end behind the last. */
export function formatProblem(problem: ZoneProblem): string {
  const { lineText, caret, includedFrom = [] } = problem;
  const place = placeText(problem);
  const before = escapeText(lineText.slice(0, caret.at), true);
  const under = escapeText(lineText.slice(caret.at, caret.at + caret.length));
  const underLength = under.replaceAll(/./gsu, ' ').length;
  return [
    `${place}: ${problem.severity}: ${escapeText(problem.message)}`,
    escapeText(lineText, true),
    before.replaceAll(/[^\t]/gu, ' ') + '^' + '~'.repeat(Math.max(0, underLength - 1)),
    ...includedFrom.map((outer) => `  included from ${placeText(outer)}`),
  ].join('\n');
}

function placeText({ file, line, column }: FilePlace): string {
  return `${escapeText(file)}:${line}:${column}`;
}

/**
 * Collects the problems of a master file and of the files that it includes. Records keep their
 * place as one number: lines of the file that was given count from 1, those of each included file
 * go on behind all before.
 */
export class ProblemLog implements ProblemSink {
  readonly #sources: Source[];
  readonly #kept = { error: [] as KeptProblem[], warning: [] as KeptProblem[] };
  readonly #dropped = { error: 0, warning: 0 };

  constructor(file: string, octets: Uint8Array) {
    this.#sources = [new Source({ file, octets, linesBefore: 0 })];
  }

  get hasErrors(): boolean {
    return this.#kept.error.length > 0;
  }

  /** Of all, those included that are only counted. */
  get errorCount(): number {
    return this.#kept.error.length + this.#dropped.error;
  }

  error(place: Place, message: string, code: string): void {
    this.#add('error', place, { message, code });
  }

  warning(place: Place, message: string, code: string): void {
    this.#add('warning', place, { message, code });
  }

  /** Makes an included file known; `at` is where the directive names it. */
  addSource(file: string, octets: Uint8Array, at: Place): AddedSource {
    const outer = this.#sourceOf(at);
    const last = this.#sources.at(-1)!;
    const linesBefore = last.linesBefore + last.lineCount;
    const column = outer.columnOf(at);
    const from = { file: outer.file, line: at.line, column };
    const includedFrom = [from, ...(outer.includedFrom ?? [])];
    const number = this.#sources.push(new Source({ file, octets, linesBefore, includedFrom })) - 1;
    const error: ProblemSink['error'] = (place, message, code) =>
      this.error({ ...place, source: number }, message, code);
    const warning: ProblemSink['warning'] = (place, message, code) =>
      this.warning({ ...place, source: number }, message, code);
    return { number, linesBefore, sink: { error, warning } };
  }

  /** The first token on a line, counted as records count them. */
  placeOfLine(line: number): Place {
    let number = this.#sources.length - 1;
    if (number > 0) number = this.#sources.findLastIndex(({ linesBefore }) => linesBefore < line);
    const source = this.#sources[number]!;
    const place = source.placeOfLine(line - source.linesBefore);
    return number === 0 ? place : { ...place, source: number };
  }

  /** Whether another problem would not only be counted. */
  keeps(severity: ZoneProblem['severity']): boolean {
    return this.#kept[severity].length < problemLimits.kept;
  }

  /** A field of the record on a line, or, where that cannot be told, as `placeOfLine`. */
  placeOfField(line: number, field: RecordField): Place {
    const entry = this.placeOfLine(line);
    const { source = 0 } = entry;
    return { ...placeOfField(this.#sources[source]!.octets, entry, field), source };
  }

  /**
   * The place of a problem of the record on a line: a field of it, or its first token. Nobody sees
   * the place of a problem that is only counted, and fields take time to find.
   */
  placeOfProblem(
    line: number,
    severity: ZoneProblem['severity'],
    field: RecordField | undefined,
  ): Place {
    if (field === undefined || !this.keeps(severity)) return this.placeOfLine(line);
    return this.placeOfField(line, field);
  }

  get errors(): readonly ZoneProblem[] {
    return this.#listOf('error');
  }

  get warnings(): readonly ZoneProblem[] {
    return this.#listOf('warning');
  }

  #listOf(severity: ZoneProblem['severity']): readonly ZoneProblem[] {
    const dropped = this.#dropped[severity];
    const sorted = this.#kept[severity]
      .toSorted((a, b) => a.order - b.order || a.problem.column - b.problem.column)
      .map(({ problem }) => problem);
    const last = sorted.at(-1);
    if (dropped === 0 || last === undefined) return sorted;
    const plural = dropped === 1 ? '' : 's';
    const message = `${dropped} more ${severity}${plural} in this file`;
    return [...sorted, { ...last, code: 'too-many-problems', message }];
  }

  #add(
    severity: ZoneProblem['severity'],
    place: Place,
    what: Pick<ZoneProblem, 'message' | 'code'>,
  ): void {
    if (!this.keeps(severity)) {
      this.#dropped[severity]++;
      return;
    }
    const source = this.#sourceOf(place);
    const problem = { severity, ...source.describe(place, what) };
    this.#kept[severity].push({ order: source.linesBefore + place.line, problem });
  }

  #sourceOf({ source = 0 }: Place): Source {
    return this.#sources[source]!;
  }
}

export interface AddedSource {
  /** For `Place.source`. */
  readonly number: number;
  /** What a record's line is more than the line in the file. */
  readonly linesBefore: number;
  /** Takes places in the added file. */
  readonly sink: ProblemSink;
}

interface KeptProblem {
  /** The line, as records count them. */
  readonly order: number;
  readonly problem: ZoneProblem;
}

interface SourceSetting {
  readonly file: string;
  readonly octets: Uint8Array;
  readonly linesBefore: number;
  readonly includedFrom?: readonly FilePlace[];
}

/** One file, with its lines found when somebody asks for the first. */
class Source {
  readonly file: string;
  readonly linesBefore: number;
  readonly includedFrom: readonly FilePlace[] | undefined;
  readonly octets: Uint8Array;
  #lines: LineIndex | undefined;

  constructor({ file, octets, linesBefore, includedFrom }: SourceSetting) {
    this.file = file;
    this.linesBefore = linesBefore;
    this.includedFrom = includedFrom;
    this.octets = octets;
  }

  get lineCount(): number {
    return this.#index().count;
  }

  columnOf({ lineStart, start }: Place): number {
    return countCharacters(this.octets, lineStart, start) + 1;
  }

  describe(
    place: Place,
    { message, code }: Pick<ZoneProblem, 'message' | 'code'>,
  ): Omit<ZoneProblem, 'severity'> {
    return {
      code,
      file: this.file,
      line: place.line,
      column: this.columnOf(place),
      message: clip(decodeOctetText(message), problemLimits.messageLength),
      ...excerpt(this.octets, place),
      ...(this.includedFrom && { includedFrom: this.includedFrom }),
    };
  }

  placeOfLine(line: number): Place {
    const octets = this.octets;
    const lineStart = this.#startOf(line);
    let start = lineStart;
    while (octets[start] === SPACE || octets[start] === TAB) start++;
    let end = start;
    while (end < octets.length && octets[end]! > SPACE) end++;
    return { line, lineStart, start, end };
  }

  #startOf(line: number): number {
    const octets = this.octets;
    const { starts } = this.#index();
    const known = Math.min(Math.floor((line - 1) / INDEXED_LINES), starts.length - 1);
    let start = starts[known]!;
    for (let at = known * INDEXED_LINES + 1; at < line && start < octets.length; at++) {
      const end = octets.indexOf(LINE_FEED, start);
      start = end < 0 ? octets.length : end + 1;
    }
    return start;
  }

  #index(): LineIndex {
    return (this.#lines ??= indexLines(this.octets));
  }
}

/** Where every `INDEXED_LINES`th line begins: a file may have more lines than an array can hold. */
interface LineIndex {
  readonly count: number;
  readonly starts: readonly number[];
}

const INDEXED_LINES = 256;

function indexLines(octets: Uint8Array): LineIndex {
  const starts = [hasByteOrderMark(octets) ? BYTE_ORDER_MARK.length : 0];
  let count = 1;
  for (let at = 0; at < octets.length; at++) {
    if (octets[at] !== LINE_FEED) continue;
    if (count % INDEXED_LINES === 0) starts.push(at + 1);
    count++;
  }
  return { count, starts };
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

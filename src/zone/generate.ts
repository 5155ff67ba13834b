/**
 * `$GENERATE start-stop[/step] owner [ttl] [class] type rdata`, BIND's directive: one record for
 * each number of the range, made by substitution in the owner and the rdata.
 *
 *     $          the number          \$ or $$   a dollar sign
 *     ${-3}      the number - 3      ${0,3,x}   at least three characters, in hexadecimal
 *
 * Bases: d decimal, o octal, x and X hexadecimal, n and N hexadecimal digits as labels, the least
 * significant first, where dots count into the width (`${0,4,n}` of 16 is '0.1.'), for ip6.arpa.
 * Rdata of several fields may stand in quotes, as BIND demands, or not.
 */

import { failure, success, type Result } from '../wire/result.ts';
import type { Place, ProblemSink } from './problem.ts';

const generateLimits = {
  /** Records of one directive: a /16 of reverse names. */
  steps: 65_536,
  /** Records of all directives of a zone. */
  records: 1_000_000,
  /** Octets of text that all directives of a zone make. */
  octets: 268_435_456,
  /** Characters of one number: more fit in no name. */
  width: 255,
  /** BIND's greatest number. */
  number: 0x7fffffff,
} as const;

export interface NumberRange {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

/** Texts, and numbers to put between them. */
export type Template = readonly (string | Substitution)[];

export interface Substitution {
  readonly offset: number;
  readonly width: number;
  readonly base: Base;
}

type Base = 'd' | 'o' | 'x' | 'X' | 'n' | 'N';

/** How many numbers a range has. */
function countSteps({ start, stop, step }: NumberRange): number {
  return Math.floor((stop - start) / step) + 1;
}

/** What one directive asks for; texts with escapes as they stand in the file. */
export interface GenerateDirective {
  readonly range: NumberRange;
  readonly owner: Template;
  /** TTL, class and type. */
  readonly header: string;
  readonly rdata: Template;
}

/** The generated text of a zone so far, which is bounded. */
export class Generation {
  #records = 0;
  #octets = 0;

  /** The directive's records as text, part by part, or why there are too many. */
  begin(directive: GenerateDirective): Result<Iterable<Uint8Array>, string> {
    const steps = countSteps(directive.range);
    this.#records += steps;
    this.#octets += steps * longestLine(directive);
    const { records, octets } = generateLimits;
    if (this.#records > records) return failure(`at most ${records} generated records in a zone`);
    if (this.#octets > octets) return failure(`at most ${octets} octets of generated text`);
    return success(textOf(directive));
  }
}

/** Puts problems of generated text at the directive: the first only, since all are alike. */
export class GeneratedProblems implements ProblemSink {
  /** The part of the text that is being read. */
  octets: Uint8Array = new Uint8Array(0);
  failed = false;
  #hasWarned = false;
  readonly #outer: ProblemSink;
  readonly #place: Place;

  constructor(outer: ProblemSink, place: Place) {
    this.#outer = outer;
    this.#place = place;
  }

  error(place: Place, message: string, code: string): void {
    if (!this.failed) this.#outer.error(this.#place, this.#inRecord(place, message), code);
    this.failed = true;
  }

  warning(place: Place, message: string, code: string): void {
    if (!this.#hasWarned) this.#outer.warning(this.#place, this.#inRecord(place, message), code);
    this.#hasWarned = true;
  }

  #inRecord({ lineStart }: Place, message: string): string {
    const end = this.octets.indexOf(LINE_FEED, lineStart);
    const record = Buffer.from(this.octets.subarray(lineStart, end)).toString('latin1');
    return `${message}, in the generated record '${record}'`;
  }
}

/** `start-stop` or `start-stop/step`; the error says what is expected. */
export function parseRange(text: string): Result<NumberRange, string> {
  const match = /^(\d{1,10})-(\d{1,10})(?:\/(\d{1,10}))?$/.exec(text);
  const [start, stop, step] = [match?.[1], match?.[2], match?.[3] ?? '1'].map(Number);
  if (!match || start! > stop! || step! < 1) {
    return failure("a range such as '1-254' or '0-255/8', from the smaller to the greater number");
  }
  const range = { start: start!, stop: stop!, step: step! };
  const steps = countSteps(range);
  if (steps > generateLimits.steps) {
    return failure(`at most ${generateLimits.steps} records of one $GENERATE, not ${steps}`);
  }
  if (Math.max(stop!, step!) > generateLimits.number) {
    return failure(`numbers up to ${generateLimits.number}`);
  }
  return success(range);
}

/** Splits `text`, in which escapes stay as they are. The error says what is expected. */
export function parseTemplate(text: string): Result<Template, string> {
  const template: (string | Substitution)[] = [];
  let at = 0;
  for (const match of text.matchAll(/\\[^]|\$(?:\$|\{([^}]*)(\}?))?/g)) {
    const [source, modifiers, brace] = match;
    if (source.startsWith('\\')) continue;
    template.push(text.slice(at, match.index));
    at = match.index + source.length;
    // Escaped, so that it begins no directive where the record is read.
    if (source === '$$') template.push('\\$');
    else if (modifiers === undefined) template.push(PLAIN);
    else {
      const substitution = brace === '}' ? parseModifiers(modifiers) : undefined;
      if (substitution === undefined) return failure(MODIFIERS_EXPECTED);
      template.push(substitution);
    }
  }
  return success([...template, text.slice(at)].filter((part) => part !== ''));
}

/** The template's text for one number. */
function expand(template: Template, number: number): string {
  let text = '';
  for (const part of template) text += typeof part === 'string' ? part : substitute(part, number);
  return text;
}

/** Text with `\X` and `\DDD` resolved and read as UTF-8: for what is no name and no rdata. */
export function unescapeText(text: string): string {
  const octets = text.replaceAll(/\\(?:(\d{3})|([^]))/g, (_, digits?: string, other?: string) =>
    digits === undefined ? (other ?? '') : String.fromCharCode(Number(digits) & 0xff),
  );
  return Buffer.from(octets, 'latin1').toString('utf8');
}

/** Octets of one part: few parts, yet none that is felt in memory. */
const PART_OCTETS = 65_536;
const LINE_FEED = 0x0a;
/** The longest of a number without width: 32 bits as labels of one hexadecimal digit. */
const LONGEST_NUMBER = 16;

function* textOf({ range, owner, header, rdata }: GenerateDirective): Generator<Uint8Array> {
  let text = '';
  for (let number = range.start; number <= range.stop; number += range.step) {
    text += `${expand(owner, number)} ${header} ${expand(rdata, number)}\n`;
    if (text.length < PART_OCTETS) continue;
    yield Buffer.from(text, 'latin1');
    text = '';
  }
  if (text !== '') yield Buffer.from(text, 'latin1');
}

function longestLine({ owner, header, rdata }: GenerateDirective): number {
  let octets = header.length + '  \n'.length;
  for (const part of [...owner, ...rdata]) {
    octets += typeof part === 'string' ? part.length : Math.max(part.width, LONGEST_NUMBER);
  }
  return octets;
}

const PLAIN: Substitution = { offset: 0, width: 0, base: 'd' };
const MODIFIERS_EXPECTED =
  "'${offset}', '${offset,width}' or '${offset,width,base}' with a width up to 255 " +
  'and a base of d, o, x, X, n, N';

function parseModifiers(text: string): Substitution | undefined {
  const match = /^(-?\d{1,10})(?:,(\d{1,3})(?:,([doxXnN]))?)?$/.exec(text);
  if (!match) return undefined;
  const [, offset, width = '0', base = 'd'] = match;
  if (Number(width) > generateLimits.width) return undefined;
  if (Math.abs(Number(offset)) > generateLimits.number) return undefined;
  return { offset: Number(offset), width: Number(width), base: base as Base };
}

function substitute({ offset, width, base }: Substitution, number: number): string {
  const value = number + offset;
  switch (base) {
    case 'd': {
      const sign = value < 0 ? '-' : '';
      return sign + String(Math.abs(value)).padStart(width - sign.length, '0');
    }
    case 'o':
      return unsigned(value).toString(8).padStart(width, '0');
    case 'x':
      return unsigned(value).toString(16).padStart(width, '0');
    case 'X':
      return upperHex(unsigned(value).toString(16)).padStart(width, '0');
    case 'n':
      return nibbles(unsigned(value), width);
    case 'N':
      return upperHex(nibbles(unsigned(value), width));
  }
}

function nibbles(value: number, width: number): string {
  let text = '';
  let rest = value;
  do {
    text += (rest & 0xf).toString(16);
    rest >>>= 4;
    if (rest > 0 || text.length < width) text += '.';
  } while (rest > 0 || text.length < width);
  return text;
}

/** Two's complement, as BIND prints negative numbers in other bases than ten. */
function unsigned(value: number): number {
  return value >>> 0;
}

function upperHex(text: string): string {
  return text.replaceAll(/[a-f]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0x20));
}

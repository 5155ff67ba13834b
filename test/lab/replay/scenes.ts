/** Small scenarios for tests: a root server that delegates `example.`, and what a test adds. */
import { replay, type Outcome, type ReplayOptions } from '../../../src/lab/replay/replay.ts';

export const CONFIG =
  'server:\n  qname-minimisation: no\nstub-zone:\n  name: "."\n  stub-addr: 192.0.2.1';
export const DECKARD_CONFIG = 'stub-addr: 192.0.2.1\nquery-minimization: off';

export interface EntryParts {
  readonly match?: string;
  readonly adjust?: string;
  readonly reply?: string;
  readonly question?: string;
  readonly answer?: string;
  readonly authority?: string;
  readonly additional?: string;
  readonly more?: string;
}

/** An entry; sections in zone text, lines apart. */
export function entry(parts: EntryParts): string {
  const section = (title: string, text: string | undefined): string =>
    text === undefined ? '' : `SECTION ${title}\n${text}\n`;
  const word = (title: string, text: string | undefined): string =>
    text === undefined ? '' : `${title} ${text}\n`;
  return [
    'ENTRY_BEGIN\n',
    word('MATCH', parts.match),
    word('ADJUST', parts.adjust),
    word('REPLY', parts.reply),
    section('QUESTION', parts.question),
    section('ANSWER', parts.answer),
    section('AUTHORITY', parts.authority),
    section('ADDITIONAL', parts.additional),
    parts.more === undefined ? '' : `${parts.more}\n`,
    'ENTRY_END\n',
  ].join('');
}

/** A server's reply to one question. */
export function reply(question: string, parts: EntryParts = {}): string {
  return entry({
    match: 'opcode qtype qname',
    adjust: 'copy_id',
    reply: 'QR AA NOERROR',
    question,
    ...parts,
  });
}

export function range(steps: string, address: string | undefined, ...entries: string[]): string {
  const place = address === undefined ? '' : `ADDRESS ${address}\n`;
  return `RANGE_BEGIN ${steps}\n${place}${entries.join('')}RANGE_END\n`;
}

/** The root, which refers everything below `example.` to 192.0.2.2. */
export const ROOT: string = range(
  '0 100',
  '192.0.2.1',
  reply('. IN NS', { answer: '. IN NS root.' }),
  entry({
    match: 'opcode subdomain',
    adjust: 'copy_id copy_query',
    reply: 'QR NOERROR',
    question: 'example. IN A',
    authority: 'example. IN NS ns.example.',
    additional: 'ns.example. IN A 192.0.2.2',
  }),
);

export const EXAMPLE = '192.0.2.2';
export const WWW = 'www.example. IN A 198.51.100.7';

export function query(id: number, question: string, parts: EntryParts = {}): string {
  return `STEP ${id} QUERY\n${entry({ reply: 'RD', question, ...parts })}`;
}

export function check(id: number, question: string, parts: EntryParts = {}): string {
  const expected = { match: 'all', reply: 'QR RD RA NOERROR', question, ...parts };
  return `STEP ${id} CHECK_ANSWER\n${entry(expected)}`;
}

export function scenario(config: string, ...parts: readonly string[]): string {
  const body = parts.join('');
  return `${config}\nCONFIG_END\nSCENARIO_BEGIN a test\n${body}SCENARIO_END\n`;
}

export interface RunOptions extends ReplayOptions {
  /** In front of the configuration. */
  readonly config?: string;
}

/** Plays a scenario of testbound's dialect, or what the options say. */
export function run(parts: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { config = '', ...rest } = options;
  const base = options.dialect === 'deckard' ? DECKARD_CONFIG : CONFIG;
  return replay('test.rpl', scenario(`${config}\n${base}`, ...parts), rest);
}

/** 'passed', or how it failed. */
export async function verdict(parts: readonly string[], options: RunOptions = {}): Promise<string> {
  return describeOutcome(await run(parts, options));
}

export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'passed':
      return 'passed';
    case 'failed':
      return `step ${outcome.step}: expected ${outcome.expected}, got ${outcome.got}`;
    case 'skipped':
      return `needs ${outcome.needs.join(', ')}`;
    case 'unusable':
      return `${outcome.file}:${outcome.line}: ${outcome.problem}`;
  }
}

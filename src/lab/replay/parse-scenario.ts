/**
 * The text of a scenario file becomes a `Scenario`. The dialect follows from the configuration: it
 * is testbound's when it has clauses (`server:`), Deckard's when keys stand without one.
 */

import { canonicalEndpointAddress } from '../../net/address.ts';
import { CLAUSES, parseConfig } from './config-lines.ts';
import { parseEntry, readOrigin } from './entry-lines.ts';
import { ScenarioLines, type Line, wordsOf } from './scenario-lines.ts';
import type { Dialect, Entry, Range, Scenario, Setting, Step, StepAction } from './scenario.ts';

/** Throws `ScenarioError`. */
export function parseScenario(file: string, text: string, dialect?: Dialect): Scenario {
  const lines = new ScenarioLines(file, text);
  const settings = parseConfig(lines);
  const begin = lines.next('SCENARIO_BEGIN');
  if (!/^SCENARIO_BEGIN(\s|$)/.test(begin.text)) lines.fail(begin, 'expected SCENARIO_BEGIN');
  const spoken = dialect ?? dialectOf(settings);
  const body = parseBody(lines, spoken);
  return {
    file,
    dialect: spoken,
    title: begin.text.slice('SCENARIO_BEGIN'.length).trim(),
    settings,
    ...body,
  };
}

function dialectOf(settings: readonly Setting[]): Dialect {
  const hasClause = settings.some(({ clause }) => CLAUSES.has(clause));
  const hasBareKey = settings.some(({ key }) => /^[a-z]/.test(key));
  return hasBareKey && !hasClause ? 'deckard' : 'testbound';
}

function parseBody(lines: ScenarioLines, dialect: Dialect): Pick<Scenario, 'ranges' | 'steps'> {
  const ranges: Range[] = [];
  const steps: Step[] = [];
  for (;;) {
    // Deckard takes the end of the file for the end of the scenario.
    if (dialect === 'deckard' && !lines.peek()) return { ranges, steps };
    const line = lines.next('SCENARIO_END');
    const words = wordsOf(line.text);
    if (words[0] === 'SCENARIO_END') return { ranges, steps };
    // One too many does no harm.
    if (words[0] === 'RANGE_END' && ranges.length > 0) continue;
    if (words[0] === 'RANGE_BEGIN') ranges.push(parseRange(lines, line));
    else if (words[0] === 'STEP') {
      const step = parseStep(lines, line);
      const before = steps.at(-1);
      if (before && step.id <= before.id) {
        lines.fail(line, `step ${step.id} follows step ${before.id}: ids must increase`);
      }
      steps.push(step);
    } else lines.fail(line, `expected RANGE_BEGIN, STEP or SCENARIO_END, found '${line.text}'`);
  }
}

function parseRange(lines: ScenarioLines, begin: Line): Range {
  const [, first, last, ...inLine] = wordsOf(begin.text);
  const addresses = inLine.map((text) => readAddress(lines, begin, text));
  const entries: Entry[] = [];
  const ids = { first: readId(lines, begin, first), last: readId(lines, begin, last) };
  for (;;) {
    const line = lines.next('RANGE_END');
    const words = wordsOf(line.text);
    if (words[0] === 'RANGE_END') return { ...ids, addresses, entries };
    if (words[0] === 'ADDRESS') addresses.push(readAddress(lines, line, words[1]));
    else if (words[0] === '$ORIGIN') readOrigin(lines, line, words[1] ?? '');
    else if (words[0] === 'ENTRY_BEGIN') entries.push(parseEntry(lines, line));
    else lines.fail(line, `expected ADDRESS, ENTRY_BEGIN or RANGE_END, found '${line.text}'`);
  }
}

function parseStep(lines: ScenarioLines, line: Line): Step {
  const [, id, word = '', ...rest] = wordsOf(line.text);
  return {
    id: readId(lines, line, id),
    line: line.number,
    ...parseAction(lines, line, { word, rest }),
  };
}

interface StepWords {
  readonly word: string;
  readonly rest: readonly string[];
}

function parseAction(lines: ScenarioLines, line: Line, { word, rest }: StepWords): StepAction {
  switch (word) {
    case 'QUERY':
      return { kind: 'query', ...readAddressedEntry(lines, line, rest) };
    case 'CHECK_OUT_QUERY':
      return { kind: 'check out query', ...readAddressedEntry(lines, line, rest) };
    case 'CHECK_ANSWER':
      return { kind: 'check answer', entry: readEntry(lines, line) };
    case 'REPLY':
      return { kind: 'reply', entry: readAddressedEntry(lines, line, rest).entry };
    case 'TIME_PASSES':
      return readTime(lines, line, rest);
    case 'CHECK_AUTOTRUST':
    case 'CHECK_TEMPFILE':
      skipFile(lines, line);
      return { kind: 'foreign', word };
    case 'ASSIGN':
    case 'FLUSH_MESSAGE':
    case 'EXPIRE_MESSAGE':
    case 'INFRA_RTT':
      return { kind: 'foreign', word };
    default:
      return BARE_STEPS[word] ?? lines.fail(line, `there is no step '${word}'`);
  }
}

const BARE_STEPS: Readonly<Record<string, StepAction>> = {
  TRAFFIC: { kind: 'traffic' },
  NOTHING: { kind: 'nothing' },
  TIMEOUT: { kind: 'timeout' },
  ERROR: { kind: 'error' },
};

function readAddressedEntry(
  lines: ScenarioLines,
  line: Line,
  rest: readonly string[],
): { readonly address: string | undefined; readonly entry: Entry } {
  const next = lines.peek();
  const onNextLine = rest.length === 0 && next?.text.startsWith('ADDRESS') === true;
  const place = onNextLine ? lines.next('ADDRESS') : line;
  const words = onNextLine ? wordsOf(place.text) : rest;
  const address = words.length > 0 ? readAddress(lines, place, words[1]) : undefined;
  return { address, entry: readEntry(lines, line) };
}

function readEntry(lines: ScenarioLines, line: Line): Entry {
  const begin = lines.next('ENTRY_BEGIN');
  if (begin.text !== 'ENTRY_BEGIN') {
    lines.fail(begin, `the step of line ${line.number} needs ENTRY_BEGIN here`);
  }
  return parseEntry(lines, begin);
}

function readTime(lines: ScenarioLines, line: Line, rest: readonly string[]): StepAction {
  const [word, amount = ''] = rest;
  if (word === 'EVAL') return { kind: 'foreign', word: 'TIME_PASSES EVAL' };
  const seconds = Number(amount);
  if (word !== 'ELAPSE' || !/^[0-9]*\.?[0-9]+$/.test(amount)) {
    lines.fail(line, "expected 'TIME_PASSES ELAPSE' and seconds");
  }
  return { kind: 'time passes', seconds };
}

function skipFile(lines: ScenarioLines, line: Line): void {
  const begin = lines.next('FILE_BEGIN');
  if (begin.text !== 'FILE_BEGIN') lines.fail(line, 'expected FILE_BEGIN behind this step');
  while (lines.next('FILE_END').text !== 'FILE_END');
}

function readId(lines: ScenarioLines, line: Line, text: string | undefined): number {
  if (text === undefined || !/^[0-9]{1,15}$/.test(text)) {
    return lines.fail(line, `expected the number of a step, found '${text ?? ''}'`);
  }
  return Number(text);
}

function readAddress(lines: ScenarioLines, line: Line, text: string | undefined): string {
  const address = canonicalEndpointAddress(text ?? '');
  return address ?? lines.fail(line, `expected an address, found '${text ?? ''}'`);
}

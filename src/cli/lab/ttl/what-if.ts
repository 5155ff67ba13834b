/**
 * `ts-dns lab what-if`: the answers that clients would get at a time, and why, out of a scenario or
 * of a cache that `ts-dns ctl dump` has recorded; with servers that are dead, and with another TTL.
 */

import { formatDuration } from '../../../lab/experiment/duration.ts';
import { foretell, type Foretold } from '../../../lab/ttl/what-if.ts';
import type { TtlScenario } from '../../../lab/ttl/scenario.ts';
import type { Explanation } from '../../../wire/explanation.ts';
import { typeText } from '../../../wire/iana.ts';
import type { Question } from '../../../wire/record.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import { nearest } from '../../config/nearest.ts';
import { UsageError } from '../usage-error.ts';
import { type CacheDump, readDump, worldAround } from './cache-dump.ts';
import { readOrFail } from './play-scenario.ts';
import { questionOf } from './questions.ts';
import { checkSet, type Variables, variablesOf } from './variables.ts';
import { timeOf, withTtlOf } from './what-if-values.ts';

export interface WhatIfOptions {
  readonly dump?: string;
  readonly zone?: string;
  readonly at?: string;
  readonly dead?: readonly string[];
  readonly ttl?: string;
  readonly set?: readonly string[];
  readonly ask?: readonly string[];
  readonly json?: boolean;
}

/** More than a page of answers is no answer. */
const MAX_QUESTIONS = 10;

interface Case {
  readonly scenario: TtlScenario;
  readonly dump: CacheDump | undefined;
}

export async function runWhatIf(file: string | undefined, options: WhatIfOptions): Promise<number> {
  const usual = await caseOf(file, options, {});
  const questions = questionsOf(usual, options.ask ?? []);
  const { scenario } = usual;
  const atMs = options.at === undefined ? scenario.durationMs : timeOf('--at', options.at);
  if (file !== undefined && atMs > scenario.durationMs) {
    const lasts = formatDuration(scenario.durationMs * NS_PER_MS);
    throw new UsageError(`--at ${options.at ?? ''}: the scenario lasts for ${lasts}`);
  }
  const dead = (options.dead ?? []).map((text) => deadOf(text, scenario));
  const other = withTtlOf(await caseOf(file, options, variablesOf(options.set ?? [])), {
    ...{ questions, ttl: options.ttl },
  });
  const isHypothesis = [options.dead, options.ttl, options.set].some((one) => one !== undefined);
  const asItIs = await foretellCase(usual, { atMs, questions, dead: [] });
  const whatIf = isHypothesis ? await foretellCase(other, { atMs, questions, dead }) : undefined;
  const isAlone = file === undefined && options.zone === undefined;
  const isDump = usual.dump !== undefined;
  const told = { what: wordsOf(options), atMs, asItIs, whatIf, isDump, isAlone };
  process.stdout.write(options.json === true ? jsonOf(told) : textOf(told));
  return 0;
}

async function caseOf(
  file: string | undefined,
  options: WhatIfOptions,
  set: Variables,
): Promise<Case> {
  const dump = options.dump === undefined ? undefined : readDump(options.dump);
  if (file !== undefined) {
    if (options.zone !== undefined) {
      throw new UsageError('--zone goes with --dump alone: a scenario has zones of its own');
    }
    const { scenario, raw } = readOrFail(file, set);
    checkSet(set, raw.vars);
    return { scenario, dump };
  }
  if (!dump) throw new UsageError('lab what-if needs a scenario file, or --dump FILE');
  if (options.set !== undefined) throw new UsageError('--set goes with a scenario');
  return { scenario: await worldAround(options.zone), dump };
}

function foretellCase(
  { scenario, dump }: Case,
  what: Pick<Parameters<typeof foretell>[1], 'atMs' | 'dead' | 'questions'>,
): Promise<readonly Foretold[]> {
  if (!dump) return foretell(scenario, what);
  const [resolver] = scenario.resolvers;
  return foretell(scenario, {
    ...{ ...what, epochMs: dump.writtenMs },
    atStart: (internet) =>
      dump.loadInto(internet.resolver(resolver!.name), resolver!.name, internet),
  });
}

/** Those that were asked for on the command line; else what clients ask, or the cache holds. */
function questionsOf({ scenario, dump }: Case, asked: readonly string[]): readonly Question[] {
  if (asked.length > MAX_QUESTIONS) {
    throw new UsageError(`--ask: at most ${MAX_QUESTIONS} questions`);
  }
  if (asked.length > 0) {
    return asked.map((text) => {
      const question = questionOf(text);
      if (typeof question === 'string') throw new UsageError(`--ask: ${question}`);
      return question;
    });
  }
  const all = [
    ...scenario.workload.flatMap(({ questions }) => questions.slice(0, MAX_QUESTIONS)),
    ...(dump?.questions ?? []),
  ];
  const once = new Map(all.map((question) => [wordsOfQuestion(question).toLowerCase(), question]));
  if (once.size === 0) throw new UsageError('the dump holds no records: name some with --ask');
  return [...once.values()].slice(0, MAX_QUESTIONS);
}

/** 'ns2', or 'ns2@30m': since when. */
function deadOf(
  text: string,
  { servers, resolvers }: TtlScenario,
): { readonly node: string; readonly sinceMs?: number } {
  const [node = '', since] = text.split('@');
  const known = [...servers, ...resolvers].map(({ name }) => name);
  if (!known.includes(node)) {
    const meant = nearest(node, known);
    const advice = meant === undefined ? `there are ${known.join(', ')}` : `is it '${meant}'?`;
    throw new UsageError(`--dead: there is no server '${node}': ${advice}`);
  }
  return since === undefined ? { node } : { node, sinceMs: timeOf('--dead', since) };
}

interface ToldCases {
  readonly what: readonly string[];
  readonly atMs: number;
  readonly asItIs: readonly Foretold[];
  readonly whatIf: readonly Foretold[] | undefined;
  readonly isDump: boolean;
  /** Nobody answers beside the cache. */
  readonly isAlone: boolean;
}

function wordsOf({ dead = [], ttl, set = [] }: WhatIfOptions): readonly string[] {
  return [
    ...dead.map((text) => {
      const [node, since] = text.split('@');
      return since === undefined ? `${node} is dead` : `${node} is dead since T+${since}`;
    }),
    ...(ttl === undefined ? [] : [`the TTL is ${ttl}`]),
    ...set,
  ];
}

function textOf({ what, atMs, asItIs, whatIf, isDump, isAlone }: ToldCases): string {
  const since = isDump ? ', where T is when the cache was dumped' : '';
  const later = atMs === 0 ? '' : `+${formatDuration(Math.round(atMs * NS_PER_MS))}`;
  const when = `asked at T${later}${since}`;
  const title = what.length === 0 ? when : `what if ${what.join(', ')}   (${when})`;
  const blocks = asItIs.map((usual, index) => {
    const other = whatIf?.[index];
    const { question, resolver } = usual;
    const answers = other
      ? [`  as it is   ${answerOf(usual)}`, `  what if    ${answerOf(other)}`]
      : [`  ${answerOf(usual)}`];
    const why = stepsOf((other ?? usual).explanation);
    return [`${wordsOfQuestion(question)}, asked at ${resolver}`, ...answers, ...why].join('\n');
  });
  const hasFailed = [...asItIs, ...(whatIf ?? [])].some(({ isFailure }) => isFailure);
  const alone = 'Nobody answers here beside the cache: --zone FILE says what its servers do.';
  return `${[title, ...blocks, ...(isAlone && hasFailed ? [alone] : [])].join('\n\n')}\n`;
}

function answerOf({ value, isFailure, ttlSeconds, staleMs, truth, tookMs }: Foretold): string {
  const ttl = ttlSeconds === undefined ? '' : `, TTL ${ttlSeconds}`;
  const since = staleMs > 0 ? ` for ${timeText(staleMs)}` : '';
  const isTrue = isFailure || truth === undefined || truth === value;
  const untrue = isTrue ? '' : ` (untrue${since}: the zone says ${truth})`;
  return `${value}${ttl}${untrue}   in ${timeText(tookMs)}`;
}

/** To three digits. */
function timeText(ms: number): string {
  return formatDuration(Math.round(Number((ms * NS_PER_MS).toPrecision(3))));
}

function stepsOf(explanation: Explanation | undefined): readonly string[] {
  if (!explanation) return [];
  return explanation.steps.map(({ at, depth, text }) => {
    return `  ${at.toFixed(1).padStart(9)} ms  ${'  '.repeat(depth)}${text}`;
  });
}

function wordsOfQuestion({ name, type }: Question): string {
  return `${name.toString()} ${typeText(type)}`;
}

function jsonOf({ what, atMs, asItIs, whatIf }: ToldCases): string {
  const plain = (all: readonly Foretold[]): readonly object[] =>
    all.map(({ question, ...rest }) => ({ question: wordsOfQuestion(question), ...rest }));
  const told = { whatIf: what, atMs, asItIs: plain(asItIs) };
  return `${JSON.stringify(whatIf ? { ...told, answers: plain(whatIf) } : told)}\n`;
}

/** `ts-dns check-config`: what is wrong with a configuration file, all of it, with places. */

import { formatProblem, type ZoneProblem } from '../zone/problem.ts';
import { checkedConfig } from './config/file.ts';
import { writeOutput } from './output.ts';
import { countOf, problemsAsJson } from './problem-output.ts';

export interface CheckConfigOptions {
  /** One JSON array of the problems instead of text. */
  readonly json?: boolean;
}

/**
 * Exit status: 0 when `serve` would take the file, else 1. Zone files that it names have to be
 * there, and are not read: `check-zone` is for that.
 */
export async function checkConfig(file: string, options: CheckConfigOptions): Promise<number> {
  const parsed = await checkedConfig(file);
  const problems = parsed.ok ? [] : parsed.error;
  await writeOutput([options.json === true ? problemsAsJson(problems) : textOf(file, problems)]);
  return parsed.ok ? 0 : 1;
}

function textOf(file: string, problems: readonly ZoneProblem[]): string {
  const verdict = problems.length === 0 ? 'ok' : countOf(problems, 'error');
  return [...problems.map(formatProblem), `${file}: ${verdict}`, ''].join('\n');
}

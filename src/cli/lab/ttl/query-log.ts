/** Recorded questions: lines of SECONDS NAME [TYPE], in the order of time; '#' begins a remark. */

import { readFileSync } from 'node:fs';
import { failure, success, type Result } from '../../../wire/result.ts';
import type { Question } from '../../../wire/record.ts';
import { failureReason } from '../../failure.ts';
import { questionOf } from './questions.ts';

export interface QueryLog {
  readonly questions: readonly Question[];
  /** `question` is an index. */
  readonly asks: readonly { readonly atMs: number; readonly question: number }[];
}

export function readQueryLog(file: string): Result<QueryLog, string> {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    return failure(`${file}: ${failureReason(error)}`);
  }
  const known = new Map<string, number>();
  const questions: Question[] = [];
  const asks: { atMs: number; question: number }[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [seconds = '', ...rest] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (seconds === '') continue;
    const atMs = Number(seconds) * 1000;
    const asked = questionOf(rest.join(' '));
    if (!(atMs >= (asks.at(-1)?.atMs ?? 0)) || typeof asked === 'string') {
      const wrong =
        typeof asked === 'string' ? asked : 'expected SECONDS, not before the last line';
      return failure(`${file}:${index + 1}: ${wrong}`);
    }
    const key = `${asked.type} ${asked.name.key}`;
    const question = known.get(key) ?? questions.push(asked) - 1;
    known.set(key, question);
    asks.push({ atMs, question });
  }
  return success({ questions, asks });
}

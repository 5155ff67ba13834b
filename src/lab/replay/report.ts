/** Outcomes of replays as lines for people and as values for programs. */

import type { Failed, Outcome, Unusable } from './replay.ts';

/** Several lines for a failure, one for the rest unless there is a transcript. */
export function printOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'passed':
      return [`PASS ${outcome.file}`, ...indented(outcome.transcript)].join('\n');
    case 'failed':
      return printFailure(outcome);
    case 'skipped':
      return `SKIP ${outcome.file}: needs ${outcome.needs.join(', ')}`;
    case 'unusable':
      return `ERROR ${placeOf(outcome)}: ${outcome.problem}`;
  }
}

function placeOf({ file, line }: Unusable): string {
  return line === undefined ? file : `${file}:${line}`;
}

function printFailure(failed: Failed): string {
  const { file, step, line, expected, got, unscripted, transcript } = failed;
  const where = step === undefined ? 'the end' : `step ${step}`;
  const place = line === undefined ? '' : ` (line ${line})`;
  return [
    `FAIL ${file}: ${where}: expected ${expected}, got ${got}`,
    `  ${where}${place}, what was said before:`,
    ...indented(transcript),
    ...(unscripted.length > 0 ? ['  queries that the scenario does not know:'] : []),
    ...unscripted.map((query) => `    ${query}`),
  ].join('\n');
}

function indented(transcript: readonly string[]): string[] {
  return transcript.map((event) => `  ${event.replaceAll('\n', '\n  ')}`);
}

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  unusable: number;
}

export function tallyOf(outcomes: readonly Outcome[]): Tally {
  const tally = { passed: 0, failed: 0, skipped: 0, unusable: 0 };
  for (const { kind } of outcomes) tally[kind]++;
  return tally;
}

/** The closing line. */
export function printTally({ passed, failed, skipped, unusable }: Tally): string {
  const rest = unusable > 0 ? `, ${unusable} unusable` : '';
  return `${passed} passed, ${failed} failed, ${skipped} skipped${rest}`;
}

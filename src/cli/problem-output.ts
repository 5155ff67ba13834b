/** Problems of files as commands print them. */

import type { ZoneProblem } from '../zone/problem.ts';

/** '1 error', '2 errors'. */
export function countOf({ length }: readonly ZoneProblem[], word: string): string {
  return `${length} ${word}${length === 1 ? '' : 's'}`;
}

/** One array, for programs. */
export function problemsAsJson(problems: readonly ZoneProblem[]): string {
  const shown = problems.map(({ file, line, column, severity, code, message, includedFrom }) => ({
    file,
    line,
    column,
    severity,
    code,
    message,
    ...(includedFrom && { includedFrom }),
  }));
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}

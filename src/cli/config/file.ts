/** Configuration files from disk. */

import { formatProblem, type ZoneProblem } from '../../zone/problem.ts';
import { CommandError } from '../failure.ts';
import { readOctets } from '../zone-files.ts';
import type { Config } from './config.ts';
import { withPathsFrom } from './overlay.ts';
import { parseConfig } from './parse.ts';

/** Its message holds every problem with place, line and caret. */
class ConfigFileError extends CommandError {
  constructor(file: string, problems: readonly ZoneProblem[]) {
    const count = problems.length === 1 ? 'one error' : `${problems.length} errors`;
    super([...problems.map(formatProblem), `${file}: not used because of ${count}`].join('\n'));
  }
}

/** Throws `CommandError` when the file cannot be read, `ConfigFileError` when it is wrong. */
export async function readConfig(file: string): Promise<Config> {
  const parsed = parseConfig(file, await readOctets(file));
  if (!parsed.ok) throw new ConfigFileError(file, parsed.error);
  return withPathsFrom(file, parsed.value);
}

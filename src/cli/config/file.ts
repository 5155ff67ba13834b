/** Configuration files from disk. */

import { formatProblem, type ZoneProblem } from '../../zone/problem.ts';
import type { Result } from '../../wire/result.ts';
import { CommandError } from '../failure.ts';
import { readOctets } from '../zone-files.ts';
import type { Config } from './config.ts';
import { missingFiles } from './files.ts';
import { withPathsFrom } from './overlay.ts';
import { parseConfig } from './parse.ts';

/** Its message holds every problem with place, line and caret. */
class ConfigFileError extends CommandError {
  constructor(file: string, problems: readonly ZoneProblem[]) {
    const count = problems.length === 1 ? 'one error' : `${problems.length} errors`;
    super([...problems.map(formatProblem), `${file}: not used because of ${count}`].join('\n'));
  }
}

/**
 * Throws `CommandError` when the file cannot be read, `ConfigFileError` when it is wrong, or names
 * files that cannot be used.
 */
export async function readConfig(file: string): Promise<Config> {
  const parsed = await checkedConfig(file);
  if (!parsed.ok) throw new ConfigFileError(file, parsed.error);
  return withPathsFrom(file, parsed.value);
}

/** Everything that is wrong with the file, or the configuration with paths as they stand in it. */
export async function checkedConfig(file: string): Promise<Result<Config, readonly ZoneProblem[]>> {
  return parseConfig(file, await readOctets(file), (config) =>
    missingFiles(withPathsFrom(file, config)),
  );
}

/** Root hints from a file of the user's. */

import { hintsFrom } from '../app/hints.ts';
import type { RootHint } from '../resolver/root-hints.ts';
import { DnsName } from '../wire/name.ts';
import { parseMasterFile } from '../zone/master-file.ts';
import { formatProblem } from '../zone/problem.ts';
import { CommandError } from './failure.ts';
import { readOctets } from './zone-files.ts';

/** Throws `CommandError` when the file cannot be read, is no master file, or lacks addresses. */
export async function readHints(file: string): Promise<readonly RootHint[]> {
  const { records, problems } = parseMasterFile(await readOctets(file), {
    file,
    origin: DnsName.root,
  });
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new CommandError(errors.map(formatProblem).join('\n'));
  const hints = hintsFrom(records);
  if (!hints.ok) throw new CommandError(`${file}: no root hints: ${hints.error}`);
  return hints.value;
}

/** What was read of a command line or of a line of a batch file, put into effect. */

import type { Read } from './command-line.ts';
import { runLookups, type Circumstances, type Run } from './run.ts';
import { usageText } from './usage.ts';

/** Returns whether this was all there is to do. */
export async function performRead(
  run: Run,
  read: Read,
  circumstances: Circumstances,
): Promise<boolean> {
  const { streams } = circumstances;
  for (const { to, text } of read.remarks) {
    if (to === 'output') streams.write(text);
    else streams.writeError(text);
  }
  if (read.ending === 'help') streams.write(usageText());
  else if (read.ending === 'version') streams.writeError(`ts-dig ${run.context.version}\n`);
  else if (read.ending !== undefined) run.status = read.ending.status;
  return read.ending !== undefined || runLookups(run, read.lookups, circumstances);
}

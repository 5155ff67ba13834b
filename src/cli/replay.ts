/** `ts-dns replay`: scenarios of testbound and Deckard against the resolver, in virtual time. */

import { readFile } from 'node:fs/promises';
import { replay, type Outcome } from '../lab/replay/replay.ts';
import { printOutcome, printTally, tallyOf } from '../lab/replay/report.ts';
import type { Dialect } from '../lab/replay/scenario.ts';
import { latin1Of } from '../wire/name-text.ts';
import { failureReason } from './failure.ts';

export interface ReplayCommandOptions {
  readonly dialect?: Dialect;
  /** One JSON object instead of text. */
  readonly json?: boolean;
  readonly strict?: boolean;
  readonly verbose?: boolean;
}

/** Exit status: 0 when nothing failed, 1 when a scenario did, 2 when a file is no scenario. */
export async function replayFiles(
  files: readonly string[],
  options: ReplayCommandOptions,
): Promise<number> {
  const outcomes: Outcome[] = [];
  for (const file of files) {
    const outcome = await replayFile(file, options);
    outcomes.push(outcome);
    if (options.json !== true) process.stdout.write(`${printOutcome(outcome)}\n`);
  }
  const tally = tallyOf(outcomes);
  const closing =
    options.json === true
      ? JSON.stringify({ scenarios: outcomes, ...tally }, undefined, 2)
      : printTally(tally);
  process.stdout.write(`${closing}\n`);
  if (tally.unusable > 0) return 2;
  return tally.failed > 0 ? 1 : 0;
}

async function replayFile(file: string, options: ReplayCommandOptions): Promise<Outcome> {
  let octets: Uint8Array;
  try {
    octets = await readFile(file);
  } catch (error) {
    return { kind: 'unusable', file, line: undefined, problem: failureReason(error) };
  }
  const { dialect, strict = false, verbose = false } = options;
  const asked = { isStrict: strict, isVerbose: verbose };
  return replay(file, latin1Of(octets), dialect ? { ...asked, dialect } : asked);
}

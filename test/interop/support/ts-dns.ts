/** Starts `bin/ts-dns` and `bin/ts-dig` from this checkout. */
import { fileURLToPath } from 'node:url';

import type { Lab, Program, RunResult } from './lab.ts';

export const checkout: string = fileURLToPath(new URL('../../..', import.meta.url));
export const zonesFolder: string = `${checkout}zones`;

/** Resolves when the program has said `ready`. */
export async function startTsDns(lab: Lab, ...args: readonly string[]): Promise<Program> {
  const program = lab.start(process.execPath, `${checkout}bin/ts-dns`, ...args);
  await program.until('says that it is ready', () => /\bready\b/.test(program.output));
  return program;
}

export function runTsDig(lab: Lab, ...args: readonly string[]): RunResult {
  return lab.run(process.execPath, `${checkout}bin/ts-dig`, ...args);
}

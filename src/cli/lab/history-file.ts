/** Writes what the clients of a run asked for, in the form of a checker of others. */

import { History } from '../../lab/history/history.ts';
import { HISTORY_FORMATS, printHistory } from '../../lab/history/print-history.ts';
import type { TraceEvent } from '../../lab/run/trace-event.ts';
import { UsageError } from './usage-error.ts';
import { writeFile } from './write-file.ts';

export class HistoryFile {
  readonly #file: string;
  readonly #format: (typeof HISTORY_FORMATS)[number];
  readonly #history = new History();

  /** Throws `UsageError` when the name does not say which form is wanted. */
  constructor(file: string) {
    const format = HISTORY_FORMATS.find((name) => file.endsWith(`.${name}`));
    if (format === undefined) {
      const names = HISTORY_FORMATS.map((name) => `.${name}`).join(' or ');
      throw new UsageError(`--history: expected a file name that ends in ${names}, got '${file}'`);
    }
    this.#file = file;
    this.#format = format;
  }

  observe(event: TraceEvent): void {
    this.#history.observe(event);
  }

  write(experiment: string): void {
    const { operations } = this.#history;
    if (operations.length === 0) {
      throw new UsageError(`--history: nobody reads or writes a register in ${experiment}`);
    }
    writeFile(this.#file, printHistory(operations, this.#format));
  }
}

/** The files that a run is asked to leave: its trace, its pictures. */

import { closeSync, openSync, writeSync } from 'node:fs';

import type { Played } from '../../lab/experiment/play.ts';
import { printTrace } from '../../lab/report/trace-file.ts';
import { Recorder } from '../../lab/run/recorder.ts';
import type { Observer } from '../../lab/run/trace-event.ts';
import { CommandError, failureReason } from '../failure.ts';
import { packageVersion } from '../version.ts';

export interface OutputOptions {
  readonly trace?: string;
}

/** Characters written at once. */
const CHUNK_LENGTH = 65_536;

export class Outputs {
  readonly #options: OutputOptions;
  readonly #recorder = new Recorder();

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** None when nobody will look at the events. */
  get observers(): readonly Observer[] {
    return this.#options.trace === undefined ? [] : [(event) => this.#recorder.observe(event)];
  }

  /** Writes all files; returns a remark for each that does not hold everything. */
  write(run: Played): readonly string[] {
    const { trace } = this.#options;
    if (trace === undefined) return [];
    const { events, leftOut } = this.#recorder;
    writeFile(trace, printTrace(run, { events, leftOut, version: packageVersion() }));
    if (leftOut === 0) return [];
    return [`${trace} holds the first ${events.length} events; ${leftOut} are left out`];
  }
}

/** Throws `CommandError` when the file cannot be written. */
function writeFile(file: string, parts: Iterable<string>): void {
  try {
    const descriptor = openSync(file, 'w');
    try {
      let text = '';
      for (const part of parts) {
        text += part;
        if (text.length < CHUNK_LENGTH) continue;
        writeSync(descriptor, text);
        text = '';
      }
      writeSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new CommandError(`cannot write ${file}: ${failureReason(error)}`, { cause: error });
  }
}

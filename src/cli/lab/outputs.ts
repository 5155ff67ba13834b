/** The files that a run is asked to leave: its trace, its pictures. */

import { closeSync, openSync, writeSync } from 'node:fs';

import { type Duration, parseDuration } from '../../lab/experiment/duration.ts';
import type { Played } from '../../lab/experiment/play.ts';
import { drawDiagram } from '../../lab/picture/diagram.ts';
import { tellStory } from '../../lab/picture/story.ts';
import { firstWindow, type Window } from '../../lab/picture/window.ts';
import { reproLine } from '../../lab/report/table.ts';
import { printTrace } from '../../lab/report/trace-file.ts';
import { Recorder } from '../../lab/run/recorder.ts';
import type { Observer } from '../../lab/run/trace-event.ts';
import { CommandError, failureReason } from '../failure.ts';
import { packageVersion } from '../version.ts';
import { UsageError } from './usage-error.ts';

export interface OutputOptions {
  readonly trace?: string;
  readonly svg?: string;
  /** Of the picture: durations since the start of the run. */
  readonly from?: string;
  readonly to?: string;
}

/** Characters written at once. */
const CHUNK_LENGTH = 65_536;

export class Outputs {
  readonly #options: OutputOptions;
  readonly #recorder = new Recorder();
  readonly #asked: Partial<Window>;

  /** Throws `UsageError` when what is asked for makes no sense. */
  constructor(options: OutputOptions) {
    this.#options = options;
    this.#asked = {
      ...(options.from !== undefined && { fromNs: readDuration('--from', options.from) }),
      ...(options.to !== undefined && { toNs: readDuration('--to', options.to) }),
    };
  }

  /** None when nobody will look at the events. */
  get observers(): readonly Observer[] {
    const { trace, svg } = this.#options;
    if (trace === undefined && svg === undefined) return [];
    return [(event) => this.#recorder.observe(event)];
  }

  /** Writes all files; returns a remark when they do not hold everything. */
  write(run: Played): readonly string[] {
    const { trace, svg } = this.#options;
    const { events, leftOut } = this.#recorder;
    if (trace !== undefined) {
      writeFile(trace, printTrace(run, { events, leftOut, version: packageVersion() }));
    }
    if (svg !== undefined) writeFile(svg, [this.#draw(run)]);
    if (leftOut === 0) return [];
    const files = [trace, svg].filter((file) => file !== undefined).join(', ');
    return [`the first ${events.length} events are kept for ${files}; ${leftOut} are left out`];
  }

  #draw(run: Played): string {
    const story = tellStory(this.#recorder.events);
    const marked = run.violations.flatMap(({ events }) => events);
    const window = { ...firstWindow(story, marked), ...this.#asked };
    if (window.fromNs >= window.toNs) throw new UsageError('--from is not before --to');
    const title = `${run.experiment.id} ${run.experiment.title}   seed ${run.seed}`;
    const { nodes } = run;
    return `${drawDiagram(story, { title, nodes, window, marked, foot: reproLine(run) }).markup}\n`;
  }
}

function readDuration(option: string, text: string): number {
  try {
    return parseDuration(text as Duration);
  } catch {
    throw new UsageError(`${option}: expected a duration such as 5ms, 2s, 1h, got '${text}'`);
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

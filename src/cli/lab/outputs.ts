/** The files that a run is asked to leave: its trace, its diagram, its page. */

import type { Experiment } from '../../lab/experiment/experiment.ts';
import { type Duration, parseDuration } from '../../lab/experiment/duration.ts';
import type { Played } from '../../lab/experiment/play.ts';
import { reproLine } from '../../lab/report/table.ts';
import { printTrace } from '../../lab/report/trace-file.ts';
import { Recorder } from '../../lab/run/recorder.ts';
import type { RunPlot } from '../../lab/plot/plan.ts';
import type { Observer } from '../../lab/run/trace-event.ts';
import type { Window } from '../../lab/picture/window.ts';
import { packageVersion } from '../version.ts';
import { drawRun, pageOfRun } from './pictures.ts';
import { figuresOf, writePlots } from './plot/plot-files.ts';
import { UsageError } from './usage-error.ts';
import { HistoryFile } from './history-file.ts';
import { checkWritable, writeFile } from './write-file.ts';

export interface OutputOptions {
  readonly trace?: string;
  readonly svg?: string;
  readonly html?: string;
  readonly plots?: string;
  readonly history?: string;
  /** Of the diagram: durations since the start of the run. */
  readonly from?: string;
  readonly to?: string;
}

export class Outputs {
  readonly #options: OutputOptions;
  readonly #recorder = new Recorder();
  readonly #asked: Partial<Window>;
  readonly #plots: readonly RunPlot[];
  readonly #history: HistoryFile | undefined;

  /** Throws when what is asked for makes no sense, or can be written nowhere. */
  constructor(
    options: OutputOptions,
    { experiment, values }: Pick<Played, 'experiment' | 'values'>,
  ) {
    checkWritable(options.trace, options.svg, options.html, options.plots, options.history);
    this.#options = options;
    const isPlotted = options.plots !== undefined || options.html !== undefined;
    this.#plots = isPlotted ? runPlots(experiment, values) : [];
    if (options.plots !== undefined && this.#plots.length === 0) {
      throw new UsageError(
        `${experiment.id} has no plots of one run; lab sweep draws those of many`,
      );
    }
    const { history } = options;
    this.#history = history === undefined ? undefined : new HistoryFile(history);
    this.#asked = {
      ...(options.from !== undefined && { fromNs: readDuration('--from', options.from) }),
      ...(options.to !== undefined && { toNs: readDuration('--to', options.to) }),
    };
  }

  /** None when nobody will look at the events. */
  get observers(): readonly Observer[] {
    const watchers = [...this.#plots, ...(this.#history ? [this.#history] : [])];
    const seen = watchers.map(
      (watcher): Observer =>
        (event) =>
          watcher.observe(event),
    );
    if (this.#files.length === 0) return seen;
    return [(event) => this.#recorder.observe(event), ...seen];
  }

  /** Whether somebody will look at the states of nodes. */
  get keepsStates(): boolean {
    return this.#options.trace !== undefined || this.#options.html !== undefined;
  }

  /** Writes all files; returns a remark when they do not hold everything. */
  async write(run: Played): Promise<readonly string[]> {
    const { trace, svg, html } = this.#options;
    const { events, leftOut } = this.#recorder;
    const told = { events, leftOut, repro: reproLine(run) };
    if (trace !== undefined) {
      writeFile(trace, printTrace(run, { events, leftOut, version: packageVersion() }));
    }
    this.#history?.write(run.experiment.id);
    if (svg !== undefined) writeFile(svg, [drawRun(run, { ...told, asked: this.#asked })]);
    const plots = this.#plots.flatMap((plot) => plot.finish() ?? []);
    if (this.#options.plots !== undefined) await writePlots(this.#options.plots, plots);
    if (html !== undefined) {
      writeFile(html, [pageOfRun(run, { ...told, figures: await figuresOf(plots) })]);
    }
    if (leftOut === 0 || this.#files.length === 0) return [];
    const files = this.#files.join(', ');
    return [`the first ${events.length} events are kept for ${files}; ${leftOut} are left out`];
  }

  get #files(): readonly string[] {
    const { trace, svg, html } = this.#options;
    return [trace, svg, html].filter((file) => file !== undefined);
  }
}

/** Fresh ones. */
export function runPlots({ plots }: Experiment, values: Played['values']): readonly RunPlot[] {
  return plots?.run?.(values as Parameters<Experiment['scene']>[0]) ?? [];
}

function readDuration(option: string, text: string): number {
  try {
    return parseDuration(text as Duration);
  } catch {
    throw new UsageError(`${option}: expected a duration such as 5ms, 2s, 1h, got '${text}'`);
  }
}

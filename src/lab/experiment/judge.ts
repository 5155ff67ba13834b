/**
 * Judges a run by its events alone, while it is played or long afterwards from a file: the hash,
 * the measurements beside the predictions, the violations.
 */

import { TraceHash } from '../run/trace-hash.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import type { Checker, Experiment, Meter, Violation } from './experiment.ts';
import type { ParameterValue } from './parameters.ts';
import { compare, type Comparison } from './prediction.ts';

type Values = Parameters<Experiment['scene']>[0];

export interface Judgement {
  readonly traceHash: string;
  readonly comparisons: readonly Comparison[];
  readonly violations: readonly Violation[];
}

export class Judge {
  readonly #experiment: Experiment;
  readonly #values: Values;
  readonly #hash = new TraceHash();
  readonly #meter: Meter;
  readonly #checkers: readonly Checker[];

  constructor(experiment: Experiment, values: Readonly<Record<string, ParameterValue>>) {
    this.#experiment = experiment;
    this.#values = values as Values;
    this.#meter = experiment.meter(this.#values);
    this.#checkers = experiment.checkers(this.#values);
  }

  observe(event: TraceEvent): void {
    this.#hash.add(event);
    this.#meter.observe(event);
    for (const checker of this.#checkers) checker.observe(event);
  }

  /** Once, when nothing more will happen. */
  finish(): Judgement {
    const predictions = this.#experiment.predict(this.#values);
    return {
      traceHash: this.#hash.text,
      comparisons: compare(this.#meter.finish(), predictions),
      violations: this.#checkers.flatMap((checker) => checker.finish()),
    };
  }
}

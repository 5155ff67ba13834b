/**
 * What a viewer sees of a live stream: a frame is played a fixed time after it was made, and one
 * that is not there by then is missed, whether it is late or lost.
 */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurements } from '../experiment/prediction.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { BatchMeans } from './batch-means.ts';
import { TrafficMeter } from './traffic.ts';

/** Of a frame that is not delivered: until the end, nobody knows whether it is lost. */
const NEVER = Infinity;

export class StreamMeter implements Meter {
  readonly #deadlineNs: number;
  readonly #traffic = new TrafficMeter();
  readonly #submittedNs: number[] = [];
  /** From submission to delivery, by frame. */
  readonly #delayNs: number[] = [];

  /** Frames are played `deadlineNs` after they were submitted, and are numbered from 0. */
  constructor(deadlineNs: number) {
    this.#deadlineNs = deadlineNs;
  }

  observe(event: TraceEvent): void {
    this.#traffic.observe(event);
    const { kind, message, atNs } = event;
    if (kind === 'submit') {
      this.#submittedNs[message] = atNs;
      this.#delayNs[message] = NEVER;
    } else if (kind === 'deliver' && this.#delayNs[message] === NEVER) {
      this.#delayNs[message] = atNs - (this.#submittedNs[message] ?? 0);
    }
  }

  finish(): Measurements {
    const missed = new BatchMeans();
    for (const delayNs of this.#delayNs) missed.add(delayNs > this.#deadlineNs ? 1 : 0);
    const lost = this.#delayNs.filter((delayNs) => delayNs === NEVER).length;
    const { mean: value, count, standardError } = missed;
    return {
      ...this.#traffic.finish(),
      lostFrames: { value: lost, unit: 'count' },
      lateFrames: { value: Math.round(value * count) - lost, unit: 'count' },
      missed: { value, unit: 'ratio', ...(standardError !== undefined && { standardError }) },
    };
  }
}

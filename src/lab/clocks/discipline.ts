/**
 * What a client does with an offset (RFC 5905 §11.3, figure 27): a small one is slewed, a large one
 * is stepped when it has lasted, and a huge one is believed by nobody.
 *
 *     |θ| ≤ STEPT            slew: run faster or slower until it is gone
 *     … ≤ PANICT             step, if for WATCH nothing smaller was seen
 *     above                  panic: stop, and let somebody look
 */

import type { Context, ProcessTimer } from '../process/process.ts';
import { WALL } from './watch.ts';

export interface DisciplineOptions {
  readonly stepNs: number;
  readonly watchNs: number;
  readonly panicNs: number;
  readonly slewPpm: number;
  /** Ways to do it wrong. */
  readonly mutant?: DisciplineMutant;
}

/** 'step-always' never slews; 'no-panic' believes anything. */
export type DisciplineMutant = 'step-always' | 'no-panic';

const MILLION = 1_000_000;

export class Discipline {
  readonly #context: Context;
  readonly #options: DisciplineOptions;
  /** Since when nothing but large offsets was seen. */
  #largeSinceNs: number | undefined;
  #slewEnds: ProcessTimer | undefined;
  #hasPanicked = false;

  constructor(context: Context, options: DisciplineOptions) {
    this.#context = context;
    this.#options = options;
  }

  get hasPanicked(): boolean {
    return this.#hasPanicked;
  }

  /** The offset of the server from our clock: what ours must be set ahead by. */
  take(offsetNs: number): void {
    if (this.#hasPanicked) return;
    const { stepNs, watchNs, panicNs, mutant } = this.#options;
    const size = Math.abs(offsetNs);
    if (size > panicNs && mutant !== 'no-panic') {
      this.#hasPanicked = true;
      this.#context.note('panics', Math.round(offsetNs));
      this.#slew(0);
      return;
    }
    if (mutant === 'step-always' || size > stepNs) {
      const nowNs = this.#context.monotonicNs();
      this.#largeSinceNs ??= nowNs;
      if (mutant !== 'step-always' && nowNs - this.#largeSinceNs < watchNs) return;
      this.#largeSinceNs = undefined;
      this.#context.note('steps', Math.round(offsetNs));
      this.#slew(0);
      // What a program would see that reads the clock just then.
      this.#context.note(WALL, this.#context.wallNs());
      this.#context.stepWall(offsetNs);
      this.#context.note(WALL, this.#context.wallNs());
      return;
    }
    this.#largeSinceNs = undefined;
    this.#slew(offsetNs);
  }

  /** When the slew is over. */
  onTimer(): void {
    this.#context.steerClock(0);
    this.#slewEnds = undefined;
  }

  #slew(offsetNs: number): void {
    const { slewPpm } = this.#options;
    this.#slewEnds?.cancel();
    this.#slewEnds = undefined;
    const ppm = Math.sign(offsetNs) * slewPpm;
    this.#context.steerClock(ppm);
    if (ppm === 0) return;
    // Our own clock, by which timers go, runs at the slewed rate meanwhile.
    const trueNs = (Math.abs(offsetNs) * MILLION) / slewPpm;
    this.#slewEnds = this.#context.setTimer(Math.round(trueNs * (1 + ppm / MILLION)), 'slewed');
  }
}

/**
 * All zones of a start. A load that is quick is this thread's alone: another costs the start of a
 * JavaScript engine and warms up its own code, and 10,000 small zones are loaded before that pays.
 * One that turns out long is shared. Whoever is free takes the next file, so a huge one holds
 * nobody up; images are in shared memory and change hands without a copy, and what else there is to
 * say of a file (`LoadOutcome`) is cloned. The outcome is that of `readZones`, in its order.
 */

import { availableParallelism } from 'node:os';
import { Worker, type ResourceLimits } from 'node:worker_threads';
import type { Clock } from '../net/ports.ts';
import type { Zone } from '../zone/zone.ts';
import { CommandError } from './failure.ts';
import { FileQueue } from './file-queue.ts';
import type { ZoneSource } from './options.ts';
import { carried, opened, type CarriedSource } from './zone-carriage.ts';
import { collectZones, OutcomeReader } from './zone-files.ts';
import type { LoadContext, LoadOutcome } from './zone-files.ts';

const threadLimits = {
  /** With this one. Each costs some megabytes, and the disk serves no more at a time. */
  threads: 8,
  /**
   * What is left when others are called would take longer. A thread spends some 400 ms on starting
   * and on code that is not compiled yet, and the other processors may be busy.
   */
  leftMs: 2000,
  /** Before that this thread's own code is not compiled either, and its pace says nothing. */
  triedMs: 500,
  /** How often the clock is looked at: asking after each of 10,000 files took 4 % of the time. */
  looks: 256,
} as const;

export interface ThreadContext extends LoadContext {
  /** By default the processor's time: on a busy machine another thread would be of no use. */
  readonly clock?: Pick<Clock, 'monotonic'>;
  /** How many at most, with this one; by default what the processor has. */
  readonly threads?: number;
  /** The program of the others: tests run from sources, which no thread can. */
  readonly program?: URL;
  readonly resourceLimits?: ResourceLimits;
}

/** All zones, or `CommandError` with the faults of all files together. */
export async function loadZones(
  sources: readonly ZoneSource[],
  context: ThreadContext,
): Promise<readonly Zone[]> {
  const helpers: Helper[] = [];
  try {
    const outcomes = loadHere(sources, helpers, context);
    for (const helper of helpers) {
      for (const [index, outcome] of await helper.outcomes) outcomes[index] = opened(outcome);
    }
    return collectZones(sources, outcomes, context.inclusions);
  } finally {
    // Without a failure they have ended by themselves.
    for (const helper of helpers) helper.stop();
  }
}

/** What this thread gets of the queue, until it is empty; calls `helpers` when it is long. */
function loadHere(
  sources: readonly ZoneSource[],
  helpers: Helper[],
  context: ThreadContext,
): LoadOutcome[] {
  const { clock = PROCESSOR_TIME, onProgress } = context;
  const threads = context.threads ?? Math.min(availableParallelism(), threadLimits.threads);
  const queue = FileQueue.create(sources.length, threads);
  const outcomes: LoadOutcome[] = new Array<LoadOutcome>(sources.length);
  const reader = new OutcomeReader();
  const every = Math.ceil(sources.length / threadLimits.looks);
  const beganMs = clock.monotonic();
  for (let index = queue.take(0); index !== undefined; index = queue.take(0)) {
    outcomes[index] = reader.read(sources[index]!);
    const done = queue.finish();
    onProgress?.(done);
    if (helpers.length > 0 || threads < 2 || done % every !== 0) continue;
    if (!isLong(clock.monotonic() - beganMs, done / sources.length)) continue;
    for (let place = 1; place < threads; place++) {
      helpers.push(new Helper(sources, { ...context, queue, place }));
    }
  }
  reader.close();
  return outcomes;
}

const PROCESSOR_TIME: Pick<Clock, 'monotonic'> = {
  monotonic() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

function isLong(elapsedMs: number, share: number): boolean {
  if (elapsedMs < threadLimits.triedMs) return false;
  return elapsedMs / share - elapsedMs >= threadLimits.leftMs;
}

/** What a thread needs to know; `place` is its own in the queue. */
export interface HelperTask {
  readonly files: readonly CarriedSource[];
  readonly queue: Int32Array<SharedArrayBuffer>;
  readonly place: number;
}

/** One message, when no file is left. */
export type HelperReport = readonly (readonly [index: number, outcome: LoadOutcome])[];

class Helper {
  readonly outcomes: Promise<HelperReport>;
  readonly #worker: Worker;

  constructor(
    sources: readonly ZoneSource[],
    options: ThreadContext & { readonly queue: FileQueue; readonly place: number },
  ) {
    const { queue, place, program = PROGRAM, resourceLimits } = options;
    const files = sources.map(carried);
    const workerData: HelperTask = { files, queue: queue.words, place };
    const worker = new Worker(program, { workerData, ...(resourceLimits && { resourceLimits }) });
    this.#worker = worker;
    this.outcomes = new Promise((resolve, reject) => {
      const fail = (reason: string, cause?: unknown): void => {
        const file = sources[queue.current(place)]?.file;
        const message = file === undefined ? 'cannot load zones' : `cannot load ${file}`;
        reject(new CommandError(`${message}: ${reason}`, { cause }));
      };
      worker.once('message', resolve);
      worker.once('error', (error) => fail(`its thread failed: ${error.message}`, error));
      worker.once('exit', (status) => fail(`its thread ended with status ${status}`));
    });
    // Whoever loads looks at it later, and perhaps never when something else fails first.
    this.outcomes.catch(() => undefined);
  }

  stop(): void {
    void this.#worker.terminate();
  }
}

const PROGRAM = new URL('./zone-thread.js', import.meta.url);

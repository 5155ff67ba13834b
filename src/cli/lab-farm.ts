/**
 * Plays many runs on all processors. Results come in the order of their tasks, whoever is quicker,
 * so that what a command prints does not depend on the machine. A few quick runs are played here:
 * starting a thread takes longer than they do.
 *
 *     tasks ─► window of open tasks ─┬─► thread ─┐
 *                                    └─► thread ─┴─► results, in order
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CommandError } from './failure.ts';
import { performTask, type LabResult, type LabTask } from './lab/lab-task.ts';
import { Progress } from './lab/progress.ts';
import { UsageError } from './lab/usage-error.ts';

const farmLimits = {
  /** Quicker than a thread starts. */
  aloneSeconds: 0.4,
  /** With a thread: the one that it plays and the next. */
  given: 2,
  /** Open tasks a thread: a long one at the head keeps nobody idle. */
  open: 16,
} as const;

export interface FarmOptions {
  /** How many; by default as many as there are processors. 1: only this one. */
  readonly threads?: number;
  /** The program of the threads. Sources cannot be threads: tests of them play here. */
  readonly program?: URL | undefined;
  /** What this thread tries alone before it calls others. */
  readonly aloneSeconds?: number;
  /** Told how much of a run is over that is played here. */
  readonly onShare?: (share: number) => void;
}

/** What an answer of a thread says. */
export type FarmAnswer =
  | { readonly result: LabResult }
  | { readonly failure: string; readonly fault: 'usage' | 'command' | 'bug' };

/** Results in the order of `tasks`, which are taken as they are needed. */
export async function* playTasks<Result extends LabResult>(
  tasks: Iterable<LabTask<Result>>,
  options: FarmOptions = {},
): AsyncGenerator<Result> {
  const { threads = availableParallelism(), program = PROGRAM } = options;
  const { aloneSeconds = farmLimits.aloneSeconds } = options;
  const left = tasks[Symbol.iterator]();
  const clock = new Progress();
  while (program === undefined || threads < 2 || clock.seconds < aloneSeconds) {
    const next = left.next();
    if (next.done === true) return;
    yield (await performTask(next.value, options.onShare)) as Result;
  }
  const crew = new Crew(threads, program);
  try {
    const open: Promise<LabResult>[] = [];
    for (;;) {
      while (open.length < threads * farmLimits.open) {
        const next = left.next();
        if (next.done === true) break;
        open.push(crew.perform(next.value));
      }
      const first = open.shift();
      if (first === undefined) return;
      yield (await first) as Result;
    }
  } finally {
    crew.stop();
  }
}

interface Job {
  readonly task: LabTask;
  readonly resolve: (result: LabResult) => void;
  readonly reject: (error: Error) => void;
}

class Crew {
  readonly #hands: readonly Hand[];
  readonly #waiting: Job[] = [];

  constructor(threads: number, program: URL) {
    this.#hands = Array.from({ length: threads }, () => new Hand(program, () => this.#deal()));
  }

  perform(task: LabTask): Promise<LabResult> {
    const result = new Promise<LabResult>((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
    });
    // Whoever takes results in order looks at it later, and not at all when an earlier one fails.
    result.catch(() => undefined);
    this.#deal();
    return result;
  }

  stop(): void {
    for (const hand of this.#hands) hand.stop();
  }

  #deal(): void {
    for (let given = 0; given < farmLimits.given; given += 1) {
      for (const hand of this.#hands) {
        const job = hand.jobs.length <= given ? this.#waiting.shift() : undefined;
        if (job) hand.take(job);
      }
    }
  }
}

/** A thread and what it has to do, the first of it now. */
class Hand {
  readonly jobs: Job[] = [];
  readonly #worker: Worker;
  readonly #onFree: () => void;
  #failure: Error | undefined;

  constructor(program: URL, onFree: () => void) {
    this.#onFree = onFree;
    this.#worker = new Worker(program);
    this.#worker.on('message', (answer: FarmAnswer) => this.#finish(answer));
    this.#worker.on('error', (error) => this.#fail(error.message, error));
    this.#worker.on('exit', (status) => this.#fail(`it ended with status ${status}`));
  }

  take(job: Job): void {
    if (this.#failure) {
      job.reject(this.#failure);
      return;
    }
    this.jobs.push(job);
    this.#worker.postMessage(job.task, []);
  }

  stop(): void {
    void this.#worker.terminate();
  }

  #finish(answer: FarmAnswer): void {
    const job = this.jobs.shift();
    if ('result' in answer) job?.resolve(answer.result);
    else job?.reject(new FAULTS[answer.fault](answer.failure));
    this.#onFree();
  }

  #fail(reason: string, cause?: unknown): void {
    this.#failure ??= new CommandError(`a thread of the laboratory failed: ${reason}`, { cause });
    for (const job of this.jobs.splice(0)) job.reject(this.#failure);
  }
}

/** What went wrong in a thread is told as if it had gone wrong here. */
const FAULTS = { usage: UsageError, command: CommandError, bug: Error } as const;

const PROGRAM = import.meta.url.endsWith('.ts')
  ? undefined
  : new URL('./lab-thread.js', import.meta.url);

/**
 * Several workers behind one set of addresses: threads that share ports (SO_REUSEPORT, so the
 * kernel deals queries out to them) and the memory of the zones, and nothing else. This thread
 * loads zones and hands them on, so that not even a large reload keeps a query waiting.
 *
 *     zone files ─► supervisor ─► image in shared memory ─┬─► worker: sockets, resolver, caches
 *                                                         └─► worker: sockets, resolver, caches
 *
 * A worker that ends without being told is replaced, and the log says so; one that keeps ending is
 * replaced less and less often, so that a query that ends each worker costs no more than that.
 */

import { Worker } from 'node:worker_threads';
import { ZoneSet } from '../authority/zone-set.ts';
import type { Logger } from '../net/logger.ts';
import type { Clock, Endpoint, Timer } from '../net/ports.ts';
import { closeDescriptors, DescriptorLedger } from '../net/real/batch/descriptor-ledger.ts';
import type { Zone } from '../zone/zone.ts';
import type { Config } from './config/config.ts';
import { CommandError } from './failure.ts';
import { carriedConfig, type FromWorker, type ToWorker, type WorkerTask } from './worker-task.ts';

const workerLimits = {
  /** A worker is replaced after so long, doubled each time that one ends soon. */
  pauseMs: 100,
  pauseMsMax: 10_000,
  /** One that lived so long did not end soon. */
  soonMs: 10_000,
  /** From the order to stop until a thread is ended: a little more than a drain takes. */
  stopMs: 7_000,
} as const;

export interface WorkersOptions {
  readonly count: number;
  readonly config: Config;
  readonly listen: readonly Endpoint[];
  readonly zones: readonly Zone[];
  readonly logger: Logger;
  readonly clock: Clock;
  /** Starts a thread: tests run from sources, which no thread can, and end it at will. */
  readonly spawn?: (task: WorkerTask) => Worker;
}

/** What `startSystem` gives, as far as the command needs it. */
export interface Workers {
  readonly endpoints: readonly Endpoint[];
  /** What is put or deleted here reaches all workers. */
  readonly zones: ZoneSet;
  close(): Promise<void>;
}

/** Rejects with `CommandError` when the first worker cannot start. */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const supervisor = new Supervisor(options);
  try {
    await supervisor.start();
  } catch (error) {
    await supervisor.close();
    throw error;
  }
  return supervisor;
}

class Supervisor implements Workers {
  readonly zones: ZoneSet;
  readonly #options: WorkersOptions;
  readonly #carried: unknown;
  readonly #places: Place[] = [];
  #endpoints: readonly Endpoint[];
  #isClosing = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#carried = carriedConfig(options.config);
    this.#endpoints = options.listen;
    this.zones = new ZoneSet(options.zones, {
      put: ({ image }) => this.#tell({ kind: 'put', image }),
      delete: (origin) => this.#tell({ kind: 'delete', origin: origin.wire }),
    });
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** The first one finds the ports that the others share, where any port would do. */
  async start(): Promise<void> {
    const { count } = this.#options;
    for (let index = 0; index < count; index++) {
      const place: Place = { index, thread: undefined, pauseMs: 0, timer: undefined };
      this.#places.push(place);
      this.#endpoints = await this.#begin(place);
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(
      this.#places.map(async ({ thread, timer }) => {
        timer?.cancel();
        await thread?.stop(this.#options.clock);
      }),
    );
  }

  #begin(place: Place): Promise<readonly Endpoint[]> {
    const { spawn = startThread, clock } = this.#options;
    const ledger = new DescriptorLedger();
    const task: WorkerTask = {
      config: this.#carried,
      listen: this.#endpoints,
      images: Array.from(this.zones, ({ image }) => image),
      ledger: ledger.memory,
    };
    const beganMs = clock.monotonic();
    const thread = new Thread(spawn(task));
    place.thread = thread;
    void thread.ended.then(async (reason) => {
      await closeDescriptors(ledger);
      this.#replace(place, { reason, beganMs });
    });
    return thread.ready;
  }

  #replace(
    place: Place,
    { reason, beganMs }: { readonly reason: string; readonly beganMs: number },
  ): void {
    const { clock, logger } = this.#options;
    // One that never began has told so to whoever waits for it.
    if (this.#isClosing || this.#endpoints.some(({ port }) => port === 0)) return;
    const { pauseMs, pauseMsMax, soonMs } = workerLimits;
    const isSoon = clock.monotonic() - beganMs < soonMs;
    place.thread = undefined;
    place.pauseMs = isSoon ? Math.min(Math.max(pauseMs, place.pauseMs * 2), pauseMsMax) : pauseMs;
    const fields = { worker: place.index, reason, pauseMs: place.pauseMs };
    logger.error(fields, 'a worker ended: another one takes its place');
    place.timer = clock.schedule(place.pauseMs, () => {
      this.#begin(place).then(
        () => logger.info({ worker: place.index }, 'a worker was replaced'),
        // It has ended, which is seen to above.
        () => undefined,
      );
    });
  }

  #tell(order: ToWorker): void {
    for (const { thread } of this.#places) thread?.tell(order);
  }
}

interface Place {
  readonly index: number;
  thread: Thread | undefined;
  pauseMs: number;
  timer: Timer | undefined;
}

class Thread {
  /** Rejects with `CommandError` when it ends before. */
  readonly ready: Promise<readonly Endpoint[]>;
  /** Why. */
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  readonly #stopped: Promise<void>;

  constructor(worker: Worker) {
    this.#worker = worker;
    let reason: string | undefined;
    this.ended = new Promise((resolve) => {
      worker.on('error', (error) => (reason = error.message));
      worker.on('exit', (status) => resolve(reason ?? `its thread ended with status ${status}`));
    });
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (news: FromWorker) => {
        if (news.kind === 'ready') resolve(news.endpoints);
        if (news.kind !== 'failed') return;
        reason = news.message;
        void worker.terminate();
      });
      void this.ended.then((why) => reject(new CommandError(why)));
    });
    this.#stopped = new Promise((resolve) => {
      worker.on('message', ({ kind }: FromWorker) => {
        if (kind === 'stopped') resolve();
      });
      void this.ended.then(() => resolve());
    });
    // Whoever waits for it looks, and nobody may be waiting.
    this.ready.catch(() => undefined);
  }

  tell(order: ToWorker): void {
    this.#worker.postMessage(order, []);
  }

  async stop(clock: Clock): Promise<void> {
    this.tell({ kind: 'stop' });
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      timer = clock.schedule(workerLimits.stopMs, resolve);
    });
    await Promise.race([this.#stopped, late]);
    timer?.cancel();
    await this.#worker.terminate();
  }
}

function startThread(workerData: WorkerTask): Worker {
  return new Worker(new URL('./worker-thread.js', import.meta.url), { workerData });
}

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
import type { ControlledWorkers } from '../app/control/several.ts';
import { sum } from '../app/control/tally.ts';
import type { ControlReply } from '../app/control/session.ts';
import type { Upkeep } from '../authority/upkeep.ts';
import type { ZoneSet } from '../authority/zone-set.ts';
import type { Clock, Endpoint, Timer } from '../net/ports.ts';
import { closeDescriptors, DescriptorLedger } from '../net/real/batch/descriptor-ledger.ts';
import type { Config } from './config/config.ts';
import { CrewThread } from './crew-thread.ts';
import type { LevelledLogger } from './logger.ts';
import { carriedConfig, type ToWorker, type WorkerTask } from './worker-task.ts';

const workerLimits = {
  /** A worker is replaced after so long, doubled each time that one ends soon. */
  pauseMs: 100,
  pauseMsMax: 10_000,
  /** One that lived so long did not end soon. */
  soonMs: 10_000,
} as const;

export interface WorkersOptions {
  readonly count: number;
  readonly config: Config;
  readonly listen: readonly Endpoint[];
  /** Its changes reach all workers. */
  readonly zones: ZoneSet;
  /** What workers cannot do by themselves. */
  readonly upkeep?: Upkeep;
  readonly logger: LevelledLogger;
  readonly clock: Clock;
  /** Starts a thread: tests run from sources, which no thread can, and end it at will. */
  readonly spawn?: (task: WorkerTask) => Worker;
}

/** What `startSystem` gives, as far as the command needs it. */
export interface Workers extends ControlledWorkers {
  readonly endpoints: readonly Endpoint[];
  /** What is put or deleted here reaches all workers. */
  readonly zones: ZoneSet;
  /** For whoever has moved its file away. */
  reopenQueryLog(): void;
  /** What is live of it holds from now on, in all workers and in those that replace them. */
  reconfigure(config: Config): void;
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
  /** What was read last. */
  #live: Config;
  #isClosing = false;
  #past: Readonly<Record<string, unknown>> = {};

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#carried = carriedConfig(options.config);
    this.#endpoints = options.listen;
    this.#live = options.config;
    this.zones = options.zones;
    this.zones.observe({
      put: ({ image }) => this.#tell({ kind: 'put', image }),
      delete: (origin) => this.#tell({ kind: 'delete', origin: origin.wire }),
      withhold: (origin) => this.#tell({ kind: 'withhold', origin: origin.wire }),
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

  reconfigure(config: Config): void {
    this.#live = config;
    this.#tell(this.#configuration(config));
  }

  reopenQueryLog(): void {
    this.#tell({ kind: 'reopen-query-log' });
  }

  running(): readonly number[] {
    return this.#places.filter(({ thread }) => thread).map(({ index }) => index);
  }

  get past(): Readonly<Record<string, unknown>> {
    return this.#past;
  }

  async ask(
    worker: number,
    request: Readonly<Record<string, unknown>>,
  ): Promise<ControlReply | undefined> {
    return this.#places[worker]?.thread?.ask(request);
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
      withheld: Array.from(this.zones.withheld, ({ wire }) => wire),
      ledger: ledger.memory,
      opcodes: [...(this.#options.upkeep?.opcodes ?? [])],
    };
    const beganMs = clock.monotonic();
    const thread = new CrewThread(spawn(task), this.#options.upkeep);
    place.thread = thread;
    // As the first were started, then what holds by now: that keeps its order.
    thread.tell(this.#configuration(this.#live));
    void thread.ended.then(async (reason) => {
      this.#past = sum([this.#past, thread.tally]);
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

  #configuration(config: Config): ToWorker {
    const logLevel = this.#options.logger.level;
    return { kind: 'configure', config: carriedConfig(config), logLevel };
  }

  #tell(order: ToWorker): void {
    for (const { thread } of this.#places) thread?.tell(order);
  }
}

interface Place {
  readonly index: number;
  thread: CrewThread | undefined;
  pauseMs: number;
  timer: Timer | undefined;
}

function startThread(workerData: WorkerTask): Worker {
  return new Worker(new URL('./worker-thread.js', import.meta.url), { workerData });
}

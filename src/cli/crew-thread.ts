/** One thread as its supervisor (`workers.ts`) has it: how it begins, is told things, and ends. */

import type { Worker } from 'node:worker_threads';
import type { ControlReply } from '../app/control/session.ts';
import type { Clock, Endpoint, Timer } from '../net/ports.ts';
import type { Upkeep } from '../authority/upkeep.ts';
import { CommandError } from './failure.ts';
import { ThreadRequests } from './thread-requests.ts';
import type { FromWorker, ToWorker } from './worker-task.ts';
import { serveUpkeep } from './worker-upkeep.ts';

/** From the order to stop until a thread is ended: a little more than a drain takes. */
const stopMs = 7_000;

export class CrewThread {
  /** Rejects with `CommandError` when it ends before. */
  readonly ready: Promise<readonly Endpoint[]>;
  /** Why. */
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  readonly #stopped: Promise<void>;
  /** What it had counted when it said so last. */
  tally: Readonly<Record<string, unknown>> = {};
  readonly #requests = new ThreadRequests((order) => this.tell(order));

  constructor(worker: Worker, upkeep?: Upkeep) {
    this.#worker = worker;
    let reason: string | undefined;
    this.ended = new Promise((resolve) => {
      worker.on('error', (error) => (reason = error.message));
      worker.on('exit', (status) => resolve(reason ?? `its thread ended with status ${status}`));
    });
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (news: FromWorker) => {
        if (news.kind === 'ready') resolve(news.endpoints);
        if (news.kind === 'tally') this.tally = news.counts;
        if (news.kind !== 'failed') return;
        reason = news.message;
        void worker.terminate();
      });
      void this.ended.then((why) => reject(new CommandError(why)));
    });
    worker.on('message', (news: FromWorker) => this.#requests.take(news));
    if (upkeep) serveUpkeep(upkeep, worker);
    void this.ended.then(() => this.#requests.end());
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

  /** A request of the control socket; undefined when the thread ends before it replies. */
  ask(request: Readonly<Record<string, unknown>>): Promise<ControlReply | undefined> {
    return this.#requests.ask(request);
  }

  async stop(clock: Clock): Promise<void> {
    this.tell({ kind: 'stop' });
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      timer = clock.schedule(stopMs, resolve);
    });
    await Promise.race([this.#stopped, late]);
    timer?.cancel();
    await this.#worker.terminate();
  }
}

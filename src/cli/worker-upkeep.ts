/**
 * What a worker cannot do by itself, since there is one who changes zones: it asks its supervisor
 * for it. What was put into the zones by then has come before the reply, so a client that asks this
 * worker again sees its own change.
 */

import type { Worker } from 'node:worker_threads';
import { encodeEntry, readEntries } from '../authority/journal-format.ts';
import { notNow, type Outcome } from '../authority/outcome.ts';
import type { Differences } from '../authority/transfer-out.ts';
import type { Operation, Upkeep } from '../authority/upkeep.ts';
import { DnsName } from '../wire/name.ts';
import type { Zone } from '../zone/zone.ts';
import type { FromWorker, ToWorker } from './worker-task.ts';

const workerUpkeepLimits = {
  /** Of one worker, that wait for the supervisor. */
  waiting: 1000,
} as const;

type Reply = Extract<ToWorker, { readonly kind: 'operated' | 'changes' }>;

/** In the worker. */
export class WorkerUpkeep implements Upkeep {
  readonly opcodes: ReadonlySet<number>;
  readonly #tell: (news: FromWorker) => void;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;

  constructor(opcodes: readonly number[], tell: (news: FromWorker) => void) {
    this.opcodes = new Set(opcodes);
    this.#tell = tell;
  }

  async operate(operation: Operation): Promise<Outcome> {
    if (this.#waiting.size >= workerUpkeepLimits.waiting) return notNow('too much is waiting');
    const reply = await this.#ask((id) => ({ kind: 'operate', id, operation }));
    return reply.kind === 'operated' ? reply.outcome : notNow('nobody knows');
  }

  async since(zone: Pick<Zone, 'origin' | 'serial'>, serial: number): Promise<Differences> {
    const origin = zone.origin.wire;
    const to = zone.serial;
    const reply = await this.#ask((id) => ({ kind: 'since', id, origin, serial, to }));
    if (reply.kind !== 'changes') return undefined;
    return reply.entries?.flatMap((octets) =>
      [...readEntries(octets)].flatMap(({ entry }) =>
        entry.kind === 'difference' ? [entry.difference] : [],
      ),
    );
  }

  take(reply: Reply): void {
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }

  #ask(question: (id: number) => FromWorker): Promise<Reply> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#tell(question(id));
    });
  }
}

/** In the supervisor: answers what `worker` asks. */
export function serveUpkeep(upkeep: Upkeep, worker: Worker): void {
  const tell = (order: ToWorker): void => worker.postMessage(order, []);
  worker.on('message', (news: FromWorker) => {
    if (news.kind === 'operate') {
      const { id, operation } = news;
      void upkeep.operate(operation).then((outcome) => tell({ kind: 'operated', id, outcome }));
    } else if (news.kind === 'since') {
      const { id, serial, to } = news;
      const known = upkeep.since({ origin: DnsName.fromWire(news.origin), serial: to }, serial);
      void Promise.resolve(known).then((differences) => {
        const entries = differences?.map((difference) =>
          encodeEntry({ kind: 'difference', difference }),
        );
        tell({ kind: 'changes', id, entries });
      });
    }
  });
}

/**
 * The end of the control socket in a worker: requests come as messages, and so go the replies. The
 * lines of a long one wait here until they are wanted, some at a time, so that a dump is in memory
 * nowhere.
 */

import type { ControlHandler, ControlReply, Lines } from '../app/control/session.ts';
import type { CarriedReply, FromWorker, ToWorker } from './worker-task.ts';

const workerControlLimits = {
  /** Lines of one message: enough that messages cost little, and a query waits little for one. */
  lines: 500,
} as const;

export type ControlOrder = Extract<ToWorker, { readonly kind: 'control' | 'more' | 'enough' }>;

export class WorkerControl {
  readonly #handle: ControlHandler;
  readonly #tell: (news: FromWorker) => void;
  readonly #waiting = new Map<number, AsyncGenerator<string, void, undefined>>();

  constructor(handle: ControlHandler, tell: (news: FromWorker) => void) {
    this.#handle = handle;
    this.#tell = tell;
  }

  async obey(order: ControlOrder): Promise<void> {
    const { id } = order;
    if (order.kind === 'control') {
      this.#tell({ kind: 'controlled', id, reply: this.#carried(id, await this.#reply(order)) });
    } else if (order.kind === 'more') {
      await this.#sendLines(id);
    } else {
      this.#waiting.delete(id);
    }
  }

  async #reply({ request }: ControlOrder & { readonly kind: 'control' }): Promise<ControlReply> {
    try {
      return await this.#handle(request);
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error.message : String(error) };
    }
  }

  #carried(id: number, reply: ControlReply): CarriedReply {
    if (!reply.ok) return reply;
    const { result, lines } = reply;
    if (lines) this.#waiting.set(id, oneByOne(lines));
    return { ok: true, result, hasLines: lines !== undefined };
  }

  async #sendLines(id: number): Promise<void> {
    const waiting = this.#waiting.get(id);
    const lines: string[] = [];
    let isLast = waiting === undefined;
    while (waiting && !isLast && lines.length < workerControlLimits.lines) {
      const next = await waiting.next();
      if (next.done === true) isLast = true;
      else lines.push(next.value);
    }
    if (isLast) this.#waiting.delete(id);
    this.#tell({ kind: 'lines', id, lines, isLast });
  }
}

async function* oneByOne(lines: Lines): AsyncGenerator<string, void, undefined> {
  yield* lines;
}

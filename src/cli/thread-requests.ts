/** Requests to one worker, and their replies, each under a number (`worker-control.ts`). */

import type { ControlReply } from '../app/control/session.ts';
import type { FromWorker, ToWorker } from './worker-task.ts';

type Lines = Extract<FromWorker, { readonly kind: 'lines' }>;

export class ThreadRequests {
  readonly #tell: (order: ToWorker) => void;
  readonly #replies = new Map<number, (reply: ControlReply | undefined) => void>();
  readonly #lines = new Map<number, (lines: Lines | undefined) => void>();
  #last = 0;
  #hasEnded = false;

  constructor(tell: (order: ToWorker) => void) {
    this.#tell = tell;
  }

  /** Undefined when the worker ends before. */
  ask(request: Readonly<Record<string, unknown>>): Promise<ControlReply | undefined> {
    if (this.#hasEnded) return Promise.resolve(undefined);
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#replies.set(id, resolve);
      this.#tell({ kind: 'control', id, request });
    });
  }

  take(news: FromWorker): void {
    if (news.kind === 'lines') {
      const resolve = this.#lines.get(news.id);
      this.#lines.delete(news.id);
      resolve?.(news);
    }
    if (news.kind !== 'controlled') return;
    const { id, reply } = news;
    const resolve = this.#replies.get(id);
    this.#replies.delete(id);
    if (!reply.ok) return resolve?.(reply);
    const { result, hasLines } = reply;
    resolve?.({ ok: true, result, ...(hasLines && { lines: this.#linesOf(id) }) });
  }

  /** The worker says no more. */
  end(): void {
    this.#hasEnded = true;
    for (const resolve of this.#replies.values()) resolve(undefined);
    for (const resolve of this.#lines.values()) resolve(undefined);
    this.#replies.clear();
    this.#lines.clear();
  }

  /** Some are asked for when the ones before have been taken. */
  async *#linesOf(id: number): AsyncGenerator<string, void, undefined> {
    let isOver = false;
    try {
      while (!isOver) {
        const some = await this.#moreOf(id);
        // What the worker took with it is missing, and so must be the end.
        if (some === undefined) throw new Error('a worker ended before all was said');
        yield* some.lines;
        isOver = some.isLast;
      }
    } finally {
      if (!isOver && !this.#hasEnded) this.#tell({ kind: 'enough', id });
    }
  }

  #moreOf(id: number): Promise<Lines | undefined> {
    if (this.#hasEnded) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#lines.set(id, resolve);
      this.#tell({ kind: 'more', id });
    });
  }
}

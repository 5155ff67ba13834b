/**
 * A wait that ends exactly once: by its result, by time, or by an abort; and that releases its
 * timer and its listener whichever it was. What an exchange leaves behind is released here only.
 */

import type { Cancellation } from '../net/cancellation.ts';
import type { Clock, Timer } from '../net/ports.ts';

export interface Wait<T> {
  /** Ends the wait with `value`; later calls do nothing. */
  end(value: T): void;
  readonly isOver: boolean;
  readonly result: Promise<T>;
}

export interface WaitOptions<T> {
  readonly timeoutMs: number;
  readonly signal?: Cancellation | undefined;
  /** The result when the time is over. */
  onTimeout(): T;
  /** The result when the signal aborts. */
  readonly cancelled: T;
}

export function startWait<T>(clock: Clock, options: WaitOptions<T>): Wait<T> {
  return new StartedWait(clock, options);
}

/**
 * A class, because a getter of an object literal would cost each wait a hidden class of its own,
 * which keeps all that the wait refers to from being collected soon.
 */
class StartedWait<T> implements Wait<T> {
  readonly result: Promise<T>;
  readonly #options: WaitOptions<T>;
  readonly #timer: Timer;
  #settle: (value: T) => void = () => {};
  #isOver = false;

  constructor(clock: Clock, options: WaitOptions<T>) {
    const { signal, timeoutMs } = options;
    this.#options = options;
    this.result = new Promise<T>((resolve) => {
      this.#settle = resolve;
    });
    this.#timer = clock.schedule(timeoutMs, () => this.end(options.onTimeout()));
    if (signal?.aborted === true) this.#abort();
    else signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end(value: T): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.cancel();
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#settle(value);
  }

  readonly #abort = (): void => this.end(this.#options.cancelled);
}

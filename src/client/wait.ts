/**
 * A wait that ends exactly once: by its result, by time, or by an abort; and that releases its
 * timer and its listener whichever it was. What an exchange leaves behind is released here only.
 */

import type { Cancellation } from '../net/cancellation.ts';
import type { Clock } from '../net/ports.ts';

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
  const { signal, cancelled } = options;
  let settle: (value: T) => void = () => {};
  let isOver = false;
  const result = new Promise<T>((resolve) => {
    settle = resolve;
  });
  const end = (value: T): void => {
    if (isOver) return;
    isOver = true;
    timer.cancel();
    signal?.removeEventListener('abort', abort);
    settle(value);
  };
  const abort = (): void => end(cancelled);
  const timer = clock.schedule(options.timeoutMs, () => end(options.onTimeout()));
  if (signal?.aborted === true) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return {
    end,
    result,
    get isOver() {
      return isOver;
    },
  };
}

/**
 * A deadline as a `Cancellation` on an injected clock, so that it also works in virtual time
 * (`AbortSignal.timeout` would run on the machine's clock).
 */

import { CancellationSource, type Cancellation } from './cancellation.ts';
import type { Clock, Timer } from './ports.ts';

export interface Deadline {
  /** Aborts when the time is over or when `parent` does. */
  readonly signal: Cancellation;
  /** Releases the timer and the parent; the signal stays as it is. Idempotent. */
  cancel(): void;
}

/** Call `cancel` in a `finally`: a pending timer keeps the process alive. */
export function startDeadline(clock: Clock, delayMs: number, parent?: Cancellation): Deadline {
  return new TimedSource(clock, delayMs, parent);
}

class TimedSource extends CancellationSource implements Deadline {
  readonly #parent: Cancellation | undefined;
  readonly #timer: Timer;

  /** A function of its own: callers take it out of the deadline. */
  readonly cancel = (): void => {
    this.#timer.cancel();
    this.#parent?.removeEventListener('abort', this.#end);
  };

  readonly #end = (): void => {
    this.cancel();
    this.abort(this.#parent?.aborted === true ? this.#parent.reason : undefined);
  };

  constructor(clock: Clock, delayMs: number, parent: Cancellation | undefined) {
    super();
    this.#parent = parent;
    this.#timer = clock.schedule(delayMs, this.#end);
    if (parent?.aborted === true) this.#end();
    else parent?.addEventListener('abort', this.#end, { once: true });
  }

  get signal(): Cancellation {
    return this;
  }
}

/**
 * What ends waits early, without what an `AbortController` brings along: each of those is an event
 * target with a table of listeners, and every query that is resolved makes three. An `AbortSignal`
 * is a `Cancellation` too, so that callers from outside keep what they know.
 */

/** The part of `AbortSignal` that is used here. */
export interface Cancellation {
  readonly aborted: boolean;
  readonly reason: unknown;
  /** The listener is called when it aborts, at most once; never if it has aborted before. */
  addEventListener(type: 'abort', listener: () => void, options: { readonly once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A cancellation together with the means to bring it about. Listeners do not throw. */
export class CancellationSource implements Cancellation {
  aborted = false;
  reason: unknown = undefined;
  /** Most have one listener at a time; the set is for those of whom many wait. */
  #listener: (() => void) | undefined;
  #others: Set<() => void> | undefined;

  /** Calls the listeners, those that one of them removes excepted. Idempotent. */
  abort(reason?: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const first = this.#listener;
    this.#listener = undefined;
    first?.();
    for (const listener of this.#others ?? []) listener();
    this.#others = undefined;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.aborted) return;
    // The order of arrival: while others wait, nobody takes the place in front of them.
    if (this.#listener === undefined && (this.#others?.size ?? 0) === 0) this.#listener = listener;
    else if (this.#listener !== listener) (this.#others ??= new Set()).add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#listener === listener) this.#listener = undefined;
    else this.#others?.delete(listener);
  }
}

/**
 * Outcomes as values. Whatever a stranger's bytes or a user's text can cause is returned, not
 * thrown: exceptions cost some 20 µs each, and one that nobody catches ends the process.
 */

export type Result<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function success<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function failure<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

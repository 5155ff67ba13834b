/**
 * The boundary between the event loop and our callbacks. A callback that throws is a bug, but a
 * packet must not turn it into the end of the process: the event is dropped and the bug reported.
 */

/** `where` names the callback that threw. Must not throw itself. */
export type BugReporter = (error: unknown, where: string) => void;

/** Calls `callback`; a throw is reported and ends there. */
export function guarded(onBug: BugReporter, where: string, callback: () => void): void {
  try {
    callback();
  } catch (error) {
    onBug(error, where);
  }
}

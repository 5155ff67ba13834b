/** The signals that a running server obeys. */

export interface SignalHandlers {
  /** SIGTERM, SIGINT: finish and leave. A second one leaves at once. */
  readonly stop: () => Promise<void>;
  /** SIGHUP. */
  readonly reload: () => void;
}

/** Resolves with the exit status when the server has stopped. */
export function runUntilStopped(handlers: SignalHandlers): Promise<number> {
  return new Promise((resolve, reject) => {
    let isStopping = false;
    const stop = (): void => {
      // Whoever asks twice does not want to wait for queries in flight.
      // oxlint-disable-next-line unicorn/no-process-exit -- waiting is what they refuse
      if (isStopping) process.exit(1);
      isStopping = true;
      handlers.stop().then(() => {
        process.removeListener('SIGHUP', handlers.reload);
        resolve(0);
      }, reject);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.on('SIGHUP', handlers.reload);
  });
}

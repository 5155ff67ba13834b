/**
 * The configuration of a running server, read again on SIGHUP: whole, before any of it is put to
 * work. What can change while the server runs does so at once; what cannot is named. A file that is
 * wrong changes nothing.
 */

import type { Logger } from '../net/logger.ts';
import { changesOf } from './config/changes.ts';
import type { Config } from './config/config.ts';
import { configuration } from './config/schema.ts';
import { CommandError } from './failure.ts';

export class LiveConfig {
  /** What holds now; of the keys that need a restart, what will hold then. */
  #current: Config;
  /** With which the server was started. */
  readonly #started: Config;
  readonly #read: () => Promise<Config>;
  readonly #apply: (config: Config) => void;
  readonly #logger: Logger;

  constructor(
    started: Config,
    context: {
      /** Throws `CommandError`. */
      readonly read: () => Promise<Config>;
      /** Puts what is live to work. */
      readonly apply: (config: Config) => void;
      readonly logger: Logger;
    },
  ) {
    this.#current = started;
    this.#started = started;
    this.#read = context.read;
    this.#apply = context.apply;
    this.#logger = context.logger;
  }

  get current(): Config {
    return this.#current;
  }

  async reload(): Promise<void> {
    try {
      const next = await this.#read();
      const { live } = changesOf(configuration, this.#current, next);
      const { afterRestart } = changesOf(configuration, this.#started, next);
      this.#current = next;
      this.#apply(next);
      this.#logger.info({ changed: live }, 'configuration reloaded');
      if (afterRestart.length === 0) return;
      this.#logger.warn({ keys: afterRestart }, 'changed, but only a restart puts it to work');
    } catch (error) {
      const kept = 'configuration not reloaded: the one loaded before stays';
      if (error instanceof CommandError) this.#logger.error({ problem: error.message }, kept);
      else this.#logger.error({ err: error }, `a bug: ${kept}`);
    }
  }
}

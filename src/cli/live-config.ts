/**
 * The configuration of a running server, read again on SIGHUP: whole, before any of it is put to
 * work. What can change while the server runs does so at once; what cannot is named. A file that is
 * wrong changes nothing.
 */

import type { Reloaded } from '../app/control/commands.ts';
import type { Logger } from '../net/logger.ts';
import { failure, success, type Result } from '../wire/result.ts';
import { changesOf } from './config/changes.ts';
import type { Config } from './config/config.ts';
import { configuration } from './config/schema.ts';
import { CommandError } from './failure.ts';

/** What a reload without a configuration file comes to. */
export const NOTHING_CHANGED: Reloaded = { changed: [], afterRestart: [] };

export class LiveConfig {
  /** What holds now; of the keys that need a restart, what will hold then. */
  #current: Config;
  /** With which the server was started. */
  readonly #started: Config;
  readonly #read: () => Promise<Config>;
  readonly #apply: (config: Config) => void;
  readonly #logger: Logger;
  #last: Promise<Result<Reloaded, string>> = Promise.resolve(success(NOTHING_CHANGED));

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

  /** The error says what is wrong; the log has said it too. One reload at a time. */
  reload(): Promise<Result<Reloaded, string>> {
    // Else an older version of the file could come in last.
    this.#last = this.#last.then(() => this.#reload());
    return this.#last;
  }

  async #reload(): Promise<Result<Reloaded, string>> {
    try {
      const next = await this.#read();
      const { live: changed } = changesOf(configuration, this.#current, next);
      const { afterRestart } = changesOf(configuration, this.#started, next);
      this.#apply(next);
      this.#current = next;
      this.#logger.info({ changed }, 'configuration reloaded');
      if (afterRestart.length > 0) {
        this.#logger.warn({ keys: afterRestart }, 'changed, but only a restart puts it to work');
      }
      return success({ changed, afterRestart });
    } catch (error) {
      const kept = 'configuration not reloaded: the one loaded before stays';
      if (error instanceof CommandError) this.#logger.error({ problem: error.message }, kept);
      else this.#logger.error({ err: error }, `a bug: ${kept}`);
      return failure(`${kept}\n${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

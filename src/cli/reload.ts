/**
 * Zone files of a running server: read again when they change, or a file that they include does. A
 * file that is no zone any more is reported, and the version that was loaded before keeps serving.
 */

import type { ZoneSet } from '../authority/zone-set.ts';
import type { Logger } from '../net/logger.ts';
import type { Clock } from '../net/ports.ts';
import type { Zone } from '../zone/zone.ts';
import { CommandError } from './failure.ts';
import type { ZoneSource } from './options.ts';
import { FileWatch } from './watch.ts';
import { logWarnings, readZone } from './zone-files.ts';
import type { ZoneInclusions } from './zone-inclusions.ts';

/** What one server serves, and out of which files. */
export interface ServedZones {
  readonly sources: readonly ZoneSource[];
  readonly zones: ZoneSet;
}

export interface LiveZonesContext {
  /** As the first load left them. */
  readonly inclusions: ZoneInclusions;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class LiveZones {
  readonly #servers: readonly ServedZones[];
  readonly #context: LiveZonesContext;
  readonly #watch: FileWatch;
  /** The revision of the inclusions that are watched. */
  #watched: number;
  /** One reload at a time: an older version of a file must not come in last. */
  #last: Promise<void> = Promise.resolve();

  constructor(servers: readonly ServedZones[], context: LiveZonesContext) {
    this.#servers = servers;
    this.#context = context;
    this.#watched = context.inclusions.revision;
    const { clock, logger } = context;
    this.#watch = new FileWatch(this.#files(), {
      clock,
      logger,
      onChange: (changed) => this.#schedule(changed),
    });
  }

  /** Reads every zone again; logs one line a zone. */
  reload(): void {
    this.#schedule(undefined);
  }

  stop(): void {
    this.#watch.close();
  }

  #schedule(changed: ReadonlySet<string> | undefined): void {
    this.#last = this.#last.then(() => this.#reload(changed));
  }

  async #reload(changed: ReadonlySet<string> | undefined): Promise<void> {
    const { inclusions } = this.#context;
    for (const { sources, zones } of this.#servers) {
      for (const source of sources) {
        const isDue = changed === undefined || inclusions.isMadeOf(source, changed);
        if (isDue) await this.#reloadZone(source, zones);
      }
    }
  }

  async #reloadZone(source: ZoneSource, zones: ZoneSet): Promise<void> {
    const { inclusions, logger } = this.#context;
    try {
      const zone = await readZone(source, inclusions);
      const before = zones.get(zone.origin);
      zones.put(zone);
      this.#followInclusions();
      logWarnings(logger, [zone]);
      logReload(zone, { before, file: source.file, logger });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.#followInclusions();
      const fields = { file: source.file, problem: error.message };
      logger.error(fields, 'zone not reloaded: the version loaded before keeps serving');
    }
  }

  /** Seldom: thousands of zones may be reloaded, each of them with this question. */
  #followInclusions(): void {
    const { revision } = this.#context.inclusions;
    if (revision === this.#watched) return;
    this.#watched = revision;
    this.#watch.update(this.#files());
  }

  *#files(): Iterable<string> {
    for (const { sources } of this.#servers) for (const { file } of sources) yield file;
    yield* this.#context.inclusions.files();
  }
}

function logReload(
  zone: Zone,
  context: { readonly before: Zone | undefined; readonly file: string; readonly logger: Logger },
): void {
  const { before, file, logger } = context;
  const fields = { zone: zone.origin.toString(), serial: zone.serial, file };
  logger.info(before ? { ...fields, previousSerial: before.serial } : fields, 'zone reloaded');
  // RFC 1982 §3.2: secondaries take a serial for older when it is up to 2^31 behind.
  if (before && (zone.serial - before.serial) >> 0 < 0) {
    logger.warn(fields, 'the serial went backwards: secondaries will not take this version');
  }
}

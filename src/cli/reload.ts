/**
 * Zone files of a running server: read again when they change, or a file that they include does. A
 * file that is no zone any more, or another one, is reported, and the version that was loaded
 * before keeps serving: which zones there are is decided at the start.
 */

import assert from 'node:assert/strict';
import type { ZoneSet } from '../authority/zone-set.ts';
import type { Logger } from '../net/logger.ts';
import type { Clock } from '../net/ports.ts';
import type { DnsName } from '../wire/name.ts';
import type { Zone } from '../zone/zone.ts';
import { CommandError } from './failure.ts';
import type { ZoneSource } from './options.ts';
import { FileWatch } from './watch.ts';
import { givenTwice, logWarnings, readZone } from './zone-files.ts';
import type { ZoneInclusions } from './zone-inclusions.ts';

/** What one server serves, and out of which files. */
export interface ServedZones {
  readonly sources: readonly ZoneSource[];
  /** One zone of each source, in their order. */
  readonly zones: ZoneSet;
}

interface Server extends ServedZones {
  /** Which zone each source holds. */
  readonly origins: readonly DnsName[];
}

export interface LiveZonesContext {
  /** As the first load left them. */
  readonly inclusions: ZoneInclusions;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class LiveZones {
  readonly #servers: readonly Server[];
  readonly #context: LiveZonesContext;
  readonly #watch: FileWatch;
  /** The revision of the inclusions that are watched. */
  #watched: number;
  /** One reload at a time: an older version of a file must not come in last. */
  #last: Promise<void> = Promise.resolve();

  constructor(servers: readonly ServedZones[], context: LiveZonesContext) {
    this.#servers = servers.map(withOrigins);
    this.#context = context;
    this.#watched = context.inclusions.revision;
    const { clock, logger } = context;
    this.#watch = new FileWatch({
      clock,
      logger,
      files: () => this.#files(),
      onChange: (changed) => this.#schedule(changed),
    });
  }

  /** Reads every zone again; logs one line a zone. Whatever could not be watched may be now. */
  reload(): void {
    this.#watch.reopen();
    this.#schedule(undefined);
  }

  stop(): void {
    this.#watch.close();
  }

  #schedule(changed: ReadonlySet<string> | undefined): void {
    this.#last = this.#last
      .then(() => this.#reload(changed))
      .catch((err: unknown) => {
        // One that stayed rejected would be the end of the server, or of all reloads.
        this.#context.logger.error({ err }, 'a bug: zones not reloaded');
      });
  }

  async #reload(changed: ReadonlySet<string> | undefined): Promise<void> {
    const { inclusions } = this.#context;
    for (const server of this.#servers) {
      for (const [i, source] of server.sources.entries()) {
        const isDue = changed === undefined || inclusions.isMadeOf(source, changed);
        if (isDue) await this.#reloadZone(i, server);
      }
    }
  }

  async #reloadZone(index: number, server: Server): Promise<void> {
    const { inclusions, logger } = this.#context;
    const source = server.sources[index]!;
    try {
      const refuse = (zone: Zone): string | undefined => refusalOf(zone, index, server);
      const zone = await readZone(source, { inclusions, refuse });
      const before = server.zones.get(zone.origin);
      server.zones.put(zone);
      logWarnings(logger, [zone]);
      logReload(zone, { before, file: source.file, logger });
    } catch (error) {
      logFailure(error, source, logger);
    }
    this.#followInclusions();
  }

  /** Seldom: thousands of zones may be reloaded, each of them with this question. */
  #followInclusions(): void {
    const { revision } = this.#context.inclusions;
    if (revision === this.#watched) return;
    this.#watched = revision;
    this.#watch.update();
  }

  *#files(): Iterable<string> {
    for (const { sources } of this.#servers) for (const { file } of sources) yield file;
    yield* this.#context.inclusions.files();
  }
}

function withOrigins(server: ServedZones): Server {
  const origins = Array.from(server.zones, ({ origin }) => origin);
  assert.equal(origins.length, server.sources.length, 'each source is one zone');
  return { ...server, origins };
}

/** Why this zone must not come out of the source at `index`. */
function refusalOf(zone: Zone, index: number, server: Server): string | undefined {
  const held = server.origins[index]!;
  if (zone.origin.equals(held)) return undefined;
  const other = server.origins.findIndex((origin) => origin.equals(zone.origin));
  const otherSource = server.sources[other];
  if (otherSource) return givenTwice(zone, otherSource.file);
  const now = `the file now holds the zone ${zone.origin.toString()}`;
  return `${now}, it held ${held.toString()}: restart to change which zones are served`;
}

/** What goes wrong with one zone, be it a bug, must not end the server or other reloads. */
function logFailure(error: unknown, { file }: ZoneSource, logger: Logger): void {
  const kept = 'zone not reloaded: the version loaded before keeps serving';
  if (error instanceof CommandError) logger.error({ file, problem: error.message }, kept);
  else logger.error({ file, err: error }, `a bug: ${kept}`);
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

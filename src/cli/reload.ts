/**
 * Zone files of a running server: read again when they change, or a file that they include does. A
 * file that is no zone any more, or another one, is reported, and the version that was loaded
 * before keeps serving. Which files there are is asked when all are reloaded: zones of new ones
 * are added and those of files that are gone dropped, all in one step, so that a file that was
 * renamed, or a zone that was split, is never missing.
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
import { givenTwice, logWarnings, type FileOutcome } from './zone-files.ts';
import type { ZoneInclusions } from './zone-inclusions.ts';
import { ZoneLoader } from './zone-loader.ts';

/** What one server serves, and out of which files. */
export interface ServedZones {
  readonly sources: readonly ZoneSource[];
  /** One zone of each source, in their order, before any other. */
  readonly zones: ZoneSet;
  /** What the sources are now; without it they stay what they are. */
  readonly listSources?: () => Promise<readonly ZoneSource[]>;
  /** True: the zone is looked after elsewhere, and so is this new version of its file. */
  readonly keep?: (zone: Zone) => boolean;
}

export interface LiveZonesContext {
  /** As the first load left them. */
  readonly inclusions: ZoneInclusions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of the thread that reads large files, for tests. */
  readonly program?: URL;
}

/** A source, and which zone is served out of it: none as long as its file is no zone. */
interface Held {
  readonly source: ZoneSource;
  readonly origin: DnsName | undefined;
}

interface Server extends Pick<ServedZones, 'zones' | 'listSources' | 'keep'> {
  held: readonly Held[];
}

/** Files that changed; undefined: read all. */
type Changed = ReadonlySet<string> | undefined;

export class LiveZones {
  readonly #servers: readonly Server[];
  readonly #context: LiveZonesContext;
  readonly #watch: FileWatch;
  /** The revision of the inclusions that are watched. */
  #watched: number;
  /** One reload at a time: an older version of a file must not come in last. */
  #last: Promise<void> = Promise.resolve();
  #loader: ZoneLoader | undefined;
  #isStopped = false;

  constructor(servers: readonly ServedZones[], context: LiveZonesContext) {
    this.#servers = servers.map(serverOf);
    this.#context = context;
    this.#watched = context.inclusions.revision;
    const { clock, logger } = context;
    this.#watch = new FileWatch({
      clock,
      logger,
      files: () => this.#files(),
      regular: regularFiles(servers),
      onChange: (changed) => this.#schedule(changed),
    });
  }

  /**
   * Reads every zone again, of the files that there are now; logs one line a zone. Whatever could
   * not be watched may be now.
   */
  reload(): void {
    this.#watch.reopen();
    this.#schedule(undefined);
  }

  stop(): void {
    this.#isStopped = true;
    this.#watch.close();
    this.#loader?.close();
  }

  #schedule(changed: Changed): void {
    this.#last = this.#last
      .then(() => this.#reload(changed))
      .catch((err: unknown) => {
        // One that stayed rejected would be the end of the server, or of all reloads.
        this.#context.logger.error({ err }, 'a bug: zones not reloaded');
      });
  }

  async #reload(changed: Changed): Promise<void> {
    this.#loader = new ZoneLoader(this.#context.program);
    try {
      for (const server of this.#servers) await this.#reloadServer(server, changed, this.#loader);
    } finally {
      this.#loader.close();
      this.#loader = undefined;
    }
  }

  async #reloadServer(server: Server, changed: Changed, loader: ZoneLoader): Promise<void> {
    const { inclusions } = this.#context;
    const held = changed === undefined ? await this.#listed(server) : server.held;
    const pass: Pass = { server, loader, held, added: new Map() };
    for (const one of held) {
      const isDue = changed === undefined || inclusions.isMadeOf(one.source, changed);
      if (isDue) await this.#reloadFile(one, pass);
      if (this.#isStopped) return;
    }
    this.#changeZones(pass);
  }

  /** The files of now, with what is served out of those that were there before. */
  async #listed(server: Server): Promise<readonly Held[]> {
    try {
      const sources = await server.listSources?.();
      if (sources === undefined) return server.held;
      const known = new Map(server.held.map((one) => [keyOf(one.source), one]));
      return sources.map((source) => known.get(keyOf(source)) ?? { source, origin: undefined });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const message = 'zones neither added nor dropped: their files cannot be listed';
      this.#context.logger.error({ problem: error.message }, message);
      return server.held;
    }
  }

  async #reloadFile(held: Held, pass: Pass): Promise<void> {
    const { logger } = this.#context;
    const { source, origin } = held;
    try {
      const before = origin && pass.server.zones.get(origin);
      const outcome = await pass.loader.load(source, before);
      if (!this.#isStopped) this.#take(outcome, held, pass);
    } catch (err) {
      // What goes wrong with one zone, be it a bug, must not end the server or other reloads.
      logger.error({ file: source.file, err }, `a bug: ${consequenceOf(held)}`);
    }
    this.#followInclusions();
  }

  #take(outcome: FileOutcome, held: Held, pass: Pass): void {
    const { inclusions, logger } = this.#context;
    const { source, origin } = held;
    const zone = outcome.kind === 'zone' ? outcome.zone : undefined;
    const refusal = zone && refusalOf(zone, held, pass);
    const isGood = zone !== undefined && refusal === undefined;
    if (outcome.included) inclusions.note(source, outcome.included, isGood);
    if (!isGood) {
      const problem = outcome.kind === 'fault' ? outcome.message : `${source.file}: ${refusal}`;
      logger.error({ file: source.file, problem }, consequenceOf(held));
      return;
    }
    if (origin === undefined) pass.added.set(zone.origin.key, [held, zone]);
    else if (pass.server.keep?.(zone) !== true) {
      putZone(zone, source, { zones: pass.server.zones, logger });
    }
  }

  /** Adds and drops zones in one step, between two queries. */
  #changeZones({ server, held, added }: Pass): void {
    if (held === server.held && added.size === 0) return;
    const { inclusions, logger } = this.#context;
    const { zones } = server;
    const [before, after] = [new Set(server.held), new Set(held)];
    const gone = server.held.filter((one) => !after.has(one));
    const origins = new Map([...added.values()].map(([one, { origin }]) => [one, origin]));
    server.held = held.map((one) => ({ ...one, origin: one.origin ?? origins.get(one) }));
    for (const [{ source }, zone] of added.values()) putZone(zone, source, { zones, logger });
    for (const { source, origin } of gone) {
      inclusions.forget(source);
      if (origin === undefined || added.has(origin.key)) continue;
      zones.delete(origin);
      logger.info({ zone: origin.toString(), file: source.file }, 'zone dropped');
    }
    if (gone.length > 0 || held.some((one) => !before.has(one))) this.#watch.update();
  }

  /** Seldom: thousands of zones may be reloaded, each of them with this question. */
  #followInclusions(): void {
    const { revision } = this.#context.inclusions;
    if (revision === this.#watched) return;
    this.#watched = revision;
    this.#watch.update();
  }

  *#files(): Iterable<string> {
    for (const { held } of this.#servers) for (const { source } of held) yield source.file;
    yield* this.#context.inclusions.files();
  }
}

/** One reload of one server. */
interface Pass {
  readonly server: Server;
  readonly loader: ZoneLoader;
  /** The files that there are now. */
  readonly held: readonly Held[];
  /** By origin, zones of files that none was served out of before. */
  readonly added: Map<string, readonly [Held, Zone]>;
}

function serverOf({ sources, zones, listSources, keep }: ServedZones): Server {
  const origins = Array.from(zones, ({ origin }) => origin);
  // Behind them there may be zones that come from elsewhere.
  assert(origins.length >= sources.length, 'each source is one zone');
  const held = sources.map((source, i): Held => ({ source, origin: origins[i] }));
  return { zones, held, ...(listSources && { listSources }), ...(keep && { keep }) };
}

/** As the listing of a folder told: of 10,000 files, asking the disk again takes a while. */
function regularFiles(servers: readonly ServedZones[]): ReadonlySet<string> {
  const sources = servers.flatMap((server) => server.sources);
  return new Set(sources.filter(({ isRegular }) => isRegular === true).map(({ file }) => file));
}

/** What makes two sources the same. */
function keyOf({ file, origin, isNamedByFile }: ZoneSource): string {
  return [file, origin?.key, isNamedByFile].join('\0');
}

/** Why this zone must not come out of the file. */
function refusalOf(zone: Zone, held: Held, pass: Pass): string | undefined {
  const { origin } = held;
  if (origin && zone.origin.equals(origin)) return undefined;
  const other = holderOf(zone, pass);
  if (other) return givenTwice(zone, other.source.file);
  if (origin === undefined) return undefined;
  const now = `the file now holds the zone ${zone.origin.toString()}`;
  return `${now}, it held ${origin.toString()}: restart to change which zones are served`;
}

function holderOf({ origin }: Zone, { server, held, added }: Pass): Held | undefined {
  const [holder] = added.get(origin.key) ?? [];
  // Most zones that are new are nobody's, and there may be thousands of both.
  if (holder !== undefined || !server.zones.get(origin)) return holder;
  return held.find((one) => one.origin?.equals(origin) === true);
}

function consequenceOf({ origin }: Held): string {
  return origin === undefined
    ? 'zone not loaded'
    : 'zone not reloaded: the version loaded before keeps serving';
}

function putZone(
  zone: Zone,
  { file }: ZoneSource,
  { zones, logger }: { readonly zones: ZoneSet; readonly logger: Logger },
): void {
  const before = zones.get(zone.origin);
  zones.put(zone);
  logWarnings(logger, [zone]);
  const fields = { zone: zone.origin.toString(), serial: zone.serial, file };
  if (before === undefined) {
    logger.info(fields, 'zone added');
    return;
  }
  logger.info({ ...fields, previousSerial: before.serial }, 'zone reloaded');
  // RFC 1982 §3.2: secondaries take a serial for older when it is up to 2^31 behind.
  if ((zone.serial - before.serial) >> 0 < 0) {
    logger.warn(fields, 'the serial went backwards: secondaries will not take this version');
  }
}

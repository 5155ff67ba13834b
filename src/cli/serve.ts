/** `ts-dns serve`: an authoritative server, a resolver, or both, until a signal ends it. */

import type { AnyPolicy } from '../app/route.ts';
import { formatEndpoint } from '../net/address.ts';
import type { Logger } from '../net/logger.ts';
import type { Endpoint } from '../net/ports.ts';
import { createRealRuntime, type UdpIo } from '../net/real/runtime.ts';
import type { AddressPrefix } from '../query/address-prefix.ts';
import { success } from '../wire/result.ts';
import { loadCacheFile, saveCacheFile, type KeptCache } from './cache-file.ts';
import type { Config } from './config/config.ts';
import { configOf, overlay } from './config/overlay.ts';
import { openControl } from './control.ts';
import { CommandError } from './failure.ts';
import { createLogger, type LogLevel } from './logger.ts';
import type { ZoneSource } from './options.ts';
import { refuseIdleOptions } from './idle-options.ts';
import { LiveConfig, NOTHING_CHANGED } from './live-config.ts';
import { loadProgress } from './load-progress.ts';
import { LiveZones } from './reload.ts';
import { start, type RunContext, type Running } from './running.ts';
import { runUntilStopped } from './signals.ts';
import { compileSoon } from './warm-up.ts';
import { logWarnings } from './zone-files.ts';
import { zonesInFolder } from './zone-folder.ts';
import { ZoneInclusions } from './zone-inclusions.ts';
import { loadZones } from './zone-threads.ts';

export interface ServeOptions {
  readonly config?: string;
  readonly listen?: readonly Endpoint[];
  readonly zone?: readonly ZoneSource[];
  readonly zoneDir?: readonly string[];
  readonly recursion?: boolean;
  readonly rootHints?: string;
  readonly upstreamPort?: number;
  readonly allow?: readonly AddressPrefix[];
  readonly any?: AnyPolicy;
  readonly minimalResponses: boolean;
  readonly rotate?: boolean;
  readonly id?: string;
  readonly versionText?: string;
  readonly explainAllow?: readonly AddressPrefix[];
  readonly control?: string;
  readonly cacheFile?: string;
  readonly queryLog?: string;
  readonly io?: UdpIo;
  readonly workers?: number;
  readonly logLevel?: LogLevel;
}

export async function serve(options: ServeOptions): Promise<number> {
  compileSoon();
  const config = await effectiveConfig(options);
  refuseIdleOptions(options, config.recursion === true);
  const sources = await zoneSources(config);
  const isEmpty = sources.length === 0 && (config.secondaries ?? []).length === 0;
  if (config.recursion !== true && isEmpty) {
    throw new CommandError('nothing to serve: give --zone FILE, --recursion, or both');
  }
  const logger = await createLogger(config.logLevel ?? 'info');
  const runtime = createRealRuntime({ logger, udp: config.io ? { io: config.io } : {} });
  const { clock } = runtime;
  const startedAtMs = clock.monotonic();
  const inclusions = new ZoneInclusions();
  const onProgress = loadProgress(sources.length, { clock, logger });
  const zones = await loadZones(sources, { inclusions, onProgress });
  logWarnings(logger, zones);
  const reload: RunContext['reload'] = async () => {
    // Whoever has moved it away waits for nothing else.
    server.reopenQueryLog();
    const isFromFile = options.config !== undefined;
    const reloaded = isFromFile ? await configs.reload() : success(NOTHING_CHANGED);
    // Zones after it: which files there are may have changed.
    live.reload();
    return reloaded;
  };
  const server = await start({ config, zones, runtime, logger, startedAtMs, reload });
  const configs = new LiveConfig(config, {
    read: () => effectiveConfig(options),
    apply(next) {
      logger.level = next.logLevel ?? 'info';
      server.reconfigure(next);
    },
    logger,
  });
  const listSources = (): Promise<readonly ZoneSource[]> => zoneSources(configs.current);
  const keep: Running['keep'] = (zone) => server.keep(zone);
  const served = { sources, zones: server.zones, listSources, keep };
  const live = new LiveZones([served], { inclusions, clock, logger });
  const kept = keptCache(config, server, logger);
  const closeControl = await openBesides(config, server, { kept, logger }).catch(
    async (error: unknown) => {
      // Everything or nothing: a server that only half started must not go on answering.
      live.stop();
      await server.close();
      throw error;
    },
  );
  const stopped = runUntilStopped({
    async stop() {
      logger.info({}, 'stopping: answering what is in flight');
      live.stop();
      await closeControl?.();
      // Workers take their caches with them.
      if (kept) await saveCacheFile(kept);
      await server.close();
      logger.info({}, 'stopped');
    },
    reload: () => void reload(),
  });
  // Only now: whoever reads 'ready' may send a signal at once.
  logReady(logger, config, server);
  return stopped;
}

/** What a running server has beside its listeners. Returns what closes the control socket. */
async function openBesides(
  { control }: Config,
  { handle }: Running,
  { kept, logger }: { readonly kept: KeptCache | undefined; readonly logger: Logger },
): Promise<(() => Promise<void>) | undefined> {
  if (kept) await loadCacheFile(kept);
  return control === undefined ? undefined : openControl(control, handle, logger);
}

/** The file, and above it the command line. */
async function effectiveConfig(options: ServeOptions): Promise<Config> {
  const given = configOf(options);
  if (options.config === undefined) return given;
  // What reads YAML takes longer to load than all of the rest, and most servers do without.
  const { readConfig } = await import('./config/file.ts');
  return overlay(await readConfig(options.config), given);
}

/** Undefined when there is no cache, or nowhere to keep it. */
function keptCache(
  { cacheFile: file, recursion }: Config,
  { handle }: Running,
  logger: Logger,
): KeptCache | undefined {
  return file === undefined || recursion !== true ? undefined : { file, handle, logger };
}

/** Files of now: folders may have others later. */
async function zoneSources({ zones = [], zoneFolders = [] }: Config): Promise<ZoneSource[]> {
  const folders = await Promise.all(zoneFolders.map(zonesInFolder));
  return [...zones.map(({ file, origin }) => ({ file, origin })), ...folders.flat()];
}

function logReady(
  logger: Logger,
  { recursion = false, workers = 1 }: Config,
  { endpoints, zones }: Running,
): void {
  const fields = {
    listening: endpoints.map(formatEndpoint),
    zones: zones.size,
    recursion,
    ...(workers > 1 && { workers }),
  };
  logger.info(fields, 'ready');
}

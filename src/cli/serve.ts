/** `ts-dns serve`: an authoritative server, a resolver, or both, until a signal ends it. */

import type { AnyPolicy } from '../app/route.ts';
import {
  startSystem,
  type AnswerOptions,
  type RecursionOptions,
  type System,
  type SystemOptions,
} from '../app/system.ts';
import { formatEndpoint } from '../net/address.ts';
import type { Logger } from '../net/logger.ts';
import type { Endpoint, Random } from '../net/ports.ts';
import { addressesBehind } from '../net/real/own-addresses.ts';
import { createRealRuntime, type UdpIo } from '../net/real/runtime.ts';
import { randomCookieSecret, type ClientOptions } from '../query/clients.ts';
import { LOOPBACK_PREFIXES, type AddressPrefix } from '../query/address-prefix.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { rootHints } from '../resolver/root-hints.ts';
import { loadCacheFile, saveCacheFile, type KeptCache } from './cache-file.ts';
import type { Config } from './config/config.ts';
import { configOf, overlay } from './config/overlay.ts';
import { openControl, type ControlOptions } from './control.ts';
import { CommandError } from './failure.ts';
import { createLogger, type LogLevel } from './logger.ts';
import { DNS_PORT, type ZoneSource } from './options.ts';
import { refuseIdleOptions } from './idle-options.ts';
import { LiveConfig } from './live-config.ts';
import { loadProgress } from './load-progress.ts';
import { LiveZones } from './reload.ts';
import { readHints } from './root-hints-file.ts';
import { runUntilStopped } from './signals.ts';
import { startWorkers } from './workers.ts';
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
  readonly io?: UdpIo;
  readonly workers?: number;
  readonly logLevel?: LogLevel;
}

const DEFAULT_LISTEN: readonly Endpoint[] = [{ address: '127.0.0.1', port: DNS_PORT }];

export async function serve(options: ServeOptions): Promise<number> {
  const config = await effectiveConfig(options);
  refuseIdleOptions(options, config.recursion === true);
  const sources = await zoneSources(config);
  if (config.recursion !== true && sources.length === 0) {
    throw new CommandError('nothing to serve: give --zone FILE, --recursion, or both');
  }
  const logger = await createLogger(config.logLevel ?? 'info');
  const runtime = createRealRuntime({ logger, udp: config.io ? { io: config.io } : {} });
  const { clock } = runtime;
  const startedAtMs = clock.monotonic();
  refuseForWorkers(config);
  const inclusions = new ZoneInclusions();
  const onProgress = loadProgress(sources.length, { clock, logger });
  const zones = await loadZones(sources, { inclusions, onProgress });
  logWarnings(logger, zones);
  const listen = config.listen ?? DEFAULT_LISTEN;
  const { workers: count = 1 } = config;
  const context = { listen, zones, logger, clock };
  const own =
    count > 1
      ? undefined
      : await startSystem({ ...(await systemOptions(config)), runtime, logger, listen, zones });
  const system =
    own ??
    (await startWorkers({ ...context, count, config: withCookieSecret(config, runtime.random) }));
  const configs = new LiveConfig(config, {
    read: () => effectiveConfig(options),
    apply({ logLevel = 'info', access = {} }) {
      logger.level = logLevel;
      const { recursion: recurse = LOOPBACK_PREFIXES, refuse = [], drop = [] } = access;
      if (own) own.replaceAccess({ recurse, refuse, drop });
      else logger.warn({}, 'workers keep their access lists and log level until a restart');
    },
    logger,
  });
  const listSources = (): Promise<readonly ZoneSource[]> => zoneSources(configs.current);
  const served = { sources, zones: system.zones, listSources };
  const live = new LiveZones([served], { inclusions, clock, logger });
  const { control, cacheFile } = config;
  const kept = keptCache(cacheFile, own?.resolver, { clock, logger });
  const reload = (): void => {
    const isFromFile = options.config !== undefined;
    // Zones after it: which files there are may have changed.
    void (isFromFile ? configs.reload() : Promise.resolve()).then(() => live.reload());
  };
  const machine = { system: own, clock, logger, startedAtMs, reload };
  const closeControl = await openBesides(kept, control, machine).catch(async (error: unknown) => {
    // Everything or nothing: a server that only half started must not go on answering.
    live.stop();
    await system.close();
    throw error;
  });
  const stopped = runUntilStopped({
    async stop() {
      logger.info({}, 'stopping: answering what is in flight');
      live.stop();
      await closeControl?.();
      await system.close();
      if (kept) await saveCacheFile(kept);
      logger.info({}, 'stopped');
    },
    reload,
  });
  // Only now: whoever reads 'ready' may send a signal at once.
  logReady(logger, config, system);
  return stopped;
}

/** What a running server has beside its listeners. Returns what closes the control socket. */
async function openBesides(
  kept: KeptCache | undefined,
  path: string | undefined,
  { system, ...machine }: BesideMachine,
): Promise<(() => Promise<void>) | undefined> {
  if (kept) await loadCacheFile(kept);
  return path === undefined || !system ? undefined : openControl({ path, system, ...machine });
}

interface BesideMachine extends Omit<ControlOptions, 'path' | 'system'> {
  /** Undefined: the system is in several workers. */
  readonly system: System | undefined;
}

/** What would have to speak of several caches at once, or share ports that dgram cannot. */
function refuseForWorkers({ workers = 1, io, control, cacheFile }: Config): void {
  if (workers === 1) return;
  if (io === 'dgram') {
    throw new CommandError('workers share their ports, which takes batched UDP: leave out --io');
  }
  if (control !== undefined || cacheFile !== undefined) {
    throw new CommandError('a control socket and a cache file are for one worker and its cache');
  }
}

/** What a configuration says of a system, wherever it runs: here, or in each worker. */
export async function systemOptions(
  config: Config,
): Promise<Omit<SystemOptions, 'runtime' | 'logger' | 'listen' | 'zones'>> {
  const recursion = config.recursion === true ? await recursionOptions(config) : undefined;
  const { explain } = config.access ?? {};
  return {
    ...(recursion && { recursion }),
    answers: answerOptions(config),
    identity: config.identity ?? {},
    ...(explain && { explainAllow: explain }),
    clients: clientOptions(config),
    ...(config.clients?.tcp && { tcp: config.clients.tcp }),
  };
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
  file: string | undefined,
  resolver: Resolver | undefined,
  { clock, logger }: Pick<KeptCache, 'clock' | 'logger'>,
): KeptCache | undefined {
  return file === undefined || !resolver ? undefined : { file, resolver, clock, logger };
}

/** Files of now: folders may have others later. */
async function zoneSources({ zones = [], zoneFolders = [] }: Config): Promise<ZoneSource[]> {
  const folders = await Promise.all(zoneFolders.map(zonesInFolder));
  return [...zones.map(({ file, origin }) => ({ file, origin })), ...folders.flat()];
}

/** A cookie that one worker made has to be good with all of them. */
function withCookieSecret(config: Config, random: Random): Config {
  const { clients } = config;
  if (clients?.cookieSecrets) return config;
  return { ...config, clients: { ...clients, cookieSecrets: [randomCookieSecret(random)] } };
}

function clientOptions({ access, clients }: Config): ClientOptions {
  const { refuse = [], drop = [] } = access ?? {};
  const { cookies = 'answer', cookieSecrets, rateLimit = {}, lateReplies = {} } = clients ?? {};
  const secrets = cookieSecrets && { cookieSecrets };
  return { refuse, drop, cookies, rate: rateLimit, late: lateReplies, ...secrets };
}

function answerOptions({ answers }: Config): AnswerOptions {
  const { any, minimal = true, rotate = false } = answers ?? {};
  return { isMinimal: minimal, rotate, ...(any && { any }) };
}

function logReady(
  logger: Logger,
  { recursion = false, workers = 1 }: Config,
  { endpoints, zones }: Pick<System, 'endpoints' | 'zones'>,
): void {
  const fields = {
    listening: endpoints.map(formatEndpoint),
    zones: zones.size,
    recursion,
    ...(workers > 1 && { workers }),
  };
  logger.info(fields, 'ready');
}

async function recursionOptions(config: Config): Promise<RecursionOptions> {
  const { rootHints: file, cache, ...options } = config.resolver ?? {};
  const { upstreamPort = DNS_PORT, allowLoopback, doNotQuery = [] } = options;
  // Asking an own address would be asking ourselves only where we listen on the port asked.
  const own = (config.listen ?? DEFAULT_LISTEN)
    .filter(({ port }) => port === upstreamPort)
    .flatMap(({ address }) => addressesBehind(address));
  return {
    // A root of one's own may delegate names that mean nothing in the internet's; that addresses
    // are private is no matter of the root.
    specialUse: file === undefined,
    ...options,
    allow: config.access?.recursion ?? LOOPBACK_PREFIXES,
    rootHints: file === undefined ? rootHints : await readHints(file),
    doNotQuery: [...doNotQuery, ...own],
    // Hints that a person wrote may name this machine (a test network); a zone never may.
    allowLoopback: allowLoopback ?? file !== undefined,
    upstreamPort,
    ...(cache && { cacheLimits: cache }),
  };
}

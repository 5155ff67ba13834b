/** `ts-dns serve`: an authoritative server, a resolver, or both, until a signal ends it. */

import { startSystem, type RecursionOptions, type System } from '../app/system.ts';
import { formatEndpoint } from '../net/address.ts';
import type { Logger } from '../net/logger.ts';
import type { Endpoint } from '../net/ports.ts';
import { createRealRuntime } from '../net/real/runtime.ts';
import { LOOPBACK_PREFIXES, type AddressPrefix } from '../query/address-prefix.ts';
import { rootHints } from '../resolver/root-hints.ts';
import { CommandError } from './failure.ts';
import { createLogger, type LogLevel } from './logger.ts';
import { DNS_PORT, type ZoneSource } from './options.ts';
import { reloadZones } from './reload.ts';
import { readHints } from './root-hints-file.ts';
import { runUntilStopped } from './signals.ts';
import { logWarnings, readZones } from './zone-files.ts';

export interface ServeOptions {
  readonly listen?: readonly Endpoint[];
  readonly zone?: readonly ZoneSource[];
  readonly recursion?: boolean;
  readonly rootHints?: string;
  readonly upstreamPort?: number;
  readonly allow?: readonly AddressPrefix[];
  readonly logLevel: LogLevel;
}

const DEFAULT_LISTEN: readonly Endpoint[] = [{ address: '127.0.0.1', port: DNS_PORT }];

export async function serve(options: ServeOptions): Promise<number> {
  const sources = options.zone ?? [];
  if (options.recursion !== true && sources.length === 0) {
    throw new CommandError('nothing to serve: give --zone FILE, --recursion, or both');
  }
  const logger = await createLogger(options.logLevel);
  const zones = await readZones(sources);
  logWarnings(logger, zones);
  const recursion = options.recursion === true ? await recursionOptions(options) : undefined;
  const system = await startSystem({
    runtime: createRealRuntime({ logger }),
    logger,
    listen: options.listen ?? DEFAULT_LISTEN,
    zones,
    ...(recursion && { recursion }),
  });
  const stopped = runUntilStopped({
    async stop() {
      logger.info({}, 'stopping: answering what is in flight');
      await system.close();
      logger.info({}, 'stopped');
    },
    reload: () => void reloadZones(sources, system.zones, logger),
  });
  // Only now: whoever reads 'ready' may send a signal at once.
  logReady(logger, system);
  return stopped;
}

function logReady(logger: Logger, system: System): void {
  const fields = {
    listening: system.endpoints.map(formatEndpoint),
    zones: system.zones.size,
    recursion: system.resolver !== undefined,
  };
  logger.info(fields, 'ready');
}

async function recursionOptions(options: ServeOptions): Promise<RecursionOptions> {
  const { rootHints: file, upstreamPort, allow = LOOPBACK_PREFIXES } = options;
  const own = (options.listen ?? DEFAULT_LISTEN).map(({ address }) => address);
  return {
    allow,
    rootHints: file === undefined ? rootHints : await readHints(file),
    doNotQuery: own,
    // Hints that a person wrote may name this machine (a test network); a zone never may.
    allowLoopback: file !== undefined,
    ...(upstreamPort !== undefined && { upstreamPort }),
  };
}

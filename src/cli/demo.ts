/**
 * `ts-dns demo`: the embedded internet out of a folder of zone files. `internet.json` there says
 * which server has which address and zones. Editing a zone file while it runs reloads it.
 */

import { join } from 'node:path';
import { startInternet, type Internet, type InternetServer } from '../app/internet.ts';
import { formatEndpoint } from '../net/address.ts';
import { BindError } from '../net/errors.ts';
import { createRealRuntime } from '../net/real/runtime.ts';
import { CommandError } from './failure.ts';
import { readInternetMap, type InternetMap } from './internet-map.ts';
import { createLogger, type LogLevel } from './logger.ts';
import type { ZoneSource } from './options.ts';
import { LiveZones, type ServedZones } from './reload.ts';
import { readHints } from './root-hints-file.ts';
import { runUntilStopped } from './signals.ts';
import { logWarnings, readZones } from './zone-files.ts';
import { ZoneInclusions } from './zone-inclusions.ts';

export interface DemoOptions {
  /** The folder of the zone files and their map. */
  readonly zones: string;
  /** Instead of the port in the map. */
  readonly port?: number;
  readonly logLevel: LogLevel;
}

export async function demo(options: DemoOptions): Promise<number> {
  const logger = await createLogger(options.logLevel);
  const map = await readInternetMap(options.zones);
  const port = options.port ?? map.port;
  const inclusions = new ZoneInclusions();
  const sources = map.servers.map(({ zones }) => sourcesOf(zones, options.zones));
  const servers = map.servers.map(({ name, address }, i): InternetServer => {
    const zones = readZones(sources[i]!, { inclusions });
    logWarnings(logger, zones);
    return { name, address, zones };
  });
  const rootHints = await readHints(join(options.zones, map.rootHints));
  const runtime = createRealRuntime({ logger });
  const { resolver } = map;
  const starting = startInternet({ runtime, logger, port, resolver, rootHints, servers });
  const internet = await starting.catch(explainBindError);
  introduce(map, { ...options, port }, internet);
  const served = internet.authorities.map(({ zones }, i): ServedZones => ({
    sources: sources[i]!,
    zones,
  }));
  const live = new LiveZones(served, { inclusions, clock: runtime.clock, logger });
  const stopped = runUntilStopped({
    async stop() {
      live.stop();
      await internet.close();
      logger.info({}, 'stopped');
    },
    reload: () => live.reload(),
  });
  logger.info({ listening: internet.resolver.endpoints.map(formatEndpoint) }, 'ready');
  return stopped;
}

function sourcesOf(files: readonly string[], folder: string): readonly ZoneSource[] {
  return files.map((file) => ({ file: join(folder, file), origin: undefined }));
}

/** Off Linux, only 127.0.0.1 of the loopback network is usually there. */
function explainBindError(error: unknown): never {
  if (!(error instanceof BindError) || !error.message.includes('not available')) throw error;
  const advice =
    process.platform === 'darwin'
      ? 'add it with: sudo ifconfig lo0 alias ADDRESS up (each of 127.0.0.2 to 127.0.0.21)'
      : 'the embedded internet needs the addresses 127.0.0.2 and up on the loopback interface';
  throw new CommandError(`${error.message}\n${advice}`, { cause: error });
}

function introduce(
  map: InternetMap,
  options: DemoOptions & { readonly port: number },
  internet: Internet,
): void {
  const lines = map.servers.map(({ name, address, zones }, i) => {
    const origins = [...(internet.authorities[i]?.zones ?? [])].map((zone) =>
      zone.origin.toString(),
    );
    const place = `${address}:${options.port}`.padEnd(18);
    return `  ${place} ${name.padEnd(28)} ${origins.join(' ') || zones.join(' ')}`;
  });
  const at = `@${map.resolver} -p ${options.port}`;
  process.stdout.write(
    [
      `An internet of ${map.servers.length} name servers out of ${options.zones}:`,
      ...lines,
      `  ${`${map.resolver}:${options.port}`.padEnd(18)} the resolver, which walks from the root`,
      '',
      'Try in another shell:',
      `  bin/ts-dig ${at} engineering.nyu.com ANY`,
      `  bin/ts-dig ${at} www.example.com +trace`,
      `  host -p ${options.port} google.com ${map.resolver}`,
      'Edit a zone file and ask again: it is reloaded at once, but caches keep what they have.',
      '',
      '',
    ].join('\n'),
  );
}

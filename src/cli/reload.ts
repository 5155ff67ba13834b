/**
 * Reloading zone files into a running server. A file that is no zone any more is reported, and the
 * version that was loaded before keeps serving.
 */

import type { ZoneSet } from '../authority/zone-set.ts';
import type { Logger } from '../net/logger.ts';
import type { Zone } from '../zone/zone.ts';
import { CommandError } from './failure.ts';
import type { ZoneSource } from './options.ts';
import { logWarnings, readZone } from './zone-files.ts';

/** Reads every source again; logs one line a zone. Never rejects. */
export async function reloadZones(
  sources: readonly ZoneSource[],
  zones: ZoneSet,
  logger: Logger,
): Promise<void> {
  for (const source of sources) await reloadZone(source, zones, logger);
}

async function reloadZone(source: ZoneSource, zones: ZoneSet, logger: Logger): Promise<void> {
  try {
    const zone = await readZone(source);
    const before = zones.get(zone.origin);
    zones.put(zone);
    logWarnings(logger, [zone]);
    logReload(zone, { before, file: source.file, logger });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const fields = { file: source.file, problem: error.message };
    logger.error(fields, 'zone not reloaded: the version loaded before keeps serving');
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

/** Zone files from disk: read, parsed, and every fault of theirs said at once. */

import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { normalize } from 'node:path';
import type { Logger } from '../net/logger.ts';
import type { Result } from '../wire/result.ts';
import { masterFileLimits } from '../zone/master-file.ts';
import type { MasterFileOptions } from '../zone/master-file.ts';
import { formatProblem, type ZoneProblem } from '../zone/problem.ts';
import { loadZone, type Zone } from '../zone/zone.ts';
import { FileReader } from './file-reader.ts';
import { CommandError, failureReason, fileFailure } from './failure.ts';
import type { ZoneSource } from './options.ts';
import type { ZoneInclusions } from './zone-inclusions.ts';

/** A file that is no zone: its message holds every problem with place, line and caret. */
class ZoneFileError extends CommandError {
  readonly problems: readonly ZoneProblem[];

  constructor(file: string, problems: readonly ZoneProblem[]) {
    const count = problems.length === 1 ? 'one error' : `${problems.length} errors`;
    super([...problems.map(formatProblem), `${file}: not loaded because of ${count}`].join('\n'));
    this.problems = problems;
  }
}

/** Throws `CommandError` when the file cannot be read, `ZoneFileError` when it is no zone. */
export async function readZone(source: ZoneSource, inclusions?: ZoneInclusions): Promise<Zone> {
  return zoneFrom(await readOctets(source.file), source, inclusions);
}

export interface LoadContext {
  readonly inclusions?: ZoneInclusions;
  /** Called after each file with the number of those that are done. */
  readonly onProgress?: (done: number) => void;
}

/**
 * All zones, or the faults of all files together. Nothing is served yet, so files are read one
 * after the other into one buffer: the fastest way, and it opens one file at a time.
 */
export function readZones(sources: readonly ZoneSource[], context: LoadContext = {}): Zone[] {
  const reader = new FileReader();
  const zones: Zone[] = [];
  const failures: string[] = [];
  const origins = new Set<string>();
  for (const [i, source] of sources.entries()) {
    try {
      const zone = zoneFrom(reader.read(source.file), source, context.inclusions);
      zones.push(zone);
      if (origins.has(zone.origin.key)) {
        failures.push(`${source.file}: the zone ${zone.origin.toString()} is given twice`);
      }
      origins.add(zone.origin.key);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      failures.push(error.message);
    }
    context.onProgress?.(i + 1);
  }
  reader.close();
  if (failures.length > 0) throw new CommandError(failures.join('\n'));
  return zones;
}

function zoneFrom(
  octets: Uint8Array,
  source: ZoneSource,
  inclusions: ZoneInclusions | undefined,
): Zone {
  const included = new Set<string>();
  const loaded = load(octets, source, included);
  inclusions?.note(source, included, loaded.ok);
  if (!loaded.ok) throw new ZoneFileError(source.file, loaded.error);
  return loaded.value;
}

function load(
  octets: Uint8Array,
  source: ZoneSource,
  included: Set<string>,
): Result<Zone, readonly ZoneProblem[]> {
  const { likelyOrigin } = source;
  const options = masterFileOptions(source, included);
  if (likelyOrigin === undefined) return loadZone(octets, options);
  const likely = loadZone(octets, { ...options, origin: likelyOrigin });
  if (likely.ok) return likely;
  const own = loadZone(octets, options);
  // Of two guesses that fail, the better one finds less to complain of.
  return own.ok || own.error.length < likely.error.length ? own : likely;
}

/** How a master file of the disk is read: `$INCLUDE` finds others there, and `included` tells. */
export function masterFileOptions(
  { file, origin }: ZoneSource,
  included?: Set<string>,
): MasterFileOptions {
  const readInclude = (path: string): Uint8Array | string => {
    included?.add(normalize(path));
    return readRegularFile(path);
  };
  return origin ? { file, origin, readInclude } : { file, readInclude };
}

/** Throws `CommandError`, also for a file larger than a master file may be. */
export async function readOctets(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size <= masterFileLimits.octets) return await readFile(file);
  } catch (error) {
    throw fileFailure(file, error);
  }
  throw new CommandError(`cannot read ${file}: ${TOO_LARGE}`);
}

const TOO_LARGE = `the file is larger than ${masterFileLimits.octets} octets`;

/** Only what is a file: reading a pipe or a device might never end. */
function readRegularFile(path: string): Uint8Array | string {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return 'it is a directory';
    if (!stats.isFile()) return 'it is no regular file';
    return stats.size > masterFileLimits.octets ? TOO_LARGE : readFileSync(path);
  } catch (error) {
    return failureReason(error);
  }
}

export function logWarnings(logger: Logger, zones: Iterable<Zone>): void {
  for (const zone of zones) {
    for (const { file, line, column, message } of zone.warnings) {
      logger.warn({ place: `${file}:${line}:${column}` }, message);
    }
  }
}

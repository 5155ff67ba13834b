/** Zone files from disk: read, parsed, and every fault of theirs said at once. */

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { normalize } from 'node:path';
import type { Logger } from '../net/logger.ts';
import type { Result } from '../wire/result.ts';
import { ImageSlab } from '../zone/image-memory.ts';
import type { ReadInclude } from '../zone/include.ts';
import type { MasterFileOptions } from '../zone/master-file.ts';
import { formatProblem, type ZoneProblem } from '../zone/problem.ts';
import { loadZone, type Zone } from '../zone/zone.ts';
import { FileReader, refusalOf, WITHOUT_WAITING } from './file-reader.ts';
import { CommandError, failureReason, fileFailure } from './failure.ts';
import type { ZoneSource } from './options.ts';
import { originInFileName } from './zone-folder.ts';
import type { ZoneInclusions } from './zone-inclusions.ts';

/** What became of a file; without the names of zones and their methods it can be cloned. */
export type LoadOutcome = (LoadedZone | LoadedImage | LoadFault) & {
  /** The files it includes; undefined when it could not be read itself. */
  readonly included: ReadonlySet<string> | undefined;
};

/** Out of a file, in the thread that read it. */
export type FileOutcome = Exclude<LoadOutcome, { readonly kind: 'image' }>;

interface LoadedZone {
  readonly kind: 'zone';
  readonly zone: Zone;
}

/** A zone on its way from another thread. */
interface LoadedImage extends Pick<Zone, 'image' | 'warnings'> {
  readonly kind: 'image';
}

interface LoadFault {
  readonly kind: 'fault';
  readonly message: string;
}

/** Throws `CommandError` when the file cannot be read or is no zone. */
export async function readZone(source: ZoneSource): Promise<Zone> {
  const outcome = await readOutcome(source);
  if (outcome.kind === 'fault') throw new CommandError(outcome.message);
  return outcome.zone;
}

/** Whatever is wrong with the file is an outcome. */
export async function readOutcome(source: ZoneSource): Promise<FileOutcome> {
  try {
    return outcomeOf(await readOctets(source.file), source);
  } catch (error) {
    return unreadable(error);
  }
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
  const reader = new OutcomeReader();
  const outcomes = sources.map((source, i) => {
    const outcome = reader.read(source);
    context.onProgress?.(i + 1);
    return outcome;
  });
  reader.close();
  return collectZones(sources, outcomes, context.inclusions);
}

/** Loads files of one start, whose zones live together. */
export class OutcomeReader {
  readonly #reader = new FileReader();
  readonly #slab = new ImageSlab();

  /** As `readOutcome`, at once. */
  read(source: ZoneSource): FileOutcome {
    try {
      const octets = this.#reader.read(source.file, source.isRegular);
      return outcomeOf(octets, source, this.#slab);
    } catch (error) {
      return unreadable(error);
    }
  }

  /** Frees what is only needed for reading. */
  close(): void {
    this.#reader.close();
  }
}

function outcomeOf(octets: Uint8Array, source: ZoneSource, slab?: ImageSlab): FileOutcome {
  const reader = new IncludeReader();
  const loaded = load(octets, source, { reader, slab });
  const { included } = reader;
  if (loaded.ok) return { kind: 'zone', zone: loaded.value, included };
  return { kind: 'fault', message: faultOf(source.file, loaded.error), included };
}

/** Every problem with place, line and caret. */
function faultOf(file: string, problems: readonly ZoneProblem[]): string {
  const count = problems.length === 1 ? 'one error' : `${problems.length} errors`;
  return [...problems.map(formatProblem), `${file}: not loaded because of ${count}`].join('\n');
}

function unreadable(error: unknown): FileOutcome {
  if (!(error instanceof CommandError)) throw error;
  return { kind: 'fault', message: error.message, included: undefined };
}

/** Throws the faults in the order of `sources`, whatever the order in which they were found. */
export function collectZones(
  sources: readonly ZoneSource[],
  outcomes: readonly LoadOutcome[],
  inclusions: ZoneInclusions | undefined,
): Zone[] {
  const zones: Zone[] = [];
  const failures: string[] = [];
  /** The file of each origin. */
  const files = new Map<string, string>();
  for (const [i, source] of sources.entries()) {
    const outcome = outcomes[i];
    assert(outcome && outcome.kind !== 'image', 'each file has come to something');
    const isLoaded = outcome.kind === 'zone';
    if (outcome.included) inclusions?.note(source, outcome.included, isLoaded);
    if (!isLoaded) {
      failures.push(outcome.message);
      continue;
    }
    const { zone } = outcome;
    zones.push(zone);
    const other = files.get(zone.origin.key);
    if (other === undefined) files.set(zone.origin.key, source.file);
    else failures.push(`${source.file}: ${givenTwice(zone, other)}`);
  }
  if (failures.length > 0) throw new CommandError(failures.join('\n'));
  return zones;
}

/** The problem of a file whose zone is that of the file `other` as well. */
export function givenTwice({ origin }: Zone, other: string): string {
  return `the zone ${origin.toString()} is given twice: ${other} holds it too`;
}

interface Load {
  readonly reader: IncludeReader;
  readonly slab: ImageSlab | undefined;
}

function load(
  octets: Uint8Array,
  source: ZoneSource,
  { reader, slab }: Load,
): Result<Zone, readonly ZoneProblem[]> {
  const { file, origin } = source;
  const { read: readInclude } = reader;
  const likelyOrigin = source.isNamedByFile === true ? originInFileName(file) : undefined;
  const likely = loadZone(octets, { file, origin: origin ?? likelyOrigin, readInclude, slab });
  if (likely.ok || likelyOrigin === undefined) return likely;
  const own = loadZone(octets, { file, origin, readInclude, slab });
  // Of two guesses that fail, the better one finds less to complain of.
  const isBetter = own.ok || own.error.length < likely.error.length || isOtherZone(likely.error);
  return isBetter ? own : likely;
}

/** The file is called otherwise than the zone in it. */
function isOtherZone(problems: readonly ZoneProblem[]): boolean {
  return problems.some(({ code }) => code === 'wrong-origin');
}

/** How a master file of the disk is read: `$INCLUDE` finds others there. */
export function masterFileOptions({ file, origin }: ZoneSource): MasterFileOptions {
  return { file, origin, readInclude: readIncluded };
}

/** Reads the files that one file includes, and tells which. */
class IncludeReader {
  /** Of thousands of files, most include none. */
  included: ReadonlySet<string> = NOTHING;
  #noted: Set<string> | undefined;

  readonly read: ReadInclude = (path) => {
    this.#noted ??= new Set();
    this.#noted.add(normalize(path));
    this.included = this.#noted;
    return readIncluded(path);
  };
}

const NOTHING: ReadonlySet<string> = new Set();

/** Throws `CommandError`, also for a file larger than a master file may be. */
export async function readOctets(file: string): Promise<Uint8Array> {
  const octets = await readRegularFile(file).catch((error: unknown) => {
    throw fileFailure(file, error);
  });
  if (typeof octets === 'string') throw new CommandError(`cannot read ${file}: ${octets}`);
  return octets;
}

async function readRegularFile(file: string): Promise<Uint8Array | string> {
  const handle = await open(file, WITHOUT_WAITING);
  try {
    return refusalOf(await handle.stat()) ?? (await handle.readFile());
  } finally {
    await handle.close();
  }
}

function readIncluded(path: string): Uint8Array | string {
  try {
    return refusalOf(statSync(path)) ?? readFileSync(path);
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

/**
 * A zone that changes while the server runs, on disk and in memory: every change is on disk before
 * it is told to anybody, and what a crash leaves is a version that was acknowledged, or one after
 * it, never a part of one. What has changed is kept as long as there is room, for IXFR (RFC 1995).
 *
 * Calls that write must not overlap: each zone has one writer.
 */

import { joinOctets } from '../net/join-octets.ts';
import type { Logger } from '../net/logger.ts';
import type { Storage } from '../net/storage.ts';
import type { DnsName } from '../wire/name.ts';
import { recordsOf, type ResourceRecord } from '../wire/record.ts';
import { serialOf, type ZoneDifference } from '../zone/difference.ts';
import { applyTo } from '../zone/edit-zone.ts';
import { ImageBuilder } from '../zone/image-builder.ts';
import { openImage } from '../zone/image.ts';
import type { Zone } from '../zone/zone.ts';
import { encodeEntry, readEntries, type Entry } from './journal-format.ts';

export const journalLimits = {
  /** Of differences kept for secondaries that are behind: on disk, and in memory about as much. */
  historyOctets: 4_194_304,
  /** The file is written anew when more was appended than this, and than the zone itself. */
  appendedOctets: 262_144,
  /** Differences that come to less are given to a secondary, however small the zone is. */
  smallOctets: 16_384,
  /** Of one entry of a base. */
  partOctets: 65_536,
} as const;

export interface JournalContext {
  readonly storage: Storage;
  readonly file: string;
  readonly origin: DnsName;
  readonly logger: Logger;
}

interface Kept {
  readonly difference: ZoneDifference;
  readonly octets: number;
}

export class ZoneJournal {
  readonly #context: JournalContext;
  #zone: Zone | undefined;
  #checkedAtMs: number | undefined;
  #source: string | undefined;
  #history: Kept[] = [];
  #fileOctets = 0;
  #baseOctets = 0;
  /** Behind the base. */
  #appendedOctets = 0;
  /** The end of the file is not as it should be: only writing it anew helps. */
  #isSpoilt = true;

  private constructor(context: JournalContext) {
    this.#context = context;
  }

  /** Rejects with `StorageError` when the file cannot be read; one that is not there is empty. */
  static async open(context: JournalContext): Promise<ZoneJournal> {
    const journal = new ZoneJournal(context);
    const octets = await context.storage.read(context.file);
    if (octets) journal.#restore(octets);
    return journal;
  }

  /** The last version; undefined when there is none. */
  get zone(): Zone | undefined {
    return this.#zone;
  }

  /** By the wall clock. */
  get checkedAtMs(): number | undefined {
    return this.#checkedAtMs;
  }

  /** Of the master file that the zone came from last. */
  get source(): string | undefined {
    return this.#source;
  }

  get octets(): number {
    return this.#fileOctets;
  }

  /** From the version of this serial to that one, oldest first; undefined when it is not known. */
  since(serial: number, to: number): readonly ZoneDifference[] | undefined {
    const start = this.#history.findIndex(({ difference }) => serialOf(difference.from) === serial);
    if (start < 0) return undefined;
    const rest = this.#history.slice(start);
    const end = rest.findIndex(({ difference }) => serialOf(difference.to) === to);
    if (end < 0) return undefined;
    const wanted = rest.slice(0, end + 1);
    // More than the zone itself is better asked for as a zone.
    const octets = wanted.reduce((sum, kept) => sum + kept.octets, 0);
    const most = Math.max(this.#baseOctets, journalLimits.smallOctets);
    return octets > most ? undefined : wanted.map(({ difference }) => difference);
  }

  /**
   * `zone` is the version after `differences`, each of which follows the one before. Rejects with
   * `StorageError`; all is then as it was.
   */
  async append(
    zone: Zone,
    differences: readonly ZoneDifference[],
    more: readonly Entry[] = [],
  ): Promise<void> {
    const entries = differences.map((difference) => {
      return { difference, octets: encodeEntry({ kind: 'difference', difference }) };
    });
    await this.#orAsBefore(() => {
      this.#zone = zone;
      for (const { difference, octets } of entries) this.#keep(difference, octets.length);
      for (const entry of more) this.#note(entry);
      return this.#write([...entries.map(({ octets }) => octets), ...more.map(encodeEntry)]);
    });
  }

  /** The time, by the wall clock, at which there was no newer version. */
  async noteCheck(atMs: number): Promise<void> {
    const entry = { kind: 'checked', atMs: Math.floor(atMs) } as const;
    await this.#orAsBefore(() => {
      this.#note(entry);
      return this.#write([encodeEntry(entry)]);
    });
  }

  /** Puts a version in place of all that was there, its history included. */
  async replace(zone: Zone, more: readonly Entry[]): Promise<void> {
    await this.#orAsBefore(() => {
      this.#zone = zone;
      this.#history = [];
      for (const entry of more) this.#note(entry);
      return this.#rewrite();
    });
  }

  /** What could not be written has not happened. */
  async #orAsBefore(write: () => Promise<void>): Promise<void> {
    const [zone, history] = [this.#zone, this.#history];
    const [checkedAtMs, source] = [this.#checkedAtMs, this.#source];
    this.#history = [...history];
    try {
      await write();
    } catch (error) {
      [this.#zone, this.#history] = [zone, history];
      [this.#checkedAtMs, this.#source] = [checkedAtMs, source];
      throw error;
    }
  }

  #note(entry: Entry): void {
    if (entry.kind === 'checked') this.#checkedAtMs = entry.atMs;
    if (entry.kind === 'source') this.#source = entry.mark;
  }

  /** Appends, or writes all anew where that is due. */
  async #write(parts: readonly Uint8Array[]): Promise<void> {
    const { storage, file, logger } = this.#context;
    const most = Math.max(journalLimits.appendedOctets, this.#baseOctets);
    const isFull = this.#appendedOctets > most;
    if (this.#isSpoilt || isFull) return this.#rewrite();
    const octets = joinOctets(parts);
    try {
      await storage.append(file, octets);
      this.#fileOctets += octets.length;
      this.#appendedOctets += octets.length;
    } catch (error) {
      this.#isSpoilt = true;
      // A part may be there, and what is appended behind it would be lost.
      await storage.truncate(file, this.#fileOctets).then(
        () => (this.#isSpoilt = false),
        (err: unknown) => logger.error({ file, err }, 'a journal is spoilt until it is rewritten'),
      );
      throw error;
    }
  }

  async #rewrite(): Promise<void> {
    const { storage, file } = this.#context;
    const sizes = { all: 0, base: 0 };
    await storage.replace(file, this.#parts(sizes));
    this.#fileOctets = sizes.all;
    this.#baseOctets = sizes.base;
    this.#appendedOctets = 0;
    this.#isSpoilt = false;
  }

  *#parts(sizes: { all: number; base: number }): Generator<Uint8Array> {
    const counted = (entry: Entry): Uint8Array => {
      const octets = encodeEntry(entry);
      sizes.all += octets.length;
      return octets;
    };
    yield counted({ kind: 'head', origin: this.#context.origin });
    for (const { difference } of this.#history) yield counted({ kind: 'difference', difference });
    const beforeBase = sizes.all;
    if (this.#zone) {
      for (const records of inParts(this.#zone)) yield counted({ kind: 'base', records });
      yield counted({ kind: 'base end', count: this.#zone.recordCount });
    }
    sizes.base = sizes.all - beforeBase;
    const [atMs, mark] = [this.#checkedAtMs, this.#source];
    if (atMs !== undefined) yield counted({ kind: 'checked', atMs });
    if (mark !== undefined) yield counted({ kind: 'source', mark });
  }

  /** The oldest give way to the newest. */
  #keep(difference: ZoneDifference, octets: number): void {
    const history = this.#history;
    const last = history.at(-1)?.difference;
    if (last && serialOf(last.to) !== serialOf(difference.from)) history.length = 0;
    history.push({ difference, octets });
    let sum = history.reduce((before, kept) => before + kept.octets, 0);
    while (sum > journalLimits.historyOctets) sum -= history.shift()!.octets;
  }

  #restore(octets: Uint8Array): void {
    const { origin, file, logger } = this.#context;
    const replay = new Replay(origin);
    let end = 0;
    let baseEnd = 0;
    for (const read of readEntries(octets)) {
      const flaw = replay.take(read.entry);
      if (flaw !== undefined) {
        logger.error({ file, problem: flaw, at: end }, 'a journal does not fit together');
        // What did not fit may have been put into the zone by half.
        this.#history = [];
        this.#restore(octets.subarray(0, end));
        this.#isSpoilt = true;
        return;
      }
      if (read.entry.kind === 'difference') {
        this.#keep(read.entry.difference, read.end - end);
      } else this.#note(read.entry);
      end = read.end;
      if (read.entry.kind === 'base end') baseEnd = end;
    }
    this.#zone = replay.finish();
    this.#fileOctets = end;
    this.#baseOctets = replay.baseOctets;
    this.#appendedOctets = end - baseEnd;
    if (end < octets.length) {
      const fields = { file, octets: octets.length - end };
      logger.warn(fields, 'the end of a journal was torn, and was never acknowledged');
    }
    // The torn end goes when the file is written next.
    this.#isSpoilt = end < octets.length || this.#zone === undefined;
  }
}

/** Puts the last version together out of entries. */
class Replay {
  baseOctets = 0;
  readonly #origin: DnsName;
  #builder: ImageBuilder | undefined;
  #isWhole = false;

  constructor(origin: DnsName) {
    this.#origin = origin;
  }

  /** What is wrong. */
  take(entry: Entry): string | undefined {
    switch (entry.kind) {
      case 'head': {
        const found = entry.origin.toString();
        return entry.origin.equals(this.#origin) ? undefined : `it is of the zone ${found}`;
      }
      case 'base':
        return this.#add(entry.records);
      case 'base end':
        this.#isWhole = this.#builder?.recordCount === entry.count;
        return this.#isWhole ? undefined : `expected ${entry.count} records`;
      case 'difference':
        // Before the base: history alone.
        return this.#isWhole ? applyTo(this.#builder!, entry.difference) : undefined;
      case 'checked':
      case 'source':
        return undefined;
    }
  }

  finish(): Zone | undefined {
    const builder = this.#builder;
    if (!builder) return undefined;
    try {
      return this.#isWhole ? openImage(builder.finish(), { origin: this.#origin }) : undefined;
    } finally {
      builder.discard();
    }
  }

  #add(records: readonly ResourceRecord[]): string | undefined {
    this.#builder ??= new ImageBuilder(this.#origin);
    for (const record of records) {
      this.baseOctets += record.name.wire.length + 8 + record.rdata.length;
      if (this.#builder.insert(record).kind !== 'added') return 'a record stands twice';
    }
    return undefined;
  }
}

function* inParts(zone: Zone): Generator<readonly ResourceRecord[]> {
  let part: ResourceRecord[] = [];
  let octets = 0;
  for (const rrset of zone.rrsets()) {
    for (const record of recordsOf(rrset)) {
      part.push(record);
      octets += record.name.wire.length + 8 + record.rdata.length;
      if (octets < journalLimits.partOctets) continue;
      yield part;
      [part, octets] = [[], 0];
    }
  }
  if (part.length > 0) yield part;
}

/**
 * Records on their way from a master file into a zone's image: waits until the origin is known,
 * checks each record where it is put, and the zone when it is whole.
 */

import { RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { ImageBuilder } from './image-builder.ts';
import { ImageLimitError, type ImageSlab } from './image-memory.ts';
import { openImage } from './image.ts';
import type { LocatedRecord, RecordSink } from './master-file.ts';
import type { PlainTarget } from './plain-lines.ts';
import type { ProblemLog, ZoneProblem } from './problem.ts';
import type { Insertion } from './tree-builder.ts';
import { TreeToCheck } from './tree-to-check.ts';
import { checkTree, insertChecked } from './zone-checks.ts';
import type { Zone } from './zone.ts';

export interface AssemblyOptions {
  /** Undefined: the owner of the first SOA record. */
  readonly origin: DnsName | undefined;
  readonly fileOctets: number;
  /** Where the image goes if it is small. */
  readonly slab: ImageSlab | undefined;
}

interface Growing extends PlainTarget {
  readonly origin: DnsName;
}

export class ZoneAssembly implements RecordSink {
  readonly #log: ProblemLog;
  readonly #fileOctets: number;
  readonly #slab: ImageSlab | undefined;
  #zone: Growing | undefined;
  /** Records before the one that says the origin. */
  #waiting: LocatedRecord[] = [];
  /** Errors that are not the reader's. */
  #ownErrors = 0;
  #lastLine = 1;
  /** Records outside a zone whose origin was given. If there are no others, it is wrong. */
  readonly #strangers: LocatedRecord[] = [];
  readonly #isOriginGiven: boolean;

  constructor(log: ProblemLog, { origin, fileOctets, slab }: AssemblyOptions) {
    this.#isOriginGiven = origin !== undefined;
    this.#log = log;
    this.#fileOctets = fileOctets;
    this.#slab = slab;
    if (origin !== undefined) this.#begin(origin);
  }

  get plain(): PlainTarget | undefined {
    return this.#zone;
  }

  push(record: LocatedRecord): void {
    if (this.#zone === undefined) {
      this.#waiting.push(record);
      if (record.type === RRType.SOA) this.#beginWithWaiting(record.name);
      return;
    }
    this.#lastLine = record.line;
    const isStranger = this.#isOriginGiven && !record.name.isSubdomainOf(this.#zone.origin);
    if (isStranger) this.#strangers.push(record);
    else this.#insert(record, this.#zone.builder);
  }

  /** A SOA record that is wrong still says of which zone, so that the others can be judged. */
  lose(name: DnsName, type: number): void {
    if (this.#zone === undefined && type === RRType.SOA) this.#beginWithWaiting(name);
  }

  /** The zone of what `read` pushes; undefined when that makes none, and the log says why. */
  zoneFrom(read: () => void): Zone | undefined {
    try {
      read();
      return this.#finish();
    } catch (error) {
      if (!(error instanceof ImageLimitError)) throw error;
      const place = this.#log.placeOfLine(this.#lastLine);
      this.#log.error(place, `expected ${error.message}`, 'zone-too-large');
      return undefined;
    } finally {
      this.#zone?.builder.discard();
    }
  }

  #begin(origin: DnsName): void {
    const builder = new ImageBuilder(origin, { fileOctets: this.#fileOctets });
    const refused = (record: LocatedRecord, insertion: Insertion): void =>
      this.#insert(record, { insert: () => insertion });
    this.#zone = { origin, builder, refused };
  }

  #beginWithWaiting(origin: DnsName): void {
    this.#begin(origin);
    for (const early of this.#waiting) this.push(early);
    this.#waiting = [];
  }

  #insert(record: LocatedRecord, builder: Parameters<typeof insertChecked>[0]): void {
    const before = this.#log.errorCount;
    insertChecked(builder, record, { origin: this.#zone!.origin, log: this.#log });
    this.#ownErrors += this.#log.errorCount - before;
  }

  #finish(): Zone | undefined {
    const log = this.#log;
    // With syntax errors records are missing, so only what is there can be judged.
    const isComplete = log.errorCount === this.#ownErrors;
    if (this.#strangers.length > 0) {
      if (isComplete && this.#zone?.builder.recordCount === 0) return this.#refuseOrigin();
      for (const record of this.#strangers) this.#insert(record, this.#zone!.builder);
    }
    if (this.#zone === undefined) {
      if (isComplete) this.#missSoa(', found none in the file');
      return undefined;
    }
    const { origin, builder } = this.#zone;
    const { notable, tree } = builder;
    if (tree.find(tree.apex, RRType.SOA) === 0) {
      if (isComplete) this.#missSoa(` at ${origin.toString()}, found none`);
      return undefined;
    }
    if (isComplete) {
      checkTree(new TreeToCheck(tree, { origin, notable }), { origin, log });
    }
    if (log.hasErrors) return undefined;
    return openImage(builder.finish(this.#slab), { origin, warnings: warningsOf(log) });
  }

  /** One error in place of one for each record. */
  #refuseOrigin(): undefined {
    const soa = this.#strangers.find(({ type }) => type === RRType.SOA);
    const meant = soa && `: did you mean ${soa.name.toString()}, where its SOA record is?`;
    const origin = this.#zone!.origin.toString();
    const message = `no record of this file is at or below ${origin}${meant ?? ''}`;
    const { line } = soa ?? this.#strangers[0]!;
    this.#log.error(this.#log.placeOfLine(line), message, 'wrong-origin');
  }

  #missSoa(where: string): void {
    this.#log.error(this.#log.placeOfLine(1), `expected a SOA record${where}`, 'soa-missing');
  }
}

/** Undefined when there are none. */
function warningsOf(log: ProblemLog): readonly ZoneProblem[] | undefined {
  const { warnings } = log;
  return warnings.length === 0 ? undefined : warnings;
}

/** How a check says what it found: at a record or a field of it, under a stable code. */

import { RRType } from '../../wire/iana.ts';
import type { RecordField } from '../field-place.ts';
import type { LocatedRecord } from '../master-file.ts';
import type { Place, ProblemLog } from '../problem.ts';
import type { ZoneIndex } from './zone-index.ts';

export interface CheckContext {
  readonly index: ZoneIndex;
  readonly report: Report;
  /** False when records could not be read: what seems to be missing may be among them. */
  readonly isComplete: boolean;
}

export class Report {
  readonly #log: ProblemLog;

  constructor(log: ProblemLog) {
    this.#log = log;
  }

  error(at: Whereabouts, code: string, message: string): void {
    this.#log.error(this.#placeOf(at, 'error'), message, code);
  }

  warning(at: Whereabouts, code: string, message: string): void {
    this.#log.warning(this.#placeOf(at, 'warning'), message, code);
  }

  #placeOf({ line, field }: Whereabouts, severity: 'error' | 'warning'): Place {
    // Nobody sees the place of a problem that is only counted, and fields take time to find.
    if (field === undefined || !this.#log.keeps(severity)) return this.#log.placeOfLine(line);
    return this.#log.placeOfField(line, field);
  }
}

/** A record, or a field of one. */
export interface Whereabouts {
  readonly line: number;
  readonly field?: RecordField;
}

export function fieldOf({ line }: LocatedRecord, field: RecordField): Whereabouts {
  return { line, field };
}

/** The name that the record points to. */
export function targetFieldOf(record: LocatedRecord): Whereabouts {
  return fieldOf(record, TARGET_FIELDS.get(record.type) ?? 0);
}

const TARGET_FIELDS: ReadonlyMap<number, number> = new Map([
  [RRType.MX, 1],
  [RRType.SRV, 3],
]);

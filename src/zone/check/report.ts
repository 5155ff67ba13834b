/** How a check says what it found: at a record or a field of it, under a stable code. */

import { RRType } from '../../wire/iana.ts';
import type { RecordField } from '../field-place.ts';
import type { LocatedRecord } from '../master-file.ts';
import type { ProblemLog } from '../problem.ts';
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
    this.#log.error(this.#log.placeOfProblem(at.line, 'error', at.field), message, code);
  }

  warning(at: Whereabouts, code: string, message: string): void {
    this.#log.warning(this.#log.placeOfProblem(at.line, 'warning', at.field), message, code);
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

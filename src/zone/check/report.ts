/** How a check says what it found: at a record, under a stable code. */

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

  error({ line }: LocatedRecord, code: string, message: string): void {
    this.#log.error(this.#log.placeOfLine(line), message, code);
  }

  warning({ line }: LocatedRecord, code: string, message: string): void {
    this.#log.warning(this.#log.placeOfLine(line), message, code);
  }
}

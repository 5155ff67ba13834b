/** Counts what a change of leaders costs: who stood, who led, and for how long nobody did. */

import { readNote } from '../agreement/raft/raft-notes.ts';
import type { Meter } from '../experiment/experiment.ts';
import type { Measurement, Measurements } from '../experiment/prediction.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';

export class TermMeter implements Meter {
  #elections = 0;
  #leaders = 0;
  #highestTerm = 0;
  #leader: NodeId | undefined;
  #lostAtNs = 0;
  readonly #downtimesNs: number[] = [];

  observe(event: TraceEvent): void {
    if (event.kind === 'crash' && event.node === this.#leader) {
      this.#leader = undefined;
      this.#lostAtNs = event.atNs;
    }
    const note = readNote(event);
    if (note?.kind === 'stands') this.#elections += 1;
    if (note?.kind !== 'leads') return;
    if (this.#leaders > 0 && this.#leader === undefined) {
      this.#downtimesNs.push(event.atNs - this.#lostAtNs);
    }
    this.#leaders += 1;
    this.#leader = event.node;
    this.#highestTerm = Math.max(this.#highestTerm, note.term);
  }

  /** From a crash of a leader to the next one. */
  get downtimesNs(): readonly number[] {
    return this.#downtimesNs;
  }

  finish(): Measurements {
    return {
      elections: count(this.#elections),
      leaders: count(this.#leaders),
      terms: count(this.#highestTerm),
    };
  }
}

function count(value: number): Measurement {
  return { value, unit: 'count' };
}

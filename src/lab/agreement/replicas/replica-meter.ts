/** What becomes of updates that are made side by side: told apart, lost, spread. */

import { expectedOf } from '../../checkers/replicas.ts';
import { ReplicaHistory, type Showing, type Update } from '../../checkers/replica-history.ts';
import type { Meter } from '../../experiment/experiment.ts';
import type { Measurement, Measurements } from '../../experiment/prediction.ts';
import type { NodeId } from '../../process/process.ts';
import type { TraceEvent } from '../../run/trace-event.ts';
import type { Merge } from './replica-options.ts';
import { isRegister } from './types.ts';

export class ReplicaMeter implements Meter {
  readonly #merge: Merge;
  readonly #nodes: number;
  readonly #history = new ReplicaHistory();
  readonly #sent = { push: 0, ask: 0, state: 0 };
  /** By update, the replicas that know it. */
  readonly #knowers: Set<NodeId>[] = [];
  #spreadMaxNs = 0;
  #siblings = 0;
  #healed: { readonly atNs: number; readonly updates: number } | undefined;
  #convergedNs: number | undefined;

  constructor(merge: Merge, nodes: number) {
    this.#merge = merge;
    this.#nodes = nodes;
  }

  observe(event: TraceEvent): void {
    const { kind, text, atNs } = event;
    if (kind === 'send' && isCounted(text)) this.#sent[text] += 1;
    if (kind === 'fault' && text === 'heal') {
      this.#healed = { atNs, updates: this.#history.updates.length };
      this.#convergedNs = undefined;
    }
    const showing = this.#history.observe(event);
    if (showing) this.#see(showing);
  }

  finish(): Measurements {
    const { updates } = this.#history;
    const pushes = updates.length === 0 ? 0 : this.#sent.push / updates.length;
    return {
      updates: count(updates.length),
      conflicts: count(conflictsIn(updates).length),
      lostUpdates: count(this.#lost()),
      ...(this.#merge === 'mvr' && { 'siblings.max': count(this.#siblings) }),
      'msgs.perUpdate': count(pushes),
      'sent.ask': count(this.#sent.ask),
      'sent.state': count(this.#sent.state),
      'spread.max': { value: this.#spreadMaxNs, unit: 'ns' },
      ...(this.#convergedNs !== undefined && {
        'converge.afterHeal': { value: this.#convergedNs, unit: 'ns' },
      }),
    };
  }

  #see({ node, known, values, atNs }: Showing): void {
    this.#siblings = Math.max(this.#siblings, values.length);
    for (const id of known) {
      const knowers = this.#knowers[id] ?? new Set();
      this.#knowers[id] = knowers;
      if (knowers.has(node)) continue;
      knowers.add(node);
      const update = this.#history.updates[id];
      if (knowers.size < this.#nodes || update === undefined) continue;
      this.#spreadMaxNs = Math.max(this.#spreadMaxNs, atNs - update.atNs);
    }
    const healed = this.#healed;
    if (healed === undefined || this.#convergedNs !== undefined) return;
    const old = this.#knowers.slice(0, healed.updates);
    const isKnown = old.every(({ size }) => size === this.#nodes);
    if (isKnown) this.#convergedNs = atNs - healed.atNs;
  }

  /**
   * Of a register: writes that are not there in the end, and that nobody replaced who saw them. Of
   * the other types what should be there and is not.
   */
  #lost(): number {
    const { updates } = this.#history;
    const last = this.#history.lastShowing(0);
    const shown = new Set(last?.values);
    if (isRegister(this.#merge)) {
      const seen = new Set(updates.flatMap((update) => update.shown));
      return updates.filter(({ value }) => !shown.has(value) && !seen.has(value)).length;
    }
    const known = new Set(updates.map(({ id }) => id));
    return expectedOf(this.#merge, { known }, updates).must.filter((one) => !shown.has(one)).length;
  }
}

function isCounted(text: string): text is 'push' | 'ask' | 'state' {
  return text === 'push' || text === 'ask' || text === 'state';
}

function count(value: number): Measurement {
  return { value, unit: 'count' };
}

/**
 * Groups of updates that hang together by not knowing of each other. Users who saw the same
 * conflict and wrote the same are in agreement.
 */
function conflictsIn(updates: readonly Update[]): readonly (readonly Update[])[] {
  const groups = updates.map((update) => [update]);
  for (const [place, update] of updates.entries()) {
    for (const earlier of updates.slice(0, place)) {
      const [own, other] = [groups[place], groups[earlier.id]];
      if (update.past.has(earlier.id) || own === undefined || other === undefined) continue;
      if (own === other) continue;
      own.push(...other);
      for (const { id } of other) groups[id] = own;
    }
  }
  return [...new Set(groups)].filter((group) => {
    return new Set(group.map(({ message }) => message)).size > 1;
  });
}

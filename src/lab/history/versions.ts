/**
 * What the registers of a run held one after the other, in the order in which servers say that they
 * apply commands ('apply', with the place in the log): so it is known how old an answer is.
 */

import type { TraceEvent } from '../run/trace-event.ts';
import { History, NOTHING, type Operation, type RegisterCall } from './history.ts';

interface Version {
  readonly value: number;
  /** The operation that set it. */
  readonly operation: number;
}

export interface Staleness {
  /** Newer ones that somebody had been told of before the read was asked for. */
  readonly versions: number;
  /** For how long somebody had known of the first of them. */
  readonly ageNs: number;
}

const FRESH: Staleness = { versions: 0, ageNs: 0 };

export class Versions {
  readonly #history = new History();
  readonly #applied = new Set<number>();
  readonly #versions = new Map<string, Version[]>();

  observe(event: TraceEvent): void {
    this.#history.observe(event);
    const { kind, text, detail: index, message } = event;
    if (kind !== 'deliver' || text !== 'apply' || this.#applied.has(index)) return;
    this.#applied.add(index);
    const call = this.#history.find(message)?.call;
    if (call) this.#apply(call, message);
  }

  find(id: number): Operation | undefined {
    return this.#history.find(id);
  }

  get operations(): readonly Operation[] {
    return this.#history.operations;
  }

  /** Which one a read has seen: 0 is that nothing was there; undefined: none that was applied. */
  numberOf(key: string, value: number): number | undefined {
    if (value === NOTHING) return 0;
    const place = this.#of(key).findIndex((version) => version.value === value);
    return place === -1 ? undefined : place + 1;
  }

  /** How old the answer of a read is that was answered. */
  stalenessOf({ call, returned, atNs }: Operation): Staleness {
    const answer = returned?.answer;
    const seen = answer?.kind === 'value' ? this.numberOf(call.key, answer.value) : undefined;
    if (seen === undefined) return FRESH;
    const toldNs = this.#of(call.key)
      .slice(seen)
      .flatMap(({ operation }) => {
        const told = this.#history.find(operation)?.returned;
        return told?.answer.kind === 'ok' && told.atNs < atNs ? [told.atNs] : [];
      });
    return toldNs.length === 0
      ? FRESH
      : { versions: toldNs.length, ageNs: atNs - Math.min(...toldNs) };
  }

  #apply(call: RegisterCall, operation: number): void {
    const versions = this.#of(call.key);
    const now = versions.at(-1)?.value ?? NOTHING;
    if (call.kind === 'read' || (call.kind === 'cas' && call.from !== now)) return;
    versions.push({ value: call.value, operation });
  }

  #of(key: string): Version[] {
    const known = this.#versions.get(key) ?? [];
    this.#versions.set(key, known);
    return known;
  }
}

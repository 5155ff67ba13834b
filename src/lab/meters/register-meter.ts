/**
 * Measures a shared register: which share of the operations is answered (in all; and of those that
 * are asked for during a cut, by side of it), how long they take, what they cost, when the first
 * write succeeds after a cut, and how old what is read is.
 */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurement, Measurements } from '../experiment/prediction.ts';
import { isKnown, type Operation } from '../history/history.ts';
import { Versions } from '../history/versions.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';

export interface RegisterMeterOptions {
  /** Tags that no operation costs. */
  readonly background: readonly string[];
  readonly cut?: CutWindow | undefined;
}

interface CutWindow {
  readonly fromNs: number;
  readonly healNs: number;
  /** What is asked for within these sees nothing but the cut: it is answered, if ever, before. */
  readonly judgedNs: { readonly reads: number; readonly writes: number; readonly end: number };
  readonly sides: readonly (readonly NodeId[])[];
}

type Kind = 'reads' | 'writes';

export class RegisterMeter implements Meter {
  readonly #options: RegisterMeterOptions;
  readonly #versions = new Versions();
  readonly #apart = new Map<string, number>();
  #sent = 0;

  constructor(options: RegisterMeterOptions) {
    this.#options = options;
  }

  observe(event: TraceEvent): void {
    this.#versions.observe(event);
    if (event.kind !== 'send') return;
    if (this.#options.background.includes(event.text)) {
      this.#apart.set(event.text, (this.#apart.get(event.text) ?? 0) + 1);
    } else this.#sent += 1;
  }

  finish(): Measurements {
    const { operations } = this.#versions;
    const apart = [...this.#apart].map(([tag, value]) => [`sent.${tag}`, count(value)]);
    return {
      operations: count(operations.length),
      ...availability('avail', operations),
      ...this.#inCut(operations),
      ...latency('lat.reads', ofKind(operations, 'reads')),
      ...latency('lat.writes', ofKind(operations, 'writes')),
      'msgs.perOperation': count(operations.length === 0 ? 0 : this.#sent / operations.length),
      ...(Object.fromEntries(apart) as Measurements),
      ...this.#staleness(ofKind(operations, 'reads')),
    };
  }

  #inCut(operations: readonly Operation[]): Measurements {
    const { cut } = this.#options;
    if (cut === undefined) return {};
    const { reads, writes, end } = cut.judgedNs;
    const judged = operations.filter(({ call, atNs }) => {
      return atNs >= (call.kind === 'read' ? reads : writes) && atNs < end;
    });
    const sides = cut.sides.map((nodes, place) => {
      const own = (all: readonly Operation[]): readonly Operation[] =>
        all.filter(({ node }) => nodes.includes(node));
      const name = `side${place + 1}`;
      return {
        ...availability(`cut.${name}`, own(judged)),
        ...firstWrite(`${name}.first.write`, own(operations), cut.fromNs),
        ...firstWrite(`${name}.healed.write`, own(operations), cut.healNs),
      };
    });
    return Object.assign(availability('cut', judged), ...sides) as Measurements;
  }

  #staleness(reads: readonly Operation[]): Measurements {
    const answered = reads.filter(isKnown);
    const stale = answered
      .map((read) => this.#versions.stalenessOf(read))
      .filter(({ versions }) => versions > 0);
    const share = answered.length === 0 ? 0 : stale.length / answered.length;
    return {
      'stale.reads': count(stale.length),
      'stale.share': { value: share, unit: 'ratio' },
      'stale.age.max': time(Math.max(0, ...stale.map(({ ageNs }) => ageNs))),
      'stale.versions.max': count(Math.max(0, ...stale.map(({ versions }) => versions))),
    };
  }
}

function ofKind(operations: readonly Operation[], kind: Kind): readonly Operation[] {
  return operations.filter(({ call }) => (call.kind === 'read') === (kind === 'reads'));
}

/** Of the operations that were asked for. */
function availability(name: string, operations: readonly Operation[]): Measurements {
  const pairs = (['reads', 'writes'] as const).flatMap((kind) => {
    const asked = ofKind(operations, kind);
    if (asked.length === 0) return [];
    const value = asked.filter(isKnown).length / asked.length;
    return [[`${name}.${kind}`, { value, unit: 'ratio' }] as const];
  });
  return Object.fromEntries(pairs);
}

function latency(name: string, operations: readonly Operation[]): Measurements {
  const ns = operations
    .filter(isKnown)
    .map(({ atNs, returned }) => (returned?.atNs ?? atNs) - atNs)
    .toSorted((a, b) => a - b);
  if (ns.length === 0) return {};
  return {
    [`${name}.median`]: time(ns[ns.length >> 1] ?? 0),
    [`${name}.max`]: time(ns.at(-1) ?? 0),
  };
}

/** From `sinceNs` to the first success of a write that was asked for later. */
function firstWrite(name: string, operations: readonly Operation[], sinceNs: number): Measurements {
  const ends = ofKind(operations, 'writes')
    .filter((operation) => operation.atNs >= sinceNs && isKnown(operation))
    .map(({ returned }) => returned?.atNs ?? Infinity);
  return ends.length === 0 ? {} : { [name]: time(Math.min(...ends) - sinceNs) };
}

function count(value: number): Measurement {
  return { value, unit: 'count' };
}

function time(value: number): Measurement {
  return { value, unit: 'ns' };
}

/**
 * Who is served, while the network is whole and while it is divided: the share of what clients
 * asked for that was answered. Of a division the last tenth does not count, since what is asked
 * then may be answered after it; and an answer that comes when it is over is none.
 */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurements } from '../experiment/prediction.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';

/** What an operation ends with when it was done. */
const ANSWERS: ReadonlySet<string> = new Set(['ok', 'value', 'mismatch']);
/** Of a division. */
const COUNTED_SHARE = 0.9;

export interface Division {
  readonly fromNs: number;
  readonly toNs: number;
  /** Those that reach each other, the first of them on the left. */
  readonly sides: readonly (readonly NodeId[])[];
}

interface Asked {
  readonly isRead: boolean;
  readonly node: NodeId;
  readonly atNs: number;
  answeredNs?: number;
}

export class AvailabilityMeter implements Meter {
  readonly #division: Division | undefined;
  readonly #asked = new Map<number, Asked>();

  constructor(division?: Division) {
    this.#division = division;
  }

  observe({ kind, node, message, text, atNs }: TraceEvent): void {
    if (kind === 'submit') {
      this.#asked.set(message, { isRead: text.startsWith('read'), node, atNs });
    } else if (kind === 'deliver' && ANSWERS.has(text)) {
      const asked = this.#asked.get(message);
      if (asked?.node === node) asked.answeredNs ??= atNs;
    }
  }

  finish(): Measurements {
    const all = [...this.#asked.values()];
    const whole = shares(all, (one) => one.answeredNs !== undefined);
    return {
      reads: { value: all.filter(({ isRead }) => isRead).length, unit: 'count' },
      writes: { value: all.filter(({ isRead }) => !isRead).length, unit: 'count' },
      ...named(whole, { reads: 'avail.reads', writes: 'avail.writes' }),
      ...(this.#division && this.#divided(all, this.#division)),
    };
  }

  #divided(all: readonly Asked[], { fromNs, toNs, sides }: Division): Measurements {
    const untilNs = fromNs + COUNTED_SHARE * (toNs - fromNs);
    const then = all.filter(({ atNs }) => atNs >= fromNs && atNs < untilNs);
    const isServed = ({ answeredNs = Infinity }: Asked): boolean => answeredNs < toNs;
    const [left = []] = sides;
    const isLeft = ({ node }: Asked): boolean => left.includes(node);
    const [onLeft, onRight] = [then.filter(isLeft), then.filter((one) => !isLeft(one))];
    return {
      ...named(shares(then, isServed), { reads: 'cut.reads', writes: 'cut.writes' }),
      ...named(shares(onLeft, isServed), { writes: 'cut.left' }),
      ...named(shares(onRight, isServed), { writes: 'cut.right' }),
    };
  }
}

interface Shares {
  readonly reads: number | undefined;
  readonly writes: number | undefined;
}

function shares(all: readonly Asked[], isServed: (one: Asked) => boolean): Shares {
  const shareOf = (some: readonly Asked[]): number | undefined =>
    some.length === 0 ? undefined : some.filter(isServed).length / some.length;
  return {
    reads: shareOf(all.filter(({ isRead }) => isRead)),
    writes: shareOf(all.filter(({ isRead }) => !isRead)),
  };
}

/** Those of which there were any. */
function named(
  { reads, writes }: Shares,
  names: { readonly reads?: string; readonly writes?: string },
): Measurements {
  const pairs = [
    [names.reads, reads],
    [names.writes, writes],
  ] as const;
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => {
      return name === undefined || value === undefined ? [] : [[name, { value, unit: 'ratio' }]];
    }),
  ) as Measurements;
}

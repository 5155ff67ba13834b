/**
 * Both sides of a division: what clients of each node asked for, and whether they were served. A
 * mark stands where it was asked. An answer that came when the network was whole again is another
 * thing than one from a side that could go on.
 */

import type { Division } from '../meters/availability.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import type { RunPlot } from './plan.ts';
import type { Plot, Tick } from './plot.ts';

const FATES = ['served', 'not served', 'served when it was over'] as const;
type Fate = (typeof FATES)[number];
const SERVED: ReadonlySet<string> = new Set(['ok', 'value', 'mismatch']);
const SIDE_NAMES = ['left', 'right', 'third side'];
/** Before and after the division, as a share of it. */
const MARGIN = 0.25;
/** More marks touch each other. */
const MAX_MARKS = 4000;

interface Asked {
  readonly node: NodeId;
  readonly isRead: boolean;
  readonly atNs: number;
  answeredNs?: number;
}

export class SidesTimeline implements RunPlot {
  readonly #division: Division;
  readonly #fromNs: number;
  readonly #untilNs: number;
  readonly #asked = new Map<number, Asked>();

  constructor(division: Division) {
    const marginNs = MARGIN * (division.toNs - division.fromNs);
    this.#division = division;
    this.#fromNs = Math.max(0, division.fromNs - marginNs);
    this.#untilNs = division.toNs + marginNs;
  }

  observe({ kind, node, message, text, atNs }: TraceEvent): void {
    if (kind === 'submit' && atNs >= this.#fromNs && atNs < this.#untilNs) {
      if (this.#asked.size >= MAX_MARKS) return;
      this.#asked.set(message, { node, isRead: text.startsWith('read'), atNs });
    } else if (kind === 'deliver' && SERVED.has(text)) {
      const asked = this.#asked.get(message);
      if (asked?.node === node) asked.answeredNs ??= atNs;
    }
  }

  finish(): Plot | undefined {
    if (this.#asked.size === 0) return undefined;
    const { fromNs, toNs, sides } = this.#division;
    const ticks = [...this.#asked.values()].map((asked): Tick => {
      return { lane: this.#laneOf(asked), at: asked.atNs, series: this.#fateOf(asked) };
    });
    const used = new Set(ticks.map(({ lane }) => lane));
    const lanes = sides.flat().flatMap((node) => {
      return [true, false].map((isRead) => this.#laneOf({ node, isRead }));
    });
    return {
      title: 'Both sides of the division',
      caption:
        'What clients asked for, at each node. Grey: the two sides cannot reach each other. A ' +
        'cross: no answer, or a refusal.',
      x: { label: 'time', unit: 'ns', from: this.#fromNs, to: this.#untilNs },
      y: { label: '', words: lanes.filter((lane) => used.has(lane)) },
      series: FATES,
      layers: [
        { mark: 'spans', spans: [{ from: fromNs, to: toNs, label: 'divided' }] },
        { mark: 'ticks', ticks },
      ],
    };
  }

  #laneOf({ node, isRead }: Pick<Asked, 'node' | 'isRead'>): string {
    const side = this.#division.sides.findIndex((nodes) => nodes.includes(node));
    return `${SIDE_NAMES[side] ?? 'between'} · ${node} ${isRead ? 'reads' : 'writes'}`;
  }

  #fateOf({ atNs, answeredNs }: Asked): Fate {
    if (answeredNs === undefined) return 'not served';
    const { fromNs, toNs } = this.#division;
    const isLate = atNs >= fromNs && atNs < toNs && answeredNs >= toNs;
    return isLate ? 'served when it was over' : 'served';
  }
}

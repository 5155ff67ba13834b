/** Who leads, by server and term, and who stands: the life of a Raft cluster at a glance. */

import type { NodeId } from '../../process/process.ts';
import type { RunPlot } from '../../plot/plan.ts';
import type { Bar, Plot, Span } from '../../plot/plot.ts';
import type { TraceEvent } from '../../run/trace-event.ts';
import { readNote } from './raft-notes.ts';

const ROLES = ['leads', 'stands', 'is down'] as const;
type Role = (typeof ROLES)[number];

interface Open {
  readonly role: Role;
  readonly term: number;
  readonly fromNs: number;
}

export class TermRibbon implements RunPlot {
  readonly #nodes: number;
  readonly #open = new Map<NodeId, Open>();
  readonly #bars: Bar[] = [];
  readonly #spans: Span[] = [];
  #dividedNs: number | undefined;
  #nowNs = 0;

  constructor(nodes: number) {
    this.#nodes = nodes;
  }

  observe(event: TraceEvent): void {
    this.#nowNs = event.atNs;
    if (event.kind === 'fault') this.#divide(event);
    else if (event.kind === 'crash') this.#begin(event.node, { role: 'is down', term: 0 });
    else if (event.kind === 'restart') this.#end(event.node);
    else if (event.kind === 'note') this.#note(event);
  }

  finish(): Plot | undefined {
    for (const node of [...this.#open.keys()]) this.#end(node);
    this.#heal();
    if (this.#bars.length === 0) return undefined;
    return {
      title: 'Terms and their leaders',
      caption:
        'A bar: somebody leads, with the number of the term, or stands for election. A server ' +
        'without a bar follows. Grey: the network is divided.',
      x: { label: 'time', unit: 'ns', from: 0, to: this.#nowNs },
      y: { label: '', words: Array.from({ length: this.#nodes }, (_, node) => laneOf(node)) },
      series: ROLES,
      layers: [
        { mark: 'spans', spans: this.#spans },
        { mark: 'bars', bars: this.#bars },
      ],
    };
  }

  #note(event: TraceEvent): void {
    const note = readNote(event);
    if (note === undefined || !('term' in note)) return;
    const { kind, term } = note;
    if (kind === 'stands' || kind === 'leads') this.#begin(event.node, { role: kind, term });
    else if (kind === 'steps down') this.#end(event.node);
    // Whoever stood for this term, or an earlier one, stands no more.
    if (kind !== 'leads') return;
    for (const [node, open] of [...this.#open]) {
      if (node !== event.node && open.role === 'stands' && open.term <= term) this.#end(node);
    }
  }

  #begin(node: NodeId, { role, term }: Pick<Open, 'role' | 'term'>): void {
    this.#end(node);
    this.#open.set(node, { role, term, fromNs: this.#nowNs });
  }

  #end(node: NodeId): void {
    const open = this.#open.get(node);
    if (open === undefined) return;
    this.#open.delete(node);
    const { role, term, fromNs: from } = open;
    const label = role === 'leads' ? { label: String(term) } : {};
    this.#bars.push({ lane: laneOf(node), from, to: this.#nowNs, series: role, ...label });
  }

  #divide({ text, atNs }: TraceEvent): void {
    if (text === 'heal') this.#heal();
    else if (/^(partition|cut)\b/.test(text)) this.#dividedNs ??= atNs;
  }

  #heal(): void {
    if (this.#dividedNs === undefined) return;
    this.#spans.push({ from: this.#dividedNs, to: this.#nowNs, label: 'divided' });
    this.#dividedNs = undefined;
  }
}

function laneOf(node: NodeId): string {
  return `server ${node}`;
}

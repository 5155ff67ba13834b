/** The event at the cursor: its words, its causes, the state of its node before and after. */

import type { TraceEvent } from '../../run/trace-event.ts';
import type { Causes } from '../causes.ts';
import { find, make } from './find.ts';
import { timeOf, wordsOf } from '../words.ts';

/** The nearest causes; the first ones of a long run are the same for all. */
const MAX_CAUSES = 12;

export class Details {
  readonly #causes: Causes;
  readonly #nodes: readonly string[];
  readonly #onChoose: (id: number) => void;
  readonly #box = find('#details');

  constructor(causes: Causes, nodes: readonly string[], onChoose: (id: number) => void) {
    this.#causes = causes;
    this.#nodes = nodes;
    this.#onChoose = onChoose;
  }

  show(event: TraceEvent): void {
    const title = `${wordsOf(event, this.#nodes)}, at ${timeOf(event)}`;
    this.#box.replaceChildren(
      make('p', { class: 'now', 'aria-live': 'polite' }, title),
      this.#stateTable(event),
      this.#chainList(event),
    );
  }

  #stateTable(event: TraceEvent): HTMLElement {
    const { before, after } = this.#causes.statesAround(event);
    const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
    if (keys.length === 0) return make('p', { class: 'faint' }, 'This node shows no state.');
    const rows = keys.map((key) => {
      const [old, now] = [String(before?.[key] ?? '–'), String(after?.[key] ?? '–')];
      const isChanged = old !== now;
      const mark = isChanged ? `→ ${now}` : now;
      const look: Record<string, string> = isChanged ? { class: 'changed' } : {};
      return make('tr', look, make('th', {}, key), make('td', {}, old), make('td', {}, mark));
    });
    const name = this.#nodes[event.node] ?? 'state';
    const heads = [name, 'before', 'after'].map((text) => make('th', {}, text));
    return make('table', { class: 'states' }, make('tr', {}, ...heads), ...rows);
  }

  #chainList(event: TraceEvent): HTMLElement {
    const chain = this.#causes.chainOf(event).slice(0, -1).slice(-MAX_CAUSES);
    if (chain.length === 0) return make('p', { class: 'faint' }, 'Nothing led to it.');
    const items = chain.toReversed().map((cause) => {
      const text = `${timeOf(cause)}  ${wordsOf(cause, this.#nodes)}`;
      const button = make('button', { type: 'button', class: 'link' }, text);
      button.addEventListener('click', () => this.#onChoose(cause.id));
      return make('li', {}, button);
    });
    return make('div', {}, make('h3', {}, 'Because'), make('ol', { class: 'because' }, ...items));
  }
}

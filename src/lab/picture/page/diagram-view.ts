/**
 * The diagram on the page: a window of the run that follows the cursor. What is still to come is
 * veiled, the event at the cursor is ringed, and what led to it stands out.
 */

import type { TraceEvent } from '../../run/trace-event.ts';
import { drawDiagram, type Diagram } from '../diagram.ts';
import type { PageData } from '../page-data.ts';
import type { Story } from '../story.ts';
import { firstWindow, type Window } from '../window.ts';
import { find } from './find.ts';

const SVG = 'http://www.w3.org/2000/svg';
const MIN_WIDTH_PX = 640;
/** Where in the window the cursor is put when it has left it. */
const COMEBACK = 0.25;

export class DiagramView {
  readonly #story: Story;
  readonly #data: PageData;
  readonly #box = find('#diagram');
  readonly #marked: readonly number[];
  #window: Window;
  #diagram: Diagram | undefined;
  #event: TraceEvent | undefined;
  #chain: readonly TraceEvent[] = [];

  constructor(story: Story, data: PageData, onChoose: (id: number) => void) {
    this.#story = story;
    this.#data = data;
    this.#marked = data.violations.flatMap(({ events }) => events);
    this.#window = firstWindow(story, this.#marked);
    this.#box.addEventListener('click', ({ target }) => {
      if (!(target instanceof Element)) return;
      const chosen = target.closest('[data-event], [data-send]');
      const id = chosen?.getAttribute('data-event') ?? chosen?.getAttribute('data-send');
      if (id !== null && id !== undefined) onChoose(Number(id));
    });
    addEventListener('resize', () => this.#redraw());
  }

  show(event: TraceEvent, chain: readonly TraceEvent[]): void {
    this.#event = event;
    this.#chain = chain;
    const { fromNs, toNs } = this.#window;
    const span = toNs - fromNs;
    if (event.atNs < fromNs || event.atNs > toNs) {
      const from = Math.max(0, event.atNs - COMEBACK * span);
      this.#window = { fromNs: from, toNs: from + span };
      this.#diagram = undefined;
    }
    if (this.#diagram) this.#point();
    else this.#redraw();
  }

  /** `by` above 1 shows more. Around the cursor. */
  zoom(by: number): void {
    const { fromNs, toNs } = this.#window;
    const middle = this.#event?.atNs ?? (fromNs + toNs) / 2;
    const from = Math.max(0, middle - (middle - fromNs) * by);
    this.#window = { fromNs: from, toNs: from + Math.max((toNs - fromNs) * by, 10) };
    this.#redraw();
  }

  whole(): void {
    this.#window = { fromNs: 0, toNs: Math.max(1, this.#story.endNs * 1.02) };
    this.#redraw();
  }

  #redraw(): void {
    const width = Math.max(MIN_WIDTH_PX, this.#box.clientWidth);
    const { nodes, title } = this.#data;
    const drawn = { title, nodes, window: this.#window, width, marked: this.#marked };
    this.#diagram = drawDiagram(this.#story, drawn);
    this.#box.innerHTML = this.#diagram.markup;
    this.#point();
  }

  /** Ring, veil and chain, over what is drawn. */
  #point(): void {
    const picture = this.#box.querySelector('svg');
    if (!picture || !this.#diagram || !this.#event) return;
    for (const old of picture.querySelectorAll('.veil, .ring')) old.remove();
    for (const old of picture.querySelectorAll('.chained')) old.classList.remove('chained');
    const { layout } = this.#diagram;
    const x = layout.x(this.#event.atNs);
    const veil = document.createElementNS(SVG, 'rect');
    const width = Math.max(0, layout.right - x);
    // Behind the event itself.
    const place = { x: x + 8, y: layout.top - 36, width, height: layout.bottom - layout.top + 34 };
    for (const [key, value] of Object.entries(place)) veil.setAttribute(key, String(value));
    veil.setAttribute('class', 'veil');
    picture.append(veil);
    if (this.#event.node >= 0) {
      const ring = document.createElementNS(SVG, 'circle');
      const circle = { cx: x, cy: layout.y(this.#event.node), r: 9 };
      for (const [key, value] of Object.entries(circle)) ring.setAttribute(key, String(value));
      ring.setAttribute('class', 'ring');
      picture.append(ring);
    }
    const ids = new Set(this.#chain.map(({ id }) => String(id)));
    for (const shape of picture.querySelectorAll('[data-event], [data-send]')) {
      const own = shape.getAttribute('data-event') ?? shape.getAttribute('data-send') ?? '';
      if (ids.has(own) && this.#isOwnCopy(shape, ids)) shape.classList.add('chained');
    }
  }

  /** Of two copies of one datagram only that which arrived in the chain, if one did. */
  #isOwnCopy(shape: Element, ids: ReadonlySet<string>): boolean {
    const end = shape.getAttribute('data-end');
    if (end === null || ids.has(end)) return true;
    const last = this.#chain.at(-1);
    return last?.kind === 'send' && String(last.id) === shape.getAttribute('data-send');
  }
}

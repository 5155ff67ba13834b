/** The log: events as lines around the cursor, or those that a search finds. */

import type { TraceEvent } from '../../run/trace-event.ts';
import { find, make } from './find.ts';
import { timeOf, wordsOf } from '../words.ts';

/** Lines at once: what a browser shows without delay. */
const MAX_LINES = 300;

export class Log {
  readonly #events: readonly TraceEvent[];
  readonly #lines: readonly string[];
  readonly #onChoose: (id: number) => void;
  readonly #list = find('#log');
  readonly #search = find('#search') as HTMLInputElement;
  readonly #found = find('#found');
  #place = 0;
  /** Of what is listed now. */
  #listed: readonly number[] = [];

  constructor(
    events: readonly TraceEvent[],
    nodes: readonly string[],
    onChoose: (id: number) => void,
  ) {
    this.#events = events;
    this.#lines = events.map((event) => wordsOf(event, nodes));
    this.#onChoose = onChoose;
    this.#search.addEventListener('input', () => this.#refill());
    this.#search.addEventListener('keydown', ({ key }) => {
      const [first] = this.#matches();
      if (key === 'Enter' && first !== undefined) this.#choose(first);
    });
    this.#list.addEventListener('click', ({ target }) => {
      const line = target instanceof Element ? target.closest('[data-place]') : undefined;
      if (line) this.#choose(Number(line.getAttribute('data-place')));
    });
  }

  show(place: number): void {
    this.#place = place;
    if (this.#listed.includes(place)) this.#mark();
    else this.#refill();
  }

  focusSearch(): void {
    this.#search.focus();
  }

  #choose(place: number): void {
    const event = this.#events[place];
    if (event) this.#onChoose(event.id);
  }

  /** Places of events whose line has all the words that are searched for. */
  #matches(): readonly number[] {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const places = this.#lines.map((_, place) => place);
    if (words.length === 0) return places;
    return places.filter((place) => {
      const line = (this.#lines[place] ?? '').toLowerCase();
      return words.every((word) => line.includes(word));
    });
  }

  #refill(): void {
    const matches = this.#matches();
    const near = matches.findIndex((place) => place >= this.#place);
    const first = Math.max(0, (near < 0 ? matches.length : near) - MAX_LINES / 2);
    this.#listed = matches.slice(first, first + MAX_LINES);
    const isSearch = this.#search.value.trim() !== '';
    this.#found.textContent = isSearch ? `${matches.length} found` : `${matches.length} events`;
    this.#list.replaceChildren(...this.#listed.map((place) => this.#line(place)));
    this.#mark();
  }

  #line(place: number): HTMLElement {
    const event = this.#events[place];
    const time = event ? timeOf(event) : '';
    const text = make('button', { type: 'button', class: 'link' }, this.#lines[place] ?? '');
    const attributes = { 'data-place': String(place), class: event?.kind ?? '' };
    return make('li', attributes, make('span', { class: 'time' }, time), text);
  }

  #mark(): void {
    this.#list.querySelector('[aria-current]')?.removeAttribute('aria-current');
    const line = this.#list.querySelector<HTMLElement>(`[data-place="${this.#place}"]`);
    if (!line) return;
    line.setAttribute('aria-current', 'true');
    // Within the list only: the page itself must not jump.
    const top = line.offsetTop - this.#list.offsetTop;
    const { scrollTop, clientHeight } = this.#list;
    if (top < scrollTop || top > scrollTop + clientHeight - 40) {
      this.#list.scrollTop = top - clientHeight / 3;
    }
  }
}

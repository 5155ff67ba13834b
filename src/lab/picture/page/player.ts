/** The cursor among the events: moved by buttons, by the slider, and by time while it plays. */

import type { TraceEvent } from '../../run/trace-event.ts';
import { find } from './find.ts';

/** How long a run plays at the usual speed: as long as one reads its events, within reason. */
const SECONDS_PER_EVENT = 0.35;
const MAX_SECONDS = 60;

export class Player {
  readonly #events: readonly TraceEvent[];
  readonly #onMove: (place: number) => void;
  readonly #slider = find('#slider') as HTMLInputElement;
  readonly #play = find('#play');
  readonly #speed = find('#speed') as HTMLSelectElement;
  #place = 0;
  #isPlaying = false;
  /** Virtual time while it plays. */
  #nowNs = 0;

  constructor(events: readonly TraceEvent[], onMove: (place: number) => void) {
    this.#events = events;
    this.#onMove = onMove;
    this.#slider.max = String(Math.max(0, events.length - 1));
    this.#slider.addEventListener('input', () => this.goTo(Number(this.#slider.value)));
    this.#play.addEventListener('click', () => this.toggle());
    find('#back').addEventListener('click', () => this.step(-1));
    find('#forward').addEventListener('click', () => this.step(1));
  }

  /** By hand: playing stops. */
  step(by: number): void {
    this.goTo(this.#place + by);
  }

  goTo(place: number): void {
    this.#pause();
    this.#move(place);
  }

  toggle(): void {
    if (this.#isPlaying) {
      this.#pause();
      return;
    }
    if (this.#place >= this.#events.length - 1) this.#move(0);
    this.#isPlaying = true;
    this.#play.textContent = 'Pause';
    this.#nowNs = this.#events[this.#place]?.atNs ?? 0;
    let beforeMs: number | undefined;
    const tick = (frameMs: number): void => {
      if (!this.#isPlaying) return;
      this.#advance((frameMs - (beforeMs ?? frameMs)) / 1000);
      beforeMs = frameMs;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  #advance(seconds: number): void {
    const endNs = this.#events.at(-1)?.atNs ?? 0;
    const whole = Math.min(MAX_SECONDS, this.#events.length * SECONDS_PER_EVENT);
    this.#nowNs += (endNs / whole) * seconds * Number(this.#speed.value);
    let place = this.#place;
    while ((this.#events[place + 1]?.atNs ?? Infinity) <= this.#nowNs) place += 1;
    if (place !== this.#place) this.#move(place);
    if (place >= this.#events.length - 1) this.#pause();
  }

  #pause(): void {
    this.#isPlaying = false;
    this.#play.textContent = 'Play';
  }

  #move(place: number): void {
    this.#place = Math.min(Math.max(place, 0), this.#events.length - 1);
    this.#slider.value = String(this.#place);
    this.#slider.setAttribute('aria-valuetext', `event ${this.#place + 1} of ${this.#slider.max}`);
    this.#onMove(this.#place);
  }
}

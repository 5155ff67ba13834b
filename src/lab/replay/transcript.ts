/** What was said while a scenario was played, for people who look for what went wrong. */

import type { Message } from '../../wire/message.ts';
import { printMessage } from './print.ts';

const transcriptLimits = {
  /** Events kept, the last ones: a loop of packets must not fill the memory. */
  events: 500,
} as const;

export class Transcript {
  readonly #events: string[] = [];
  #left = 0;
  #mark = 0;

  /** From here on it is worth reading when something fails. */
  mark(): void {
    this.#mark = this.#left + this.#events.length;
  }

  add(atMs: number, text: string, message?: Message): void {
    const [head = '', ...records] = message ? printMessage(message) : [];
    const lines = [`${seconds(atMs)}  ${text}${head === '' ? '' : `  ${head}`}`];
    for (const record of records) lines.push(`${' '.repeat(11)}${record}`);
    this.#events.push(lines.join('\n'));
    if (this.#events.length <= transcriptLimits.events) return;
    this.#events.shift();
    this.#left++;
  }

  /** Everything that is still known. */
  all(): readonly string[] {
    return this.#events;
  }

  sinceMark(): readonly string[] {
    return this.#events.slice(Math.max(0, this.#mark - this.#left));
  }
}

/** Virtual time starts at 1 ms. */
function seconds(atMs: number): string {
  return `${((atMs - 1) / 1000).toFixed(3)} s`.padStart(12);
}

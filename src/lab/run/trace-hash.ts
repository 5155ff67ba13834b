/** One number for all that happened: two runs with the same hash were the same, event for event. */

import { finish, hashText, mix } from '../../sim/hash.ts';
import type { TraceEvent } from './trace-event.ts';

export class TraceHash {
  #high = 1;
  #low = 2;
  /** Tags are few, events many. */
  readonly #words = new Map<string, number>();

  add({
    kind,
    atNs,
    node,
    peer,
    packet,
    copy,
    octets,
    message,
    text,
    detail,
    reason,
  }: TraceEvent): void {
    // That somebody looked at the states is no part of what happened.
    if (kind === 'state') return;
    this.#mix(this.#wordOf(kind) ^ this.#wordOf(text));
    if (reason !== undefined) this.#mix(this.#wordOf(reason));
    this.#mix(Math.floor(atNs / 2 ** 32));
    this.#mix(atNs % 2 ** 32);
    this.#mix(node * 65_537 + peer);
    this.#mix(packet);
    this.#mix(copy * 65_537 + octets);
    this.#mix(message);
    this.#mix(detail);
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    const hex = (lane: number): string => finish(lane).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  #mix(value: number): void {
    this.#high = mix(this.#high, value);
    this.#low = mix(this.#low, value ^ 0x5bd1e995);
  }

  #wordOf(text: string): number {
    let word = this.#words.get(text);
    if (word === undefined) {
      word = hashText(0, text);
      this.#words.set(text, word);
    }
    return word;
  }
}

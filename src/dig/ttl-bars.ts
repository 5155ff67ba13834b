/** `+ttlbar`: how long each RRset of an answer may be kept, as a bar beside those of the others. */

import { typeText } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { groupRRsets, type RRset } from '../wire/record.ts';

const WIDTH = 20;

/** A full bar is the longest TTL that was seen, so that `+watch` shows them shrink. */
export class TtlBars {
  #longestSeconds = 1;

  /** Lines with their ends; '' where there is no answer. */
  print({ answers }: Message): string {
    const rrsets = groupRRsets(answers);
    if (rrsets.length === 0) return '';
    this.#longestSeconds = Math.max(this.#longestSeconds, ...rrsets.map(({ ttl }) => ttl));
    const labels = rrsets.map(({ name, type }) => `${name.toString()} ${typeText(type)}`);
    const width = Math.max(...labels.map(({ length }) => length));
    return [
      ';; TTL BARS:\n',
      ...rrsets.map((rrset, i) => `;; ${labels[i]!.padEnd(width)} ${this.#bar(rrset)}\n`),
      '\n',
    ].join('');
  }

  #bar({ ttl }: RRset): string {
    const filled = Math.round((ttl / this.#longestSeconds) * WIDTH);
    return `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${ttl} s`;
  }
}

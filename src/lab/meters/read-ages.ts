/**
 * How old what clients of a register read is. A read is *k behind* when there are k writes that
 * were acknowledged before the read began and themselves began after the one whose value was read
 * was acknowledged. Of writes that overlap nobody can say which is the newer one; they do not
 * count.
 */

import type { TraceEvent } from '../run/trace-event.ts';

interface Write {
  readonly submittedNs: number;
  ackedNs?: number;
}

export interface ReadAge {
  readonly message: number;
  readonly value: number;
  readonly submittedNs: number;
  readonly behind: number;
}

export class ReadAges {
  readonly #reads = new Map<number, { readonly atNs: number; readonly acked: number }>();
  readonly #open = new Map<number, Write>();
  readonly #byValue = new Map<number, Write>();
  /** In the order in which they were acknowledged. */
  readonly #acked: Write[] = [];

  /** Of a read that ends with this event. */
  observe({ kind, message, text, detail, atNs }: TraceEvent): ReadAge | undefined {
    if (kind === 'submit' && text.startsWith('read')) {
      this.#reads.set(message, { atNs, acked: this.#acked.length });
    } else if (kind === 'submit' && /^(write|cas)\b/.test(text)) {
      const write = { submittedNs: atNs };
      this.#open.set(message, write);
      this.#byValue.set(detail, write);
    } else if (kind === 'deliver' && text === 'ok') this.#acknowledge(message, atNs);
    else if (kind === 'deliver' && text === 'value') return this.#ageOf(message, detail);
    return undefined;
  }

  #acknowledge(message: number, atNs: number): void {
    const write = this.#open.get(message);
    if (write === undefined) return;
    write.ackedNs = atNs;
    this.#acked.push(write);
    this.#open.delete(message);
  }

  #ageOf(message: number, value: number): ReadAge | undefined {
    const read = this.#reads.get(message);
    if (read === undefined) return undefined;
    this.#reads.delete(message);
    const behind = this.#versionsBehind(value, read.acked);
    return { message, value, submittedNs: read.atNs, behind };
  }

  /** Of the first `acked` writes those that began when `value` had been acknowledged. */
  #versionsBehind(value: number, acked: number): number {
    const write = this.#byValue.get(value);
    const sinceNs = write === undefined ? -1 : (write.ackedNs ?? Infinity);
    let behind = 0;
    for (let place = acked - 1; place >= 0; place -= 1) {
      const other = this.#acked[place];
      if (other === undefined || (other.ackedNs ?? 0) <= sinceNs) break;
      if (other.submittedNs > sinceNs) behind += 1;
    }
    return behind;
  }
}

/** Lines of UTF-8 text out of a byte stream, bounded: what is longer is dropped up to its end. */

export type Line = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'too long' };

const NEWLINE = 0x0a;

export class LineDecoder {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #octets = 0;

  /** `limit`: octets of a line without its end. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that end in `bytes`, which is not kept. */
  decode(bytes: Uint8Array): Line[] {
    const lines: Line[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(NEWLINE, at);
      this.#add(bytes.subarray(at, end < 0 ? bytes.length : end));
      if (end < 0) break;
      lines.push(this.#take());
      at = end + 1;
    }
    return lines;
  }

  #add(bytes: Uint8Array): void {
    this.#octets += bytes.length;
    if (this.#octets <= this.#limit) this.#parts.push(new Uint8Array(bytes));
    else this.#parts = [];
  }

  #take(): Line {
    const isWhole = this.#octets <= this.#limit;
    const decoder = new TextDecoder();
    const text = this.#parts.map((part) => decoder.decode(part, { stream: true })).join('');
    this.#parts = [];
    this.#octets = 0;
    return isWhole ? { kind: 'line', text: text + decoder.decode() } : { kind: 'too long' };
  }
}

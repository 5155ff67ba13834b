/** A line on a terminal that says how far a long command is; nothing where no person looks. */

const INTERVAL_MS = 200;

export class Progress {
  readonly #beganNs: bigint = process.hrtime.bigint();
  /** Whether a person looks. */
  readonly isShown: boolean = process.stderr.isTTY;
  #nextMs: number = INTERVAL_MS;

  /** Seconds since the command began. */
  get seconds(): number {
    return Number(process.hrtime.bigint() - this.#beganNs) / 1e9;
  }

  /** Now and then; in between it costs a look at the clock. */
  tell(text: string): void {
    if (!this.isShown || this.seconds * 1000 < this.#nextMs) return;
    this.#nextMs = this.seconds * 1000 + INTERVAL_MS;
    process.stderr.write(`\r${text}\u{1b}[K`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.isShown) process.stderr.write('\r\u{1b}[K');
  }
}

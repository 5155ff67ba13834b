/**
 * Where the text of a lookup goes. Replies and dig's own remarks (';; …') go to standard output, as
 * with dig; with `+json` the remarks go to standard error, so that the output stays JSON, and with
 * `+yaml` only errors remain. Keeps the banner until there is something to print below it.
 */

export interface Streams {
  write(text: string): void;
  writeError(text: string): void;
  /**
   * Undefined while there is room for more text; else a promise of it, which is false when nobody
   * takes any more. Absent: there always is.
   */
  drained?(): Promise<boolean> | undefined;
}

export interface OutputForm {
  readonly json: boolean;
  readonly yaml: boolean;
}

/** More attempts than anybody wants to read about. */
const MAX_REMARKS = 100;

export class Output {
  readonly #streams: Streams;
  readonly #form: OutputForm;
  readonly #remarks: string[] = [];
  #banner = '';

  constructor(streams: Streams, form: OutputForm) {
    this.#streams = streams;
    this.#form = form;
  }

  /** What was remarked so far, without the semicolons. */
  get remarks(): readonly string[] {
    return this.#remarks;
  }

  holdBanner(banner: string): void {
    this.#banner = banner;
  }

  /** Prints the banner above what follows, or forgets it. */
  releaseBanner(isShown: boolean): void {
    if (isShown && !this.#form.json) this.#streams.write(this.#banner);
    this.#banner = '';
  }

  /** A part of the reply. */
  print(text: string): void {
    if (text !== '') this.#streams.write(text);
  }

  /** As `Streams` has it. */
  drained(): Promise<boolean> | undefined {
    return this.#streams.drained?.();
  }

  /** What ts-dig itself has to say, as a line that begins with ';;'. */
  remark(text: string): void {
    if (this.#remarks.length < MAX_REMARKS) this.#remarks.push(text);
    if (this.#form.yaml) return;
    const line = `;; ${text}\n`;
    if (this.#form.json) this.#streams.writeError(line);
    else this.#streams.write(line);
  }

  /** What ends a lookup without a reply. */
  fail(text: string): void {
    if (this.#form.yaml) this.print(`- type: DIG_ERROR\n  message: |\n    ${text}\n`);
    else this.remark(text);
  }

  /** dig's words for a transfer that came to nothing, which begin with one semicolon. */
  failTransfer(why: string): void {
    const line = `; Transfer failed.${why}\n`;
    if (this.#form.json) this.#streams.writeError(line);
    else if (!this.#form.yaml) this.#streams.write(line);
  }

  /** A failure before anything was asked. */
  complain(text: string): void {
    this.#streams.writeError(`ts-dig: ${text}\n`);
  }

  warn(text: string): void {
    this.#streams.writeError(`;; Warning, ${text}\n`);
  }
}

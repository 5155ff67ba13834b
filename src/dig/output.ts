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
  /** A program reads what is printed, so that all else goes elsewhere. */
  #isData: boolean;
  /** Of a reply: written at once when all of it is there. */
  #text = '';

  constructor(streams: Streams, form: OutputForm) {
    this.#streams = streams;
    this.#form = form;
    this.#isData = form.json;
  }

  /** What was remarked so far, without the semicolons. */
  get remarks(): readonly string[] {
    return this.#remarks;
  }

  /**
   * Of another lookup: nothing has been remarked, and the banner is still to be printed; never
   * where `isData`.
   */
  begin(banner: string, isData: boolean): void {
    this.#remarks.length = 0;
    this.#banner = banner;
    this.#isData = isData || this.#form.json;
  }

  holdBanner(banner: string): void {
    this.#banner = banner;
  }

  /** Prints the banner above what follows, or forgets it. */
  releaseBanner(isShown: boolean): void {
    if (isShown && !this.#isData) this.print(this.#banner);
    this.#banner = '';
  }

  /** A part of the reply. */
  print(text: string): void {
    if (this.#text === '' && text !== '') void Promise.resolve().then(() => this.#flush());
    this.#text += text;
  }

  /** As `Streams` has it. */
  drained(): Promise<boolean> | undefined {
    this.#flush();
    return this.#streams.drained?.();
  }

  /** What ts-dig itself has to say, as a line that begins with ';;'. */
  remark(text: string): void {
    if (this.#remarks.length < MAX_REMARKS) this.#remarks.push(text);
    if (this.#form.yaml) return;
    this.say(`;; ${text}\n`);
  }

  /** What ends a lookup without a reply. */
  fail(text: string): void {
    if (this.#form.yaml) this.print(`- type: DIG_ERROR\n  message: |\n    ${text}\n`);
    else this.remark(text);
  }

  /** dig's words for a transfer that came to nothing: with one semicolon, and in YAML, too. */
  failTransfer(why: string): void {
    this.say(`; Transfer failed.${why}\n`);
  }

  /** A failure before anything was asked. */
  complain(text: string): void {
    this.#writeError(`ts-dig: ${text}\n`);
  }

  warn(text: string): void {
    this.#writeError(`;; Warning, ${text}\n`);
  }

  /** A line of dig's own that is no comment. */
  say(line: string): void {
    if (this.#isData) this.#writeError(line);
    else this.print(line);
  }

  /** Behind what was printed before, for whoever sees both in one place. */
  #writeError(text: string): void {
    this.#flush();
    this.#streams.writeError(text);
  }

  #flush(): void {
    const text = this.#text;
    this.#text = '';
    if (text !== '') this.#streams.write(text);
  }
}

/**
 * Where ts-dig's text goes. Replies and dig's own remarks (';; …') go to standard output, as with
 * dig; with `+json` the remarks go to standard error, so that the output stays JSON. Keeps the
 * banner until there is something to print below it.
 */

export interface Streams {
  write(text: string): void;
  writeError(text: string): void;
}

export class Output {
  readonly #streams: Streams;
  readonly #isJson: boolean;
  #banner = '';

  constructor(streams: Streams, isJson: boolean) {
    this.#streams = streams;
    this.#isJson = isJson;
  }

  holdBanner(banner: string): void {
    this.#banner = banner;
  }

  /** Prints the banner above what follows, or forgets it. */
  releaseBanner(isShown: boolean): void {
    if (isShown && !this.#isJson) this.#streams.write(this.#banner);
    this.#banner = '';
  }

  /** A part of the reply. */
  print(text: string): void {
    if (text !== '') this.#streams.write(text);
  }

  /** What ts-dig itself has to say, as a line that begins with ';;'. */
  remark(text: string): void {
    const line = `;; ${text}\n`;
    if (this.#isJson) this.#streams.writeError(line);
    else this.#streams.write(line);
  }

  /** A failure before anything was asked. */
  complain(text: string): void {
    this.#streams.writeError(`ts-dig: ${text}\n`);
  }

  warn(text: string): void {
    this.#streams.writeError(`;; Warning, ${text}\n`);
  }
}

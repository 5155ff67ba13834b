/**
 * What we use of `vega`. Its own types need those of a browser, which would then be known all over
 * the project; `paths` of tsconfig.json leads here instead.
 */

/** A level, for `logger`. */
export const Error: number;
export function logger(level: number): Logger;
export function parse(spec: object): Runtime;

export class View {
  constructor(runtime: Runtime, options: { readonly renderer: 'none'; readonly logger: Logger });
  toSVG(): Promise<string>;
  /** Ends timers and listeners. */
  finalize(): this;
}

interface Logger {
  level(): number;
}
interface Runtime {
  readonly operators: readonly unknown[];
}

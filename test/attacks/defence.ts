/** How a defence is written down: see `defences.ts`. */

export interface Defence {
  /** What is defended, as a sentence about the program. */
  readonly name: string;
  readonly file: string;
  /** Exactly as it stands there, once. */
  readonly text: string;
  readonly replacement: string;
  /** Of which one at least must fail, tried in this order: a file and (part of) a title. */
  readonly tests: readonly Guard[];
}

export type Guard = readonly [file: string, title: string];

export type Row = readonly [
  name: string,
  text: string,
  replacement: string,
  ...tests: readonly Guard[],
];

export function inFile(file: string, rows: readonly Row[]): readonly Defence[] {
  return rows.map(([name, text, replacement, ...tests]) => {
    return { name, file, text, replacement, tests };
  });
}

export type LimitRow = readonly [text: string, ...tests: readonly Guard[]];

/** Limits as good as none. */
export function limitsIn(file: string, rows: readonly LimitRow[]): readonly Defence[] {
  return rows.map(([text, ...tests]) => ({
    name: `the limit ${text}`,
    file,
    text: `  ${text},\n`,
    replacement: `  ${text.replace(/: .*/, ': 1e9')},\n`,
    tests,
  }));
}

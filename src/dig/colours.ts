/**
 * Colours for people at a terminal: comments fade, what failed is red, what differs stands out.
 * Only what ts-dig has printed is coloured, so no octet of a server's can begin an escape sequence.
 */

import type { Streams } from './output.ts';

const RESET = '\u001b[0m';
const FAINT = '\u001b[2m';
const BOLD = '\u001b[1m';
const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
const YELLOW = '\u001b[33m';

/** Streams on which whole lines become coloured. */
export function colouredStreams(streams: Streams): Streams {
  return {
    write: (text) => streams.write(colour(text)),
    writeError: (text) => streams.writeError(text),
    drained: () => streams.drained?.(),
  };
}

/** Adds nothing but colours. */
export function colour(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : colourLine(line)))
    .join('\n');
}

function colourLine(line: string): string {
  const status = /^(;; ->>HEADER<<- opcode: \S+ status: )(\S+)(,.*)$/.exec(line);
  if (status) {
    const [, before = '', word = '', after = ''] = status;
    const shown = `${BOLD}${word === 'NOERROR' ? GREEN : RED}${word}${RESET}`;
    return `${FAINT}${before}${RESET}${shown}${FAINT}${after}${RESET}`;
  }
  const look = LOOKS.find(([pattern]) => pattern.test(line))?.[1];
  return look === undefined ? line : `${look}${line}${RESET}`;
}

/** The first that fits counts. */
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/^;; (WARNING|communications error|Connection to .* failed|no servers|Couldn't verify)/, YELLOW],
  [/^; (EDE: |Transfer failed)/, YELLOW],
  [/^;; (TLS peer certificate|DIFFERENT)/, RED],
  [/^;; SAME/, GREEN],
  [/^!/, YELLOW],
  [/^- /, RED],
  [/^\+ /, GREEN],
  [/^;/, FAINT],
];

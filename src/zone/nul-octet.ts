/** A NUL octet: no text has one, and what reads on would make something else of the file. */

import type { ProblemSink } from './problem.ts';

const LINE_FEED = 0x0a;

export function reportNul(octets: Uint8Array, log: ProblemSink, start: number): void {
  const lineStart = octets.lastIndexOf(LINE_FEED, start) + 1;
  let line = 1;
  for (let at = 0; at < lineStart; at++) if (octets[at] === LINE_FEED) line++;
  log.error(
    { line, lineStart, start, end: start + 1 },
    'expected text in ASCII or UTF-8, found a NUL octet (a binary file, or UTF-16)',
    'nul-octet',
  );
}

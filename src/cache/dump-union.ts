/**
 * Dumps of several caches (`dump.ts`) as one: of what more than one of them holds, the first one's
 * word stands. What is live in one and over in another comes both ways, and loading takes the live.
 */

import { DUMP_FORMAT } from './dump.ts';

/** Each of `dumps` is whole. Holds the names of all entries in memory, and no line. */
export async function* uniteDumps(
  dumps: Iterable<AsyncIterable<string> | Iterable<string>>,
): AsyncGenerator<string, void, undefined> {
  const told = new Set<string>();
  let hasHeader = false;
  let lines = 0;
  for (const dump of dumps) {
    /** Of this dump: an RRset has several lines. */
    const own = new Set<string>();
    for await (const line of dump) {
      if (line.startsWith(DUMP_FORMAT)) {
        if (!hasHeader) yield line;
        hasHeader = true;
        continue;
      }
      const entry = entryOf(line);
      if (entry === undefined || (told.has(entry) && !own.has(entry))) continue;
      told.add(entry);
      own.add(entry);
      yield line;
      lines++;
    }
  }
  yield `end ${lines}`;
}

/** What the line is about; undefined for the end of a dump. */
function entryOf(line: string): string | undefined {
  const words = line.split(' ', 6);
  const kind = words[0]!;
  if (kind === 'end') return undefined;
  // delegation EXPIRY ZONE …, records EXPIRY CREDIBILITY PLACE OWNER TYPE …,
  // negative EXPIRY RCODE OWNER TYPE …
  if (kind === 'delegation') return `${kind} ${words[2]}`;
  const at = kind.endsWith('records') ? 4 : 3;
  return `${kind} ${words[at]} ${words[at + 1]}`;
}

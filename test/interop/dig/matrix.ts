/**
 * Reads the matrix: what dig and ts-dig are both asked, behind `@SERVER -p PORT +tries=1 +time=1`,
 * one command line a row. The first label of a name says what the server answers (`scripts.ts`).
 * Words in double quotes are one argument. Words in braces are a file (in double braces, when it has
 * some itself), whose lines stand between
 * ' / '; a row may begin with '{…} rc ', the lines of `~/.digrc`. `## ` begins a group. `~ ` begins
 * a row whose outcome differs, for the reason that the last line with `~~ ` gives; `<> ` one whose
 * lines come as the kernel tells of them, in an order that is nobody's choice.
 */
import { readFileSync } from 'node:fs';

export interface Row {
  /** The command line, behind what all have. */
  readonly words: string;
  /** Why ts-dig says something else; undefined: it does not. */
  readonly difference: string | undefined;
  readonly isOrdered: boolean;
}

export interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

const FILE = new URL('matrix.txt', import.meta.url);
const NOTHING = '(nothing)';

export function readMatrix(file: URL = FILE): readonly Group[] {
  const groups: { title: string; rows: Row[] }[] = [];
  let reason = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    if (line.startsWith('## ')) groups.push({ title: line.slice(3), rows: [] });
    else if (line.startsWith('~~ ')) reason = line.slice(3);
    else {
      const differs = line.startsWith('~ ');
      const isOrdered = !line.startsWith('<> ');
      const words = line.replace(/^(~|<>) /, '');
      const difference = differs ? reason : undefined;
      groups.at(-1)?.rows.push({ words: words === NOTHING ? '' : words, difference, isOrdered });
    }
  }
  return groups;
}

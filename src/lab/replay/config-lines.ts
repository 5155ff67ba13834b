/**
 * The configuration at the head of a scenario: the keys and clauses of `unbound.conf`, of which
 * Deckard uses a few without clauses. Several keys may share a line. Files that the configuration
 * brings along (`TEMPFILE_CONTENTS`) are passed over; that there are some is kept.
 */

import { type ScenarioLines, withoutComment } from './scenario-lines.ts';
import type { Setting } from './scenario.ts';

/** Directives of testbound that run up to a line of their own; the others are one line. */
const BLOCK_ENDS: Readonly<Record<string, string>> = {
  TEMPFILE_CONTENTS: 'TEMPFILE_END',
  AUTOTRUST_FILE: 'AUTOTRUST_END',
};

export const CLAUSES: ReadonlySet<string> = new Set([
  'auth-zone',
  'cachedb',
  'dnscrypt',
  'dnstap',
  'dynlib',
  'forward-zone',
  'ipset',
  'python',
  'remote-control',
  'rpz',
  'server',
  'stub-zone',
  'view',
]);

/** Reads up to and with `CONFIG_END`. */
export function parseConfig(lines: ScenarioLines): Setting[] {
  const settings: Setting[] = [];
  const clause = { name: '', number: 0 };
  for (;;) {
    const line = lines.next('CONFIG_END');
    if (line.text === 'CONFIG_END') return settings;
    const directive = /^[A-Z][A-Z_]+(?=\s|$)/.exec(line.text)?.[0];
    if (directive !== undefined) {
      const values = line.text.split(/\s+/).slice(1);
      settings.push(setting({ name: '', number: 0 }, directive, { values, line: line.number }));
      skipBlock(lines, directive);
      continue;
    }
    const words = tokensOf(withoutComment(line.text, '#'));
    for (const { key, values } of keysOf(words)) {
      if (key === undefined)
        lines.fail(line, `expected a key such as 'server:', found '${values[0]}'`);
      if (values.length === 0 && CLAUSES.has(key)) {
        clause.name = key;
        clause.number++;
        settings.push(setting(clause, '', { values: [], line: line.number }));
      } else settings.push(setting(clause, key, { values, line: line.number }));
    }
  }
}

function setting(
  clause: { readonly name: string; readonly number: number },
  key: string,
  rest: Pick<Setting, 'values' | 'line'>,
): Setting {
  return { clause: clause.name, clauseNumber: clause.number, key, ...rest };
}

function skipBlock(lines: ScenarioLines, directive: string): void {
  const end = BLOCK_ENDS[directive];
  if (end === undefined) return;
  while (lines.next(end).text !== end);
}

interface Word {
  readonly text: string;
  readonly isQuoted: boolean;
}

function tokensOf(text: string): Word[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].flatMap((match): Word[] => {
    const bare = match[3];
    const quoted = match[1] ?? match[2];
    if (quoted !== undefined) return [{ text: quoted, isQuoted: true }];
    // 'key:value' in one piece; an IPv6 prefix never has a letter beyond f before its colon.
    const joined = /^([a-z][a-z0-9-]*[g-z][a-z0-9-]*:)([^:\s"]+)$/.exec(bare!);
    const texts = joined ? [joined[1]!, joined[2]!] : [bare!];
    return texts.map((part) => ({ text: part, isQuoted: false }));
  });
}

/** A word that ends with a colon is a key; what follows up to the next one belongs to it. */
function keysOf(words: readonly Word[]): { key: string | undefined; values: string[] }[] {
  const keys: { key: string | undefined; values: string[] }[] = [];
  for (const { text, isQuoted } of words) {
    if (!isQuoted && /^[a-zA-Z][a-zA-Z0-9-]*:$/.test(text)) {
      keys.push({ key: text.slice(0, -1).toLowerCase(), values: [] });
    } else if (keys.length > 0) keys.at(-1)!.values.push(text);
    else return [{ key: undefined, values: [text] }];
  }
  return keys;
}

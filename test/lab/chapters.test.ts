/**
 * The chapters of `docs/lab` tell the truth: every command of a `console` block is run, and every
 * line below it is printed by it, in that order. What is left out is marked by a line with `…`.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { main } from '../../src/cli/ts-dns.ts';
import { captured } from '../cli/captured.ts';

const FOLDER = fileURLToPath(new URL('../../docs/lab', import.meta.url));
const PROMPT = '$ ts-dns ';

interface Shown {
  readonly command: string;
  readonly lines: readonly string[];
}

/** The commands of a chapter, each with what is shown of its output. */
function commandsOf(text: string): readonly Shown[] {
  const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body);
  return blocks.flatMap((body) => {
    const parts = body.split(/^(?=\$ )/m);
    return parts.map((part) => {
      const [first = '', ...lines] = part.trimEnd().split('\n');
      if (!first.startsWith(PROMPT)) throw new Error(`not a command of ts-dns: ${first}`);
      return { command: first.slice(PROMPT.length), lines };
    });
  });
}

/** The first line that is not printed after the ones before it. */
function firstMissing(lines: readonly string[], output: readonly string[]): string | undefined {
  let place = 0;
  for (const line of lines) {
    if (line.trim() === '…' || line.trim() === '') continue;
    const found = output.findIndex((printed, index) => index >= place && same(printed, line));
    if (found === -1) return line;
    place = found + 1;
  }
  return undefined;
}

/** Columns are as wide as the whole table needs, so blanks do not count. */
function same(a: string, b: string): boolean {
  const words = (line: string): string => line.trim().split(/\s+/).join(' ');
  return words(a) === words(b);
}

/** The other pages show shell that a reader can paste, which `test/readme.test.ts` runs. */
const CHAPTERS = readdirSync(FOLDER).filter((file) => /^(\d\d-.*|scenarios)\.md$/.test(file));

describe.each(CHAPTERS)('%s', (file) => {
  const shown = commandsOf(readFileSync(`${FOLDER}/${file}`, 'utf8'));

  test('shows something', () => {
    expect(shown.length).toBeGreaterThan(0);
  });

  test.each(shown)('$command', async ({ command, lines }) => {
    const { out, err } = await captured(() => main(command.split(/\s+/)));
    expect(lines.length).toBeGreaterThan(0);
    expect({ err, missing: firstMissing(lines, out.split('\n')) }).toEqual({ err: '' });
  });
});

test('a line that is not printed, or in another order, is found', () => {
  expect(firstMissing(['a  1', '…', 'c 3'], ['a 1', 'b 2', 'c    3'])).toBeUndefined();
  expect(firstMissing(['a 2'], ['a 1'])).toBe('a 2');
  expect(firstMissing(['b', 'a'], ['a', 'b'])).toBe('a');
});

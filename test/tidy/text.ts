/**
 * What no file of the repository may say: unfinished business, and places of the machine on which
 * somebody wrote it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles, type Breach } from './source.ts';

// Written with classes of one character, so that this file does not contain what it looks for.
const UNFINISHED = /\b(TOD[O]|FIXM[E]|XX[X])\b/;
const MACHINE_PATH = /(?<![\w.~-])[/](work|home|root|tmp[/]bash_jobs)[/]/;
const REGISTRY = /registry[.](npmjs|yarnpkg)[.]|artifactor[y]|proxy[.]golang[.]|pypi[.]org/;

const RULES: readonly (readonly [rule: string, pattern: RegExp, message: string])[] = [
  ['unfinished', UNFINISHED, 'finish it, or say in a sentence what is left out and why'],
  ['machine-path', MACHINE_PATH, 'a path of one machine'],
  ['registry', REGISTRY, 'a host of a package registry'],
];

export function checkText(root: string): readonly Breach[] {
  const files = listFiles(root);
  if (files.length === 0) throw new Error('the text checker read no files');
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'latin1');
    // Packets and other binary fixtures say nothing.
    return text.includes('\0') ? [] : checkTextOf(file, text);
  });
}

export function checkTextOf(file: string, text: string): readonly Breach[] {
  return text.split('\n').flatMap((content, index) =>
    RULES.filter(([, pattern]) => pattern.test(content)).map(([rule, , message]) => {
      return { file, line: index + 1, rule, message };
    }),
  );
}

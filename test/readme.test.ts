/** Every block of the documents that is marked `sh runnable` or `ts runnable` works as printed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { listDocuments, readExamples, type Example } from './tidy/documents.ts';
import { runExample } from './tidy/examples.ts';

const TIMEOUT_MS = 60_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const documents = listDocuments(root).map((file) => ({
  file,
  text: readFileSync(join(root, file), 'utf8'),
}));
const examples = documents.flatMap(({ file, text }) => readExamples(file, text));

test('every block that is marked runnable is run', () => {
  const marks = documents.flatMap(({ text }) => text.match(/^\s*(```|~~~).*\brunnable\b/gm) ?? []);
  expect(examples.length).toBe(marks.length);
});

describe.runIf(examples.length > 0)('examples', () => {
  for (const example of examples) {
    test(`${example.file}:${example.line}`, { timeout: TIMEOUT_MS }, () => {
      runExample(root, example);
    });
  }
});

describe('the runner', { timeout: TIMEOUT_MS }, () => {
  const example = (language: 'sh' | 'ts', code: string): Example => {
    return { file: 'planted.md', line: 1, language, code };
  };

  test('runs shell at the root of the checkout and stops at the first failure', () => {
    expect(runExample(root, example('sh', 'test -f package.json\necho here\n'))).toBe('here\n');
    expect(() => runExample(root, example('sh', 'false\ntrue\n'))).toThrow('failed');
  });

  test('runs TypeScript and refuses what does not type-check', () => {
    expect(runExample(root, example('ts', 'const a: number = 1;\nconsole.log(a);\n'))).toBe('1\n');
    expect(() => runExample(root, example('ts', "const a: number = '';\n"))).toThrow('TS2322');
  });
});

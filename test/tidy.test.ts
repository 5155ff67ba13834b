/**
 * The architecture as a test: layers, bans, form and truth of the documents. Every checker is also
 * run on `test/fixtures/violations`, a small tree in which each line that breaks a rule ends with
 * `breach: RULE`: what is marked must be reported there, and nothing else.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkBans } from './tidy/bans.ts';
import { checkDocuments, checkMirror, listDocuments, readExamples } from './tidy/documents.ts';
import { checkForm } from './tidy/form.ts';
import { checkLayers, LAYERS } from './tidy/layers.ts';
import { listFiles, parseModule, readModules, type Breach } from './tidy/source.ts';
import { checkText, checkTextOf } from './tidy/text.ts';
import { findDeadCode, lint } from './tidy/tools.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const planted = fileURLToPath(new URL('fixtures/violations', import.meta.url));

describe('the repository', () => {
  const modules = readModules(root);

  test('every import is one that its layer may make', () => {
    expect(print(checkLayers(modules))).toEqual([]);
  });

  test('nothing reaches past the ports to clocks, timers, randomness or the process', () => {
    expect(print(checkBans(modules))).toEqual([]);
  });

  test('modules have headers, kebab-case names, named exports and bearable lengths', () => {
    expect(print(checkForm(modules))).toEqual([]);
  });

  test('no file is unfinished or names a machine', () => {
    expect(print(checkText(root))).toEqual([]);
  });

  test('documents name what exists', () => {
    expect(listDocuments(root)).toEqual(expect.arrayContaining(['ARCHITECTURE.md', 'README.md']));
    expect(print(checkDocuments(root))).toEqual([]);
  });

  test('test mirrors src', () => {
    expect(print(checkMirror(root))).toEqual([]);
  });
});

/** Tools of their own processes, on machines that may be busy. */
const PATIENCE_MS = 60_000;

/** Other programs, which a busy machine may keep waiting. */
const TOOL_MS = 60_000;

describe('planted violations are reported where they are', { timeout: PATIENCE_MS }, () => {
  const modules = readModules(planted);
  const expected = markedIn(planted);

  const CHECKERS: Readonly<Record<string, readonly [readonly string[], () => readonly Breach[]]>> =
    {
      layers: [['layer'], () => checkLayers(modules)],
      bans: [
        ['clock', 'timer', 'random', 'network', 'process', 'global', 'text-case'],
        () => checkBans(modules),
      ],
      form: [
        ['file-name', 'header', 'barrel', 'default-export', 'line-length'],
        () => checkForm(modules),
      ],
      documents: [['path', 'link'], () => checkDocuments(planted)],
      linter: [['lint'], () => lint(root, join(planted, 'lint.ts'))],
    };

  test.each(Object.entries(CHECKERS))(
    '%s',
    (_, [rules, run]) => {
      const marked = expected.filter(({ rule }) => rules.includes(rule));
      for (const rule of rules) expect(marked.map((breach) => breach.rule)).toContain(rule);
      expect(places(run())).toEqual(places(marked));
    },
    TOOL_MS,
  );

  test('every mark belongs to a checker', () => {
    const known = Object.values(CHECKERS).flatMap(([rules]) => rules);
    expect(expected.filter(({ rule }) => !known.includes(rule))).toEqual([]);
  });

  test(
    'dead files, exports and dependencies',
    () => {
      const report = findDeadCode(root, join(planted, 'dead-code'));
      expect(report).toMatch(/Unused files \(1\)\s+src\/dead\.ts/);
      expect(report).toMatch(/Unused dependencies \(1\)\s+left-pad/);
      expect(report).toMatch(/Unused exports \(1\)\s+unused/);
    },
    TOOL_MS,
  );

  test('a test folder without a layer, and a layer without one', () => {
    const found = print(checkMirror(planted));
    expect(found).toContain('test/ghost:1 mirror: there is no src/ghost');
    expect(found).toContain('src/zone:1 mirror: there is no test/zone');
  });
});

describe('the checkers', () => {
  test('a layer checker that read nothing fails', () => {
    expect(() => checkLayers([])).toThrow('read no modules');
  });

  test('a module that does not parse is an error, not an empty one', () => {
    expect(() => parseModule('src/wire/broken.ts', 'export const = 1;')).toThrow('broken.ts');
  });

  test('a file over 500 lines is reported, unless it is a table', () => {
    const text = (lines: number): string => `/** Long. */\n${'\n'.repeat(lines - 1)}`;
    expect(checkForm([parseModule('src/wire/a.ts', text(500))])).toEqual([]);
    expect(checkForm([parseModule('src/wire/iana.ts', text(501))])).toEqual([]);
    expect(print(checkForm([parseModule('src/wire/a.ts', text(501))]))).toEqual([
      'src/wire/a.ts:1 file-length: 501 lines, at most 500',
    ]);
  });

  test('unfinished work, machine paths and registry hosts are reported', () => {
    const rulesOf = (text: string): readonly string[] =>
      checkTextOf('a.md', text).map(({ line, rule }) => `${line} ${rule}`);
    // In pieces, so that this file is not reported itself.
    const glue = (...parts: readonly string[]): string => parts.join('');
    expect(rulesOf(glue('one\n// TO', 'DO two'))).toEqual(['2 unfinished']);
    expect(rulesOf(glue('cd /wo', 'rk/main'))).toEqual(['1 machine-path']);
    expect(rulesOf(glue('"file:/ho', 'me/a"'))).toEqual(['1 machine-path']);
    expect(rulesOf(glue('https://registry.', 'npmjs.org/x'))).toEqual(['1 registry']);
    expect(rulesOf(glue('example.com/ro', 'ot/wo', 'rk/ho', 'me'))).toEqual([]);
  });

  test('the table has no row that looks up to itself through another', () => {
    const reach = (layer: string, seen: readonly string[]): readonly string[] =>
      LAYERS[layer]!.layers.flatMap((next) => {
        const name = next.replace('types:', '');
        if (seen.includes(name)) return [`${seen.join(' > ')} > ${name}`];
        return name === 'net/real' ? [] : reach(name, [...seen, name]);
      });
    expect(Object.keys(LAYERS).flatMap((layer) => reach(layer, [layer]))).toEqual([]);
  });

  test('runnable blocks are found, others are not, and a wrong mark is an error', () => {
    const fence = '```';
    const text = `# A\n\n${fence}sh runnable\necho 1\n${fence}\n\n${fence}sh\nrm x\n${fence}\n`;
    expect(readExamples('a.md', text)).toEqual([
      { file: 'a.md', line: 4, language: 'sh', code: 'echo 1\n' },
    ]);
    expect(() => readExamples('a.md', `${fence}bash runnable\n${fence}\n`)).toThrow('a.md:1');
  });
});

function print(breaches: readonly Breach[]): readonly string[] {
  return breaches.map(({ file, line, rule, message }) => `${file}:${line} ${rule}: ${message}`);
}

function places(breaches: readonly Breach[]): readonly string[] {
  return [...new Set(breaches.map(({ file, line, rule }) => `${file}:${line} ${rule}`))].toSorted();
}

/** The marks of a planted tree: `breach: RULE RULE`, at the end of a line or in a comment. */
function markedIn(tree: string): readonly Breach[] {
  return listFiles(tree).flatMap((file) =>
    readFileSync(join(tree, file), 'utf8')
      .split('\n')
      .flatMap((text, index) =>
        [...text.matchAll(/\bbreach:((?: [a-z]+(?:-[a-z]+)*)+)/g)].flatMap(([, rules = '']) =>
          rules
            .trim()
            .split(' ')
            .map((rule) => ({ file, line: index + 1, rule, message: '' })),
        ),
      ),
  );
}

/**
 * Documents that tell the truth: paths that ARCHITECTURE.md names exist, relative links resolve,
 * headings that they point at are there. And the parser of runnable examples.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { posix, join } from 'node:path';
import { listFiles, type Breach } from './source.ts';

/** The page whose paths in backticks must exist. */
const MAP = 'ARCHITECTURE.md';
const TOP_LEVEL = /^(src|test|bin|docs|zones|bench|tools|\.ci)\//;
/** Folders of `test` that stand for no folder of `src`. */
const TEST_ONLY = [
  'attacks',
  'conformance',
  'fixtures',
  'interop',
  'scenarios',
  'support',
  'swarm',
  'tidy',
];

/** A fenced block whose info string says `sh runnable` or `ts runnable`. */
export interface Example {
  readonly file: string;
  /** Of its first line of code. */
  readonly line: number;
  readonly language: 'sh' | 'ts';
  readonly code: string;
}

interface Line {
  readonly number: number;
  readonly text: string;
}

export function checkDocuments(root: string): readonly Breach[] {
  return listDocuments(root).flatMap((file) => {
    const lines = proseOf(readFileSync(join(root, file), 'utf8'));
    const links = lines.flatMap((line) => checkLinks(root, file, line));
    return file === MAP ? [...links, ...lines.flatMap((line) => checkPaths(root, line))] : links;
  });
}

export function listDocuments(root: string): readonly string[] {
  return listFiles(root).filter((file) => /^([^/]+|docs\/.+)\.md$/.test(file));
}

/** `test` mirrors the layers of `src`, both ways. */
export function checkMirror(root: string): readonly Breach[] {
  const layers = foldersOf(root, 'src');
  const tests = foldersOf(root, 'test');
  const strays = tests.filter((name) => !layers.includes(name) && !TEST_ONLY.includes(name));
  const untested = layers.filter((name) => !tests.includes(name));
  return [
    ...strays.map((name) => ({
      file: `test/${name}`,
      line: 1,
      rule: 'mirror',
      message: `there is no src/${name}`,
    })),
    ...untested.map((name) => ({
      file: `src/${name}`,
      line: 1,
      rule: 'mirror',
      message: `there is no test/${name}`,
    })),
  ];
}

/** The blocks to run. A word after the fence that is not understood is an error, never a skip. */
export function readExamples(file: string, text: string): readonly Example[] {
  return [...fencesOf(text)]
    .filter(({ info }) => info.split(/\s+/).includes('runnable'))
    .map(({ info, number, body }) => {
      const [language, word, ...rest] = info.split(/\s+/);
      if ((language !== 'sh' && language !== 'ts') || word !== 'runnable' || rest.length > 0) {
        throw new Error(`${file}:${number}: \`\`\`${info}: write sh runnable or ts runnable`);
      }
      return { file, line: number + 1, language, code: `${body.join('\n')}\n` };
    });
}

function checkPaths(root: string, { number, text }: Line): readonly Breach[] {
  return [...text.matchAll(/`([^`\s]+)`/g)].flatMap(([, path = '']) => {
    const isFile = /^[\w.-]+\.(md|json|ts|mjs)$/.test(path);
    if (!TOP_LEVEL.test(path) && !isFile) return [];
    if (/[*<{]/.test(path) ? matchesSomething(root, path) : existsSync(join(root, path))) return [];
    return [{ file: MAP, line: number, rule: 'path', message: `${path} does not exist` }];
  });
}

/** 'zones/*.zone' names something when one file fits. */
function matchesSomething(root: string, glob: string): boolean {
  const pattern = glob
    .replaceAll(/[.+^$()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+|<[^>]*>|\{[^}]*\}/g, '.+');
  return listFiles(root).some((file) => new RegExp(`^${pattern}$`).test(file));
}

function checkLinks(root: string, file: string, { number, text }: Line): readonly Breach[] {
  const inline = [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(<?([^)\s>]+)[^)]*\)/g)];
  const references = [...text.matchAll(/^\[[^\]]+\]:\s*(\S+)/g)];
  return [...inline, ...references].flatMap(([, link = '']) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return [];
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : posix.join(posix.dirname(file), path);
    if (!existsSync(join(root, target))) {
      return [{ file, line: number, rule: 'link', message: `${target} does not exist` }];
    }
    if (anchor === undefined || !target.endsWith('.md') || hasHeading(root, target, anchor)) {
      return [];
    }
    return [{ file, line: number, rule: 'link', message: `${target} has no heading #${anchor}` }];
  });
}

function hasHeading(root: string, file: string, anchor: string): boolean {
  return proseOf(readFileSync(join(root, file), 'utf8')).some(({ text }) => {
    const heading = /^#+\s+(.*)$/.exec(text)?.[1];
    const slug = heading
      ?.toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    return slug === anchor;
  });
}

/** Lines outside fenced blocks. */
function proseOf(text: string): readonly Line[] {
  const fenced = new Set(
    [...fencesOf(text)].flatMap(({ number, body }) =>
      Array.from({ length: body.length + 2 }, (_, index) => number + index),
    ),
  );
  return text
    .split('\n')
    .map((content, index) => ({ number: index + 1, text: content }))
    .filter(({ number }) => !fenced.has(number));
}

interface Fence {
  /** Line of the opening fence. */
  readonly number: number;
  readonly info: string;
  readonly body: readonly string[];
}

function* fencesOf(text: string): Generator<Fence> {
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const opening = /^(`{3,}|~{3,})\s*(.*?)\s*$/.exec(lines[index]!);
    if (opening === null) continue;
    const [, fence = '', info = ''] = opening;
    const end = lines.findIndex((line, at) => at > index && line.trimEnd() === fence);
    const body = lines.slice(index + 1, end === -1 ? undefined : end);
    yield { number: index + 1, info, body };
    index += body.length + 1;
  }
}

function foldersOf(root: string, folder: string): readonly string[] {
  const path = join(root, folder);
  return readdirSync(path).filter(
    (name) =>
      statSync(join(path, name)).isDirectory() && listFiles(root, `${folder}/${name}`).length > 0,
  );
}

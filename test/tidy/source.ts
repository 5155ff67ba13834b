/**
 * Reads a source tree for the checkers of this folder: every module of `src` with its syntax tree,
 * its imports and its lines. A real parser does the reading, so comments, strings and templates
 * cannot fool a checker.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, type Program } from 'oxc-parser';

/** A broken rule at a place, as an editor understands it. */
export interface Breach {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

export interface Import {
  readonly line: number;
  /** As written: './name.ts', 'node:fs', 'lru-cache'. */
  readonly specifier: string;
  /** The names asked for; 'default' and '*' for those forms; empty for side effects and `import()`. */
  readonly names: readonly string[];
  /** Erased by the compiler: every name is a type. */
  readonly typeOnly: boolean;
}

export interface Module {
  /** Relative to the root of the tree, with slashes: 'src/wire/name.ts'. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly imports: readonly Import[];
  readonly comments: readonly Comment[];
  readonly program: Program;
}

export interface Comment {
  readonly line: number;
  readonly start: number;
  readonly text: string;
}

/** Any node of the syntax tree, with its children reachable by name. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Never part of a clone: made by tools, or planted to be wrong. */
const SKIPPED =
  /^(node_modules|dist|coverage|\.git|\.dist-.*|\.runnable-.*|test\/fixtures\/violations)$/;

export function readModules(root: string): readonly Module[] {
  return listFiles(root, 'src')
    .filter((path) => /\.[cm]?tsx?$/.test(path))
    .map((path) => parseModule(path, readFileSync(join(root, path), 'utf8')));
}

export function parseModule(path: string, text: string): Module {
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  return {
    path,
    text,
    lines: text.split('\n'),
    imports: [...walk(program)].flatMap((node) => readImport(node, text)),
    comments: comments.map(({ start, value }) => ({
      line: lineAt(text, start),
      start,
      text: value,
    })),
    program,
  };
}

/** Files below `folder`, relative to `root`, sorted, without those that no clone has. */
export function listFiles(root: string, folder = ''): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (SKIPPED.test(path)) return [];
      if (entry.isDirectory()) return listFiles(root, path);
      return entry.isFile() ? [path] : [];
    })
    .toSorted();
}

/** Every node below `node`, itself first. */
export function* walk(node: unknown): Generator<Syntax> {
  if (Array.isArray(node)) {
    for (const child of node) yield* walk(child);
  } else if (isSyntax(node)) {
    yield node;
    for (const child of Object.values(node)) yield* walk(child);
  }
}

export function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** All forms in which one module names another: import, export from, `import()`, `import('x').T`. */
function readImport(node: Syntax, text: string): readonly Import[] {
  if (!/^(Import|Export|TSImport)/.test(node.type)) return [];
  const line = lineAt(text, node.start);
  const specifier = specifierOf(node);
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration': {
      if (specifier === undefined) return [];
      const parts = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isSyntax) : [];
      const names = node.type === 'ExportAllDeclaration' ? ['*'] : parts.map(importedName);
      return [{ line, specifier, names, typeOnly: isTypeOnly(node, parts) }];
    }
    case 'ImportExpression':
      // What is computed cannot be checked, so it is no layer's right: see `checkLayers`.
      return [{ line, specifier: specifier ?? '(computed)', names: [], typeOnly: false }];
    case 'TSImportType':
      return [{ line, specifier: specifier ?? '(computed)', names: [], typeOnly: true }];
    case 'TSImportEqualsDeclaration':
      return [{ line, specifier: '(require)', names: ['*'], typeOnly: false }];
    default:
      return [];
  }
}

function specifierOf(node: Syntax): string | undefined {
  const source = node['source'] ?? node['argument'];
  if (!isSyntax(source)) return undefined;
  const literal = isSyntax(source['literal']) ? source['literal'] : source;
  return typeof literal['value'] === 'string' ? literal['value'] : undefined;
}

function isTypeOnly(node: Syntax, parts: readonly Syntax[]): boolean {
  const kind = (part: Syntax): unknown => part['importKind'] ?? part['exportKind'];
  if (kind(node) === 'type') return true;
  return parts.length > 0 && parts.every((part) => kind(part) === 'type');
}

function importedName(part: Syntax): string {
  if (part.type === 'ImportDefaultSpecifier') return 'default';
  if (part.type === 'ImportNamespaceSpecifier') return '*';
  const name = part['imported'] ?? part['local'];
  return isSyntax(name) ? String(name['name'] ?? name['value']) : '*';
}

/**
 * The form of the modules of `src`: names and lengths of files, header comments, no barrels, no
 * default exports. Lengths of functions and nesting are the linter's business.
 */
import { isSyntax, lineAt, walk, type Breach, type Module } from './source.ts';

const MAX_LINES = 500;
const MAX_COLUMNS = 100;
/** Tables of numbers and names, long by nature. */
const TABLE_FILE = /(^|\/)iana\.ts$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/;
const PUBLIC_EDGE = 'src/index.ts';

export function checkForm(modules: readonly Module[]): readonly Breach[] {
  return modules.flatMap((module) => [
    ...checkFile(module),
    ...checkLines(module),
    ...checkExports(module),
  ]);
}

function checkFile({ path, lines, comments, text }: Module): readonly Breach[] {
  const breaches: Breach[] = [];
  const report = (rule: string, message: string): void => {
    breaches.push({ file: path, line: 1, rule, message });
  };
  const name = path.split('/').at(-1) ?? path;
  if (!KEBAB_CASE.test(name)) report('file-name', `${name} is not in kebab-case`);
  if (name === 'index.ts' && path !== PUBLIC_EDGE) report('barrel', `only ${PUBLIC_EDGE}`);
  const length = text.endsWith('\n') ? lines.length - 1 : lines.length;
  if (length > MAX_LINES && !TABLE_FILE.test(path)) {
    report('file-length', `${length} lines, at most ${MAX_LINES}`);
  }
  const [first] = comments;
  if (first?.start !== 0 || !text.startsWith('/**')) {
    report('header', 'begin with a comment that says what the module is');
  }
  return breaches;
}

function checkLines({ path, lines }: Module): readonly Breach[] {
  return lines.flatMap((line, index) =>
    // A single word, such as a link or a hash, cannot be broken.
    line.length > MAX_COLUMNS && /\S\s+\S/.test(line.trim().replace(/^(\*|\/\/)\s*/, ''))
      ? [{ file: path, line: index + 1, rule: 'line-length', message: `over ${MAX_COLUMNS}` }]
      : [],
  );
}

function checkExports({ path, text, program }: Module): readonly Breach[] {
  return [...walk(program)].flatMap((node) => {
    if (!node.type.startsWith('Export')) return [];
    const line = lineAt(text, node.start);
    if (node.type === 'ExportAllDeclaration') {
      return [{ file: path, line, rule: 'barrel', message: 'no export *: name what you pass on' }];
    }
    if (node.type === 'ExportDefaultDeclaration' || exportsDefault(node)) {
      return [{ file: path, line, rule: 'default-export', message: 'named exports only' }];
    }
    const passesOn = node.type === 'ExportNamedDeclaration' && isSyntax(node['source']);
    if (passesOn && path !== PUBLIC_EDGE) {
      return [{ file: path, line, rule: 'barrel', message: 'import it where it is defined' }];
    }
    return [];
  });
}

/** `export { x as default }`. */
function exportsDefault(node: {
  readonly type: string;
  readonly [field: string]: unknown;
}): boolean {
  if (node.type !== 'ExportSpecifier' || !isSyntax(node['exported'])) return false;
  return node['exported']['name'] === 'default';
}

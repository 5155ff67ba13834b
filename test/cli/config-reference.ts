/** Every key of a configuration file as the second half of `docs/configuration.md`. */
import { kebabCase, type AnySection, type Entry } from '../../src/cli/config/key.ts';

/** Markdown, in the order of the schema. */
export function referenceOf(section: AnySection, path = ''): string {
  const entries = Object.entries(section.entries);
  const keys = entries.filter(([, { kind }]) => kind === 'key').map(([name, of]) => line(name, of));
  const head = path === '' ? '### At the top\n' : `### ${path}\n\n${wrap(section.about)}\n`;
  const sections = entries.flatMap(([name, of]) => {
    const under = path === '' ? kebabCase(name) : `${path}.${kebabCase(name)}`;
    return of.kind === 'section' ? [referenceOf(of, under)] : [];
  });
  const own = keys.length > 0 ? [`${head}\n${keys.join('\n')}\n`] : [head];
  return [...own, ...sections].join('\n');
}

function line(name: string, entry: Entry<unknown>): string {
  if (entry.kind !== 'key') throw new Error('only keys have a line');
  const live = entry.isLive ? ', at once' : '';
  return wrap(`- **\`${kebabCase(name)}\`** (${entry.fallback}${live}): ${entry.about}`, '  ');
}

/** At 100 columns; further lines begin with `indent`. */
function wrap(text: string, indent = ''): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!;
    const isFirst = last === '' || last === indent;
    if (!isFirst && last.length + 1 + word.length > 100) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = isFirst ? `${last}${word}` : `${last} ${word}`;
  }
  return lines.join('\n');
}

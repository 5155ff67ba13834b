/** `ts-dns lab list` and `ts-dns lab explain ID`. */

import { EXPERIMENTS, WORLD_EXPERIMENTS } from '../../lab/experiment/registry.ts';
import { printParameter } from '../../lab/experiment/parameters.ts';
import { namedCard } from './named.ts';

/** Of the first letter of an id; applications are called by words. */
const TOPICS: readonly (readonly [letter: RegExp, topic: string])[] = [
  [/^A\d/, 'Reliable delivery'],
  [/^B\d/, 'Total order, and telling everybody'],
  [/^C\d/, 'Clocks'],
  [/^D\d/, 'Agreement and consistency'],
  [/^E\d/, 'Caches and TTLs'],
  [/^/, 'Applications'],
];
const WIDTH = 80;

export function listExperiments(): number {
  const all = [...EXPERIMENTS, ...WORLD_EXPERIMENTS];
  const blocks = TOPICS.flatMap(([, topic]) => {
    const own = all.filter(({ id }) => topicOf(id) === topic);
    if (own.length === 0) return [];
    const lines = own.flatMap((card) => [
      `  ${card.id.padEnd(5)} ${card.title.padEnd(34)} ${'play' in card ? 'sim' : 'sim, real'}`,
      ...wrap(card.question, 8),
    ]);
    return [[topic, ...lines].join('\n')];
  });
  process.stdout.write(`${blocks.join('\n\n')}\n`);
  return 0;
}

function topicOf(id: string): string | undefined {
  return TOPICS.find(([letter]) => letter.test(id))?.[1];
}

/** Lines of at most `WIDTH` letters, each after as many spaces. */
function wrap(text: string, indent: number, first: string = ' '.repeat(indent)): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const isEmpty = line.length <= indent && line.trim() === '';
    if (!isEmpty && line.length + 1 + word.length > WIDTH && line !== first) {
      lines.push(line);
      line = `${' '.repeat(indent)}${word}`;
    } else line = isEmpty || line === first ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}

export function explainExperiment(id: string): number {
  const card = namedCard(id);
  const { title, quote, question, explanation, lookFor, parameters, mutants, plots } = card;
  const options = Object.entries(parameters).flatMap(([name, parameter]) => {
    const usual =
      parameter.kind === 'duration'
        ? parameter.default
        : printParameter(parameter, parameter.default);
    const head = `  ${`--${name} <${parameter.kind}>`.padEnd(24)} `;
    return wrap(`${parameter.help} (default ${usual})`, 27, head);
  });
  const bugs = Object.entries(mutants).flatMap(([name, text]) =>
    wrap(text, 27, `  ${`--mutant ${name}`.padEnd(24)} `),
  );
  const pictures = (plots?.sweeps ?? []).flatMap((plot) => wrap(plot.title, 4, '  - '));
  const lines = [
    `${card.id} ${title}`,
    ...wrap(`“${quote}”`, 0),
    '',
    ...wrap(question, 0),
    '',
    ...explanation.split('\n\n').flatMap((paragraph) => [...wrap(paragraph, 0), '']),
    'Look for',
    ...lookFor.flatMap((text) => wrap(text, 4, '  - ')),
    '',
    'Parameters',
    ...options,
    ...(pictures.length > 0
      ? ['', `Plots (ts-dns lab sweep ${card.id} --html FILE)`, ...pictures]
      : []),
    ...(bugs.length > 0 ? ['', 'Find the bug', ...bugs] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

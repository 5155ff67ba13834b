/** `ts-dns lab list` and `ts-dns lab explain ID`. */

import { EXPERIMENTS, WORLD_EXPERIMENTS } from '../../lab/experiment/registry.ts';
import { printParameter } from '../../lab/experiment/parameters.ts';
import { namedCard } from './named.ts';

export function listExperiments(): number {
  for (const { id, title, question } of [...EXPERIMENTS, ...WORLD_EXPERIMENTS]) {
    process.stdout.write(`${id.padEnd(6)} ${title.padEnd(36)} ${question}
`);
  }
  return 0;
}

export function explainExperiment(id: string): number {
  const { title, quote, question, explanation, lookFor, parameters, mutants } = namedCard(id);
  const options = Object.entries(parameters).map(([name, parameter]) => {
    const usual =
      parameter.kind === 'duration'
        ? parameter.default
        : printParameter(parameter, parameter.default);
    return `  --${`${name} <${parameter.kind}>`.padEnd(28)} ${parameter.help} (default ${usual})`;
  });
  const bugs = Object.entries(mutants).map(
    ([name, text]) => `  --mutant ${name.padEnd(20)} ${text}`,
  );
  const lines = [
    `${id.toUpperCase()} ${title}`,
    `“${quote}”`,
    '',
    question,
    '',
    explanation,
    '',
    'Look for',
    ...lookFor.map((text) => `  - ${text}`),
    '',
    'Parameters',
    ...options,
    ...(bugs.length > 0 ? ['', 'Find the bug', ...bugs] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

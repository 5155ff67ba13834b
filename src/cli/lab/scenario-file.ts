/** Writes a trial as a scenario file: YAML that people can read, change and play again. */

import { Document, isSeq } from 'yaml';

import { formatDuration } from '../../lab/experiment/duration.ts';
import { printParameter } from '../../lab/experiment/parameters.ts';
import type { Trial } from '../../lab/fuzz/trial.ts';
import type { Fault } from '../../lab/run/fault.ts';

/** What the first line of a scenario says. */
export const SCENARIO_FORMAT = 'scenario/v1';

export interface ScenarioNotes {
  /** Names, in the order of ids. */
  readonly nodes: readonly string[];
  readonly expect?: string;
  /** A paragraph for the head of the file. */
  readonly story?: string;
}

export function printScenario(trial: Trial, { nodes, expect, story }: ScenarioNotes): string {
  const { experiment, values, seed, mutant, mishaps, commands, untilNs } = trial;
  const faults = mishaps.flat().toSorted((a, b) => a.atNs - b.atNs);
  const params = Object.entries(experiment.parameters).flatMap(([name, parameter]) => {
    const value = values[name];
    return value === undefined ? [] : [[name, printParameter(parameter, value)] as const];
  });
  const document = new Document({
    lab: SCENARIO_FORMAT,
    experiment: experiment.id,
    seed,
    ...(mutant !== undefined && { mutant }),
    params: Object.fromEntries(params),
    ...(commands && { commands }),
    until: formatDuration(untilNs),
    faults: faults.map((fault) => printFault(fault, nodes)),
    ...(expect !== undefined && { expect }),
  });
  if (story !== undefined) document.commentBefore = wrap(` ${story}`);
  // Flow style for what fits a line.
  setFlow(document.get('commands', true));
  const list = document.get('faults', true);
  if (isSeq(list)) for (const item of list.items) setFlow(item);
  return document.toString({ lineWidth: 100 });
}

function setFlow(node: unknown): void {
  if (typeof node === 'object' && node !== null) Object.assign(node, { flow: true });
}

/** { at: 5ms, drop: { from: sender, to: receiver, nth: 1 } } */
function printFault(fault: Fault, nodes: readonly string[]): object {
  const { atNs, kind, ...rest } = fault;
  const nameOf = (node: unknown): string => nodes[Number(node)] ?? String(node);
  const details = Object.entries(rest).map(([key, value]: readonly [string, unknown]) => {
    if (key === 'node' || key === 'from' || key === 'to') return [key, nameOf(value)];
    if (key.endsWith('Ns')) return [key.slice(0, -2), formatDuration(Number(value))];
    if (key === 'groups') {
      return [key, (value as readonly (readonly number[])[]).map((group) => group.map(nameOf))];
    }
    return [key, value];
  });
  return { at: formatDuration(atNs), [kind]: Object.fromEntries(details) as object };
}

/** Lines for a comment, each of which begins with a space. */
function wrap(text: string): string {
  return text.replaceAll(/(.{1,92})(?:\s+|$)/g, ' $1\n').trimEnd();
}

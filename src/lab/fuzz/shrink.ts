/**
 * Makes a failing trial small: whole fault classes, then single mishaps, then commands, then
 * values, then what links lose by chance written down as single losses and these taken out; again
 * until nothing changes. A smaller trial counts only if the same property fails.
 */

import type { Experiment } from '../experiment/experiment.ts';
import { defaultsOf, type ParameterValue } from '../experiment/parameters.ts';
import type { Played } from '../experiment/play.ts';
import type { Fault } from '../run/fault.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { ddmin } from './ddmin.ts';
import { playTrial, type Mishap, type Trial } from './trial.ts';

export interface Shrunk {
  readonly trial: Trial;
  readonly run: Played;
  readonly property: string;
  /** How many trials were played. */
  readonly tries: number;
}

/** A round takes seconds; what a third one takes out is seldom worth it. */
const MAX_ROUNDS = 3;
/** A minute of trials; then it is small enough. */
const MAX_TRIES = 6000;

/** Undefined when the trial does not fail. */
export function shrink(trial: Trial): Shrunk | undefined {
  const first = playTrial(trial).violations[0];
  if (first === undefined) return undefined;
  const { property } = first;
  let tries = 1;
  const fails = (candidate: Trial): boolean => {
    if (tries >= MAX_TRIES) return false;
    tries += 1;
    return failsIn(candidate, property);
  };
  let small = trial;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = small;
    for (const step of STEPS) small = step(small, fails);
    if (small === before) break;
  }
  small = cutShort(small, property);
  return { trial: small, run: playTrial(small), property, tries };
}

function failsIn(trial: Trial, property: string): boolean {
  return playTrial(trial).violations.some((violation) => violation.property === property);
}

type Fails = (trial: Trial) => boolean;
type Step = (trial: Trial, fails: Fails) => Trial;

const STEPS: readonly Step[] = [
  dropClasses,
  dropMishaps,
  dropCommands,
  simplifyValues,
  fixLosses,
  dropMishaps,
];

function dropClasses(trial: Trial, fails: Fails): Trial {
  let small = trial;
  for (const kind of new Set(trial.mishaps.map(kindOf))) {
    const mishaps = small.mishaps.filter((mishap) => kindOf(mishap) !== kind);
    const candidate = { ...small, mishaps };
    if (fails(candidate)) small = candidate;
  }
  return small;
}

function kindOf([first]: Mishap): Fault['kind'] | undefined {
  return first?.kind;
}

function dropMishaps(trial: Trial, fails: Fails): Trial {
  const mishaps = ddmin(trial.mishaps, (part) => fails({ ...trial, mishaps: part }));
  return mishaps.length === trial.mishaps.length ? trial : { ...trial, mishaps };
}

/** Enough of them that a workload without end is not walked through. */
const MAX_COMMANDS = 10_000;

function dropCommands(trial: Trial, fails: Fails): Trial {
  const all = trial.commands ?? places(trial);
  const commands = ddmin(all, (part) => fails({ ...trial, commands: part }));
  return commands.length === all.length ? trial : { ...trial, commands };
}

function places({ experiment, values, mutant }: Trial): readonly number[] {
  const typed = values as Parameters<Experiment['scene']>[0];
  const { workload } = experiment.scene(typed, mutant === undefined ? {} : { mutant });
  const found: number[] = [];
  for (const _ of workload) {
    if (found.length >= MAX_COMMANDS) break;
    found.push(found.length);
  }
  return found;
}

/** Each value that was drawn: to the usual or a smaller one of those that could have been. */
function simplifyValues(trial: Trial, fails: Fails): Trial {
  const { experiment } = trial;
  const defaults: Readonly<Record<string, ParameterValue>> = defaultsOf(experiment.parameters);
  let small = trial;
  for (const [name, drawn = []] of Object.entries(experiment.claims?.draw ?? {})) {
    const choices: readonly ParameterValue[] = drawn;
    const value = small.values[name];
    const lesser = choices.filter((choice) => Number(choice) < Number(value));
    const usual = defaults[name];
    const isNumber = typeof value === 'number';
    // Never a value for which nothing is claimed: that would be another failure.
    const usuals = choices.filter((choice) => choice === usual);
    const simpler = isNumber ? lesser.toSorted((a, b) => Number(a) - Number(b)) : usuals;
    for (const candidate of simpler) {
      if (candidate === value) continue;
      const next = { ...small, values: { ...small.values, [name]: candidate } };
      if (!fails(next)) continue;
      small = next;
      break;
    }
  }
  return small;
}

/** Losses by chance become single losses, which can be taken out one by one. */
function fixLosses(trial: Trial, fails: Fails): Trial {
  const lossy = Object.keys(trial.values).filter(
    (name) => name.includes('loss') && Number(trial.values[name]) > 0,
  );
  if (lossy.length === 0) return trial;
  const values = { ...trial.values, ...Object.fromEntries(lossy.map((name) => [name, 0])) };
  const candidate = { ...trial, values, mishaps: [...trial.mishaps, ...lossesOf(trial)] };
  return fails(candidate) ? candidate : trial;
}

function lossesOf(trial: Trial): readonly Mishap[] {
  const counts = new Map<string, number>();
  const numbers = new Map<number, number>();
  const losses: Mishap[] = [];
  const observe = ({ kind, node, peer, packet, reason }: TraceEvent): void => {
    const link = `${node} ${peer}`;
    if (kind === 'send') {
      const nth = (counts.get(link) ?? 0) + 1;
      counts.set(link, nth);
      numbers.set(packet, nth);
    } else if (kind === 'lose' && reason === 'loss') {
      const nth = numbers.get(packet) ?? 1;
      losses.push([{ kind: 'drop', atNs: 0, from: node, to: peer, nth }]);
    }
  };
  playTrial(trial, { observers: [observe] });
  return losses;
}

/**
 * Ends the run with what shows the violation. Not where the missing of something is the violation:
 * cut short, a run without any bug would fail too, and that is how one knows.
 */
function cutShort(trial: Trial, property: string): Trial {
  const times = new Map<number, number>();
  const observe = ({ id, atNs }: TraceEvent): void => void times.set(id, atNs);
  const { violations } = playTrial(trial, { observers: [observe] });
  const shown = violations.find((violation) => violation.property === property)?.events ?? [];
  if (shown.length === 0) return trial;
  const untilNs = Math.max(...shown.map((id) => times.get(id) ?? 0));
  const short = { ...trial, untilNs };
  const { mutant: _, ...healthy } = short;
  if (failsIn({ ...healthy, mishaps: [] }, property)) return trial;
  return failsIn(short, property) ? short : trial;
}

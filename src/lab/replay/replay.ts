/**
 * Replays scenarios of testbound and Deckard (`.rpl`) against the real resolver in a simulated
 * world: parse, see what is needed, play, say how it went.
 *
 *     text ─► parse-scenario ─► setup ─► player ─► passed | failed | skipped
 *                                          ├─ stage    (world, resolver, hosts on demand)
 *                                          ├─ servers ─ script (which reply, at which step)
 *                                          └─ compare  (is that the expected message?)
 *
 * A scenario that fails after unscripted queries were answered SERVFAIL is played once more with
 * silence in their place: resolvers differ in what they ask, and how they mind.
 */

import { parseScenario } from './parse-scenario.ts';
import { play, type Play, type StepFailure } from './player.ts';
import type { Dialect, Scenario } from './scenario.ts';
import { ScenarioError } from './scenario-lines.ts';
import { setUp, type Setup } from './setup.ts';

export interface ReplayOptions {
  /** By default what the configuration looks like. */
  readonly dialect?: Dialect;
  /** Every section counts. Default false. */
  readonly isStrict?: boolean;
  /** Keep the transcript of passed scenarios too, and the resolver's own account. */
  readonly isVerbose?: boolean;
  /** Default 1. */
  readonly seed?: number;
}

export type Outcome = Passed | Failed | Skipped | Unusable;

interface Played {
  readonly file: string;
  readonly dialect: Dialect;
  readonly title: string;
  /** Queries of the resolver that the scenario does not know, as `address name type`. */
  readonly unscripted: readonly string[];
  readonly transcript: readonly string[];
}

export interface Passed extends Played {
  readonly kind: 'passed';
}

export interface Failed extends Played, StepFailure {
  readonly kind: 'failed';
}

export interface Skipped {
  readonly kind: 'skipped';
  readonly file: string;
  readonly dialect: Dialect;
  readonly title: string;
  /** Missing features by name; never empty. */
  readonly needs: readonly string[];
}

/** No scenario that this runner can read. */
export interface Unusable {
  readonly kind: 'unusable';
  readonly file: string;
  /** Undefined: the file as a whole. */
  readonly line: number | undefined;
  readonly problem: string;
}

/** Never rejects for what is in the file or what the resolver does. */
export async function replay(
  file: string,
  text: string,
  options: ReplayOptions = {},
): Promise<Outcome> {
  let scenario: Scenario;
  try {
    scenario = parseScenario(file, text, options.dialect);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return { kind: 'unusable', file, line: error.line, problem: error.problem };
  }
  return replayScenario(scenario, options);
}

async function replayScenario(scenario: Scenario, options: ReplayOptions): Promise<Outcome> {
  const { file, dialect, title } = scenario;
  const setup = setUp(scenario);
  if (setup.needs.length > 0) return { kind: 'skipped', file, dialect, title, needs: setup.needs };
  const { isVerbose = false } = options;
  let outcome: Outcome | undefined;
  for (const qnameMinimisation of setup.minimisations) {
    const recursion = { ...setup.recursion, qnameMinimisation };
    const played = await playPatiently(scenario, { ...setup, recursion }, options);
    outcome = outcomeOf(scenario, played, isVerbose);
    if (played.failure) break;
  }
  return outcome!;
}

async function playPatiently(
  scenario: Scenario,
  setup: Setup,
  { isStrict = false, isVerbose = false, seed = 1 }: ReplayOptions,
): Promise<Play> {
  const playOptions = { setup, isStrict, isVerbose, seed };
  const first = await play(scenario, { ...playOptions, unscripted: 'servfail' });
  if (!first.failure || first.unscripted.length === 0) return first;
  const second = await play(scenario, { ...playOptions, unscripted: 'drop' });
  return second.failure ? first : second;
}

function outcomeOf(
  { file, dialect, title }: Scenario,
  { failure, transcript, unscripted }: Play,
  isVerbose: boolean,
): Outcome {
  const played = { file, dialect, title, unscripted };
  const all = isVerbose ? transcript.all() : [];
  if (!failure) return { kind: 'passed', ...played, transcript: all };
  const lines = isVerbose ? all : transcript.sinceMark();
  return { kind: 'failed', ...played, ...failure, transcript: lines };
}

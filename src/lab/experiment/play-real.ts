/**
 * Plays an experiment once on real sockets and clocks. Counts are judged as in virtual time, as the
 * same datagrams meet the same fates; times are shown beside what is predicted and not judged,
 * because they are the machine's as well.
 */

import type { Runtime } from '../../net/ports.ts';
import { RealStage, type TimerLag } from '../run/real-stage.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { enact } from './enact.ts';
import type { Experiment } from './experiment.ts';
import { Judge } from './judge.ts';
import type { ParameterValue } from './parameters.ts';
import type { Played, PlayOptions } from './play.ts';
import type { Comparison } from './prediction.ts';

/** Nobody waits longer without having asked to. */
const LONGEST_NS = 60_000_000_000;

export interface RealPlayOptions extends Omit<PlayOptions, 'maxEvents'> {
  readonly runtime: Runtime;
  /** Real time after which the run ends whatever happens; default: a minute. */
  readonly longestNs?: number;
}

export interface RealPlayed extends Played {
  readonly timerLag: TimerLag;
  /** Datagrams that the kernel took and did not hand over. */
  readonly missing: number;
}

/** Rejects with `BindError`, or with what a process threw. */
export async function playReal(
  experiment: Experiment,
  values: Readonly<Record<string, ParameterValue>>,
  options: RealPlayOptions,
): Promise<RealPlayed> {
  const { runtime, seed, mutant, observers = [], keepsStates = false } = options;
  const typed = values as Parameters<Experiment['scene']>[0];
  const scene = experiment.scene(typed, mutant === undefined ? {} : { mutant });
  const { link, links = [], nodes } = scene;
  const clocks = nodes.map(({ clock }) => clock);
  const network = { seed, link, links };
  const stage = await RealStage.open({ ...network, runtime, clocks, nodeCount: nodes.length });
  try {
    const judge = new Judge(experiment, values);
    const heard = [(event: TraceEvent) => judge.observe(event), ...observers];
    const cast = enact(scene, stage, { observers: heard, keepsStates });
    const { longestNs = LONGEST_NS } = options;
    const end = await stage.run(Math.min(scene.untilNs, longestNs));
    const { comparisons, ...judgement } = judge.finish();
    return {
      experiment,
      values,
      seed,
      mutant,
      end: end === 'late' && longestNs < scene.untilNs ? 'endless' : end,
      eventCount: cast.eventCount,
      durationNs: stage.nowNs(),
      nodes: nodes.map(({ name }) => name),
      ...judgement,
      comparisons: comparisons.map(withoutTimes),
      timerLag: stage.timerLag,
      missing: stage.missing,
    };
  } finally {
    await stage.close();
  }
}

function withoutTimes(comparison: Comparison): Comparison {
  const isTime = comparison.measured?.unit === 'ns' || comparison.measured?.unit === 'per second';
  return isTime ? { ...comparison, verdict: 'not judged' } : comparison;
}

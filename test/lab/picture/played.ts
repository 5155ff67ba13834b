/** Runs of the test protocol with all of their events, for tests of pictures. */
import { defaultsOf, type ParameterValue } from '../../../src/lab/experiment/parameters.ts';
import { play, type Played } from '../../../src/lab/experiment/play.ts';
import type { Fault } from '../../../src/lab/run/fault.ts';
import { Recorder } from '../../../src/lab/run/recorder.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';
import { sliding } from '../sliding.ts';

export const MS = 1_000_000;

/** A pause, then a crash of the receiver. */
export const TROUBLE: readonly Fault[] = [
  { atNs: 90 * MS, kind: 'pause', node: 1 },
  { atNs: 130 * MS, kind: 'resume', node: 1 },
  { atNs: 180 * MS, kind: 'crash', node: 1 },
  { atNs: 220 * MS, kind: 'restart', node: 1 },
];

export function playSliding(
  values: Readonly<Record<string, ParameterValue>> = {},
  {
    faults = [],
    mutant,
    seed = '3',
  }: { readonly faults?: readonly Fault[]; readonly mutant?: string; readonly seed?: string } = {},
): { readonly run: Played; readonly events: readonly TraceEvent[] } {
  const experiment = sliding({ faults });
  const recorder = new Recorder();
  const run = play(
    experiment,
    { ...defaultsOf(experiment.parameters), ...values },
    {
      seed,
      ...(mutant !== undefined && { mutant }),
      observers: [(event) => recorder.observe(event)],
      keepsStates: true,
    },
  );
  return { run, events: recorder.events };
}

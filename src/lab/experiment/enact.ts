/** Puts a scene on a stage: its nodes, its faults, its workload. The stage then runs by itself. */

import { Cast } from '../run/cast.ts';
import type { Stage } from '../run/stage.ts';
import type { Observer } from '../run/trace-event.ts';
import type { Command, Scene } from './experiment.ts';

export interface EnactOptions {
  readonly observers: readonly Observer[];
  readonly keepsStates?: boolean;
}

export function enact(scene: Scene, stage: Stage, options: EnactOptions): Cast {
  const { nodes, faults = [], workload } = scene;
  const factories = nodes.map(({ create }) => create);
  const cast = new Cast({ stage, factories, services: nodes, ...options });
  stage.at(0, () => cast.start());
  for (const fault of faults) stage.at(fault.atNs, () => cast.inflict(fault));
  playWorkload(workload[Symbol.iterator](), stage, cast);
  return cast;
}

/** One command at a time, so that a workload of any length takes no room. */
function playWorkload(commands: Iterator<Command>, stage: Stage, cast: Cast): void {
  const next = commands.next();
  if (next.done === true) return;
  const { atNs, node, payload, label } = next.value;
  stage.at(atNs, () => {
    cast.command(node, payload, label);
    playWorkload(commands, stage, cast);
  });
}

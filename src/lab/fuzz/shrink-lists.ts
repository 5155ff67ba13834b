/** Takes out of a failing trial whole classes of faults, single mishaps, and commands. */

import type { Fault } from '../run/fault.ts';
import { ddmin } from './ddmin.ts';
import type { Search } from './search.ts';
import { commandsOf, type Mishap, type Trial } from './trial.ts';

export function dropClasses(trial: Trial, search: Search): Trial {
  let small = trial;
  for (const kind of new Set(trial.mishaps.map(kindOf))) {
    const mishaps = small.mishaps.filter((mishap) => kindOf(mishap) !== kind);
    const candidate = { ...small, mishaps };
    if (search.fails(candidate)) small = candidate;
  }
  return small;
}

function kindOf([first]: Mishap): Fault['kind'] | undefined {
  return first?.kind;
}

export function dropMishaps(trial: Trial, search: Search): Trial {
  const mishaps = ddmin(trial.mishaps, (part) => search.fails({ ...trial, mishaps: part }));
  return mishaps.length === trial.mishaps.length ? trial : { ...trial, mishaps };
}

export function dropCommands(trial: Trial, search: Search): Trial {
  const all = commandsOf(trial).map(({ place }) => place);
  const commands = ddmin(all, (part) => search.fails({ ...trial, commands: part }));
  return commands.length === all.length ? trial : { ...trial, commands };
}

/** Faults and commands that come after the end of the run. */
export function dropWhatIsTooLate(trial: Trial, search: Search): Trial {
  const { untilNs } = trial;
  const mishaps = trial.mishaps
    .map((mishap) => mishap.filter(({ atNs }) => atNs <= untilNs))
    .filter((mishap) => mishap.length > 0);
  const commands = commandsOf(trial)
    .filter(({ command }) => command.atNs <= untilNs)
    .map(({ place }) => place);
  const candidate = { ...trial, mishaps, commands };
  return search.fails(candidate) ? candidate : trial;
}

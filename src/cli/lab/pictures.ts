/** Pictures of a run, whether it has just been played or was read from a file. */

import { drawDiagram } from '../../lab/picture/diagram.ts';
import { printPage } from '../../lab/picture/page.ts';
import { pageData, type Told } from '../../lab/picture/page-data.ts';
import { tellStory } from '../../lab/picture/story.ts';
import { standalone } from '../../lab/picture/style.ts';
import { firstWindow, type Window } from '../../lab/picture/window.ts';
import type { TraceEvent } from '../../lab/run/trace-event.ts';
import { pageScript } from '../page-script.ts';
import { UsageError } from './usage-error.ts';

interface Recorded {
  readonly events: readonly TraceEvent[];
  readonly leftOut: number;
  readonly repro: string;
  /** SVG documents for the page. */
  readonly figures?: readonly string[];
}

/** An SVG file. `asked` overrides an end of the window that would be chosen. */
export function drawRun(
  run: Told,
  { events, repro, asked }: Recorded & { readonly asked: Partial<Window> },
): string {
  const story = tellStory(events);
  const marked = run.violations.flatMap((violation) => violation.events);
  const window = { ...firstWindow(story, marked), ...asked };
  if (window.fromNs >= window.toNs) throw new UsageError('--from is not before --to');
  const { nodes, experiment, seed } = run;
  const title = `${experiment.id} ${experiment.title}, seed ${seed}`;
  const { markup } = drawDiagram(story, { title, nodes, window, marked, foot: repro });
  return `${standalone(markup)}\n`;
}

/** An HTML file that needs nothing else. */
export function pageOfRun(run: Told, recorded: Recorded): string {
  const { figures = [] } = recorded;
  return printPage(pageData(run, recorded), { script: pageScript(), figures });
}

/** `ts-dns lab view FILE -o PAGE`: a stored trace as a page. */

import { reproLine } from '../../lab/report/table.ts';
import { judgeTrace } from './judged-trace.ts';
import { runPlots } from './outputs.ts';
import { pageOfRun } from './pictures.ts';
import { figuresOf } from './plot/plot-files.ts';
import { writeFile } from './write-file.ts';

export async function viewTrace(file: string, page: string): Promise<number> {
  const { experiment, head, result, judgement, values, events } = judgeTrace(file, {
    keepsEvents: true,
  });
  const { seed, mutant, nodes } = head;
  const told = { experiment, values, seed, mutant, nodes, ...judgement };
  const { leftOut } = result;
  const plots = runPlots(experiment, values);
  for (const event of events) for (const plot of plots) plot.observe(event);
  const figures = await figuresOf(plots.flatMap((plot) => plot.finish() ?? []));
  writeFile(page, [pageOfRun(told, { events, leftOut, repro: reproLine(told), figures })]);
  return 0;
}

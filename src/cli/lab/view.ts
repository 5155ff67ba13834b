/** `ts-dns lab view FILE -o PAGE`: a stored trace as a page. */

import { reproLine } from '../../lab/report/table.ts';
import { judgeTrace } from './judged-trace.ts';
import { pageOfRun } from './pictures.ts';
import { writeFile } from './write-file.ts';

export function viewTrace(file: string, page: string): number {
  const { experiment, head, result, judgement, values, events } = judgeTrace(file, {
    keepsEvents: true,
  });
  const { seed, mutant, nodes } = head;
  const told = { experiment, values, seed, mutant, nodes, ...judgement };
  const { leftOut } = result;
  writeFile(page, [pageOfRun(told, { events, leftOut, repro: reproLine(told) })]);
  return 0;
}

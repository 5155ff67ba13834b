/** Both sides of the cut: who could write, who could read, and whether it was still true. */

import type { Plot } from '../../plot/plot.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import type { MixResult } from './mix.ts';

/** What somebody saw who tried at this moment. */
interface Moment {
  readonly atMs: number;
  readonly series: string;
}

interface Bar {
  readonly lane: string;
  readonly from: number;
  readonly to: number;
  readonly series: string;
}

export function mixPlot(result: MixResult): Plot {
  const { writes, reads, cutAtMs, healAtMs } = result;
  const servers = [...new Set(reads.map(({ of }) => of))];
  const bars = [
    ...barsOf('writes, near side', writeMoments(result, 'near')),
    ...barsOf('writes, far side', writeMoments(result, 'far')),
    ...servers.flatMap((server) => {
      const moments = reads.filter(({ of }) => of === server).map(momentOf);
      return barsOf(`reads, ${server}`, moments);
    }),
  ];
  const writers = new Set(writes.map(({ side }) => side)).size;
  return {
    title: 'DNS on both sides of a cut',
    caption:
      `${writers} writers, and a client at each secondary (ns…) and each cache. Secondaries ` +
      'give up EXPIRE after the last word of the primary, caches a TTL later.',
    x: { label: 'true time', unit: 'ns' },
    y: { label: '' },
    legend: 'who asks gets',
    layers: [
      {
        mark: 'spans',
        spans: [{ from: cutAtMs * NS_PER_MS, to: healAtMs * NS_PER_MS, label: 'cut' }],
      },
      { mark: 'bars', bars },
    ],
  };
}

function writeMoments({ writes }: MixResult, side: string): readonly Moment[] {
  return writes
    .filter((write) => write.side === side)
    .map(({ askedAtMs, outcome }) => {
      const series = outcome === 'done' || outcome === 'beaten' ? 'an answer' : 'nothing';
      return { atMs: askedAtMs, series };
    });
}

function momentOf({ askedAtMs, value, staleMs }: MixResult['reads'][number]): Moment {
  const answer = staleMs > 0 ? 'an old answer' : 'an answer';
  return { atMs: askedAtMs, series: value === undefined ? 'nothing' : answer };
}

/** From each moment to the next; what stays the same is one bar. */
function barsOf(lane: string, moments: readonly Moment[]): readonly Bar[] {
  const bars: Bar[] = [];
  const inOrder = moments.toSorted((one, other) => one.atMs - other.atMs);
  for (const [index, { atMs, series }] of inOrder.entries()) {
    const from = atMs * NS_PER_MS;
    const to = (inOrder[index + 1]?.atMs ?? atMs) * NS_PER_MS;
    const last = bars.at(-1);
    if (last?.series === series) bars[bars.length - 1] = { ...last, to };
    else bars.push({ lane, from, to, series });
  }
  return bars;
}

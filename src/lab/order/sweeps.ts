/** Curves over the number of members, and bars of latencies, that experiments on order share. */

import type { RunPlot, SweepPlot } from '../plot/plan.ts';
import { DelayColumns } from './delay-columns.ts';

const SIZES = '2,3,5,8,12,20,32,50';

/** What goes through the one that numbers, for each broadcast. */
export const HUB_OCTETS: SweepPlot = {
  title: 'Octets through the one that numbers',
  caption:
    'For each broadcast. Points: measured; a line: predicted. Whoever passes everything on pays ' +
    'n times for each message; whoever gives out numbers only pays the same for any n.',
  sweep: { nodes: SIZES, messages: '10' },
  x: { of: 'nodes', label: 'members, n' },
  y: { of: 'hub.octets.perBroadcast', label: 'octets for each broadcast' },
};

export const MESSAGES_OVER_MEMBERS: SweepPlot = {
  title: 'Datagrams for each broadcast',
  caption: 'Points: measured. Line: predicted.',
  sweep: { nodes: SIZES, messages: '10' },
  x: { of: 'nodes', label: 'members, n' },
  y: { of: 'msgs.perBroadcast', label: 'datagrams for each broadcast' },
};

/** A hub that takes time for each copy: deliveries stop keeping up when n s1 outgrows the gap. */
export const HUB_SATURATION: SweepPlot = {
  title: 'Deliveries a second, when each copy takes the hub 1 ms',
  caption:
    'Every 10 ms somebody sends. As long as n copies take less than that, all is delivered in ' +
    'time; beyond, the hub is the bound. Line: predicted.',
  sweep: { nodes: '2,4,6,8,9,10,11,12,16,20,30', copy: '1ms', interval: '10ms', messages: '200' },
  x: { of: 'nodes', label: 'members, n' },
  y: { of: 'throughput', label: 'deliveries a second at a member' },
  series: ['copy'],
};

/** The latency of each member in hops. */
export function delaysInHops({ delay }: { readonly delay: number }): readonly RunPlot[] {
  return delay > 0 ? [new DelayColumns(delay)] : [];
}

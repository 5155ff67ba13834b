/** Predictions that the experiments on total order share. */

import type { Prediction } from '../experiment/prediction.ts';
import type { OrderValues } from './order-scene.ts';

export function exact(metric: string, value: number, formula: string): Prediction {
  return { metric, kind: 'exact', value, formula };
}

export function atMost(metric: string, value: number, formula: string): Prediction {
  return { metric, kind: 'at most', value, formula };
}

/** Every hop takes δ and nothing is lost: times are multiples of δ, to the nanosecond. */
export function isCalm({ jitter, loss }: OrderValues): boolean {
  return jitter === 0 && loss === 0;
}

/** The same latency at the earliest and the latest receiver. */
export function latencyOfOthers(hops: number, { delay }: OrderValues): readonly Prediction[] {
  const formula = hops === 1 ? 'δ' : `${hops} δ`;
  return [
    exact('lat.others.min', hops * delay, formula),
    exact('lat.others.max', hops * delay, formula),
  ];
}

export function latencyOfSender(hops: number, { delay }: OrderValues): Prediction {
  const formulas = ['0', 'δ'];
  return exact('lat.sender.max', hops * delay, formulas[hops] ?? `${hops} δ`);
}

/** The share of the broadcasts that node 0 sends, who sends only when everybody does. */
export function shareOfNodeZero({ senders, nodes }: OrderValues): number {
  return senders >= nodes ? 1 / nodes : 0;
}

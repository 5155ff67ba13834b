/** The clocks of all nodes of a stage, on top of its time: virtual or the machine's. */

import { type ClockOptions, HostClock } from '../../sim/host-clock.ts';
import { SeededRandom } from '../../sim/random.ts';
import type { NodeId, ProcessTimer } from '../process/process.ts';
import type { NodeClock } from './stage.ts';

export interface ClocksOptions {
  readonly seed: string;
  /** By node; who has none has clocks that are right. */
  readonly clocks?: readonly (ClockOptions | undefined)[];
  readonly nowNs: () => number;
  readonly schedule: (delayNs: number, action: () => void) => ProcessTimer;
}

export class Clocks {
  readonly #options: ClocksOptions;
  /** Made when first asked for. */
  readonly #clocks: (HostClock | undefined)[] = [];

  constructor(options: ClocksOptions) {
    this.#options = options;
  }

  /** Since the start of the run. */
  monotonicNs(node: NodeId): number {
    return this.#clock(node).monotonicNs(this.#options.nowNs());
  }

  wallNs(node: NodeId): number {
    return this.#clock(node).wallNs(this.#options.nowNs());
  }

  of(node: NodeId): NodeClock {
    const clock = this.#clock(node);
    const { nowNs } = this.#options;
    return {
      step: (byNs) => clock.step(byNs),
      steer: (ppm) => clock.steer(ppm, nowNs()),
      drift: (ppm) => clock.drift(ppm, nowNs()),
    };
  }

  /** Calls when the node's monotonic clock has moved on by `delayNs`, and not earlier. */
  schedule(node: NodeId, delayNs: number, action: () => void): ProcessTimer {
    const clock = this.#clock(node);
    const { nowNs, schedule } = this.#options;
    if (clock.hasTrueRate) return schedule(delayNs, action);
    const dueNs = clock.monotonicNs(nowNs()) + Math.max(delayNs, 0);
    const arm = (leftNs: number): ProcessTimer =>
      schedule(clock.trueDelayNs(leftNs, nowNs()), () => {
        const stillNs = dueNs - clock.monotonicNs(nowNs());
        if (stillNs > 0) timer = arm(stillNs);
        else action();
      });
    let timer = arm(Math.max(delayNs, 0));
    return { cancel: () => timer.cancel() };
  }

  #clock(node: NodeId): HostClock {
    const known = this.#clocks[node];
    if (known) return known;
    const { seed, clocks = [] } = this.#options;
    const random = new SeededRandom(seed, `clock of node ${node}`);
    const clock = new HostClock(clocks[node] ?? {}, random);
    this.#clocks[node] = clock;
    return clock;
  }
}

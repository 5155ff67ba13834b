/** The stage in virtual time: the events and the links of the simulated world, without sockets. */

import type { Random } from '../../net/ports.ts';
import { Engine } from '../../sim/engine.ts';
import { type LinkOptions, Links } from '../../sim/links.ts';
import { SeededRandom } from '../../sim/random.ts';
import type { NodeId, ProcessTimer } from '../process/process.ts';
import type { Journey, Stage } from './stage.ts';

const NS_PER_MS = 1_000_000;

export interface SimStageOptions {
  readonly seed: string;
  /** Every link without one of its own. */
  readonly link: LinkOptions;
  readonly links?: readonly {
    readonly from: NodeId;
    readonly to: NodeId;
    readonly link: LinkOptions;
  }[];
}

export class SimStage implements Stage {
  readonly #seed: string;
  readonly #engine = new Engine();
  readonly #links: Links;
  readonly #startNs: number;

  constructor({ seed, link, links = [] }: SimStageOptions) {
    this.#seed = seed;
    this.#links = new Links(seed, link);
    for (const one of links) this.#links.set(`node ${one.from}`, `node ${one.to}`, one.link);
    this.#startNs = this.#engine.nowNs;
  }

  nowNs(): number {
    return this.#engine.nowNs - this.#startNs;
  }

  monotonicNs(): number {
    return this.#engine.nowNs;
  }

  wallNs(): number {
    return this.nowNs();
  }

  random(node: NodeId): Random {
    return new SeededRandom(this.#seed, `random of node ${node}`);
  }

  schedule(delayNs: number, action: () => void): ProcessTimer {
    const event = this.#engine.after(delayNs, 'timer', action);
    return { cancel: () => this.#engine.cancel(event) };
  }

  /** Before anything else of its instant. */
  at(timeNs: number, action: () => void): void {
    this.#engine.after(timeNs - this.nowNs(), 'fault', action);
  }

  transmit(
    { from, to, bytes }: { readonly from: NodeId; readonly to: NodeId; readonly bytes: Uint8Array },
    journey: Journey,
  ): void {
    const ends = [from, to].map((node) => ({ host: `node ${node}`, address: `node ${node}` }));
    const delayMs = this.#links.next(ends[0] as never, ends[1] as never);
    if (delayMs === undefined) {
      journey.lose('loss');
      return;
    }
    this.#engine.after(delayMs * NS_PER_MS, 'arrival', () =>
      journey.arrive(new Uint8Array(bytes), 0),
    );
  }

  /** Runs until nothing is left to happen or `untilNs`; returns whether nothing is left. */
  run(untilNs: number, maxEvents: number): 'idle' | 'late' | 'endless' {
    for (let events = 0; events < maxEvents; events += 1) {
      const { nextTimeNs } = this.#engine;
      if (nextTimeNs === undefined) return 'idle';
      if (nextTimeNs - this.#startNs > untilNs) return 'late';
      this.#engine.step();
    }
    return 'endless';
  }
}

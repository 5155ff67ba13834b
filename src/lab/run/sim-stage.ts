/** The stage in virtual time: the events and the links of the simulated world, without sockets. */

import type { Random } from '../../net/ports.ts';
import type { ClockOptions } from '../../sim/host-clock.ts';
import { Engine } from '../../sim/engine.ts';
import type { NodeId, ProcessTimer } from '../process/process.ts';
import { Clocks } from './clocks.ts';
import type { NetworkFault } from './fault.ts';
import { Letter } from './letter.ts';
import { Network, type NetworkOptions } from './network.ts';
import { nodeRandom } from './node-random.ts';
import type { Journey, NodeClock, Packet, Stage } from './stage.ts';

export interface SimStageOptions extends Omit<NetworkOptions, 'timeline'> {
  /** By node; who has none has clocks that are right. */
  readonly clocks?: readonly (ClockOptions | undefined)[];
  /** Datagrams and timers that are to come at a time: of more, a run is stopped. */
  readonly maxUnderWay?: number;
}

/** About a gigabyte. */
const MAX_UNDER_WAY = 1_000_000;

export class SimStage implements Stage {
  readonly #seed: string;
  readonly #engine = new Engine();
  readonly #network: Network;
  readonly #startNs: number;
  readonly #clocks: Clocks;
  readonly #randoms = new Map<NodeId, Random>();
  readonly #maxUnderWay: number;

  constructor(options: SimStageOptions) {
    this.#maxUnderWay = options.maxUnderWay ?? MAX_UNDER_WAY;
    this.#seed = options.seed;
    this.#network = new Network({ ...options, timeline: this.#engine });
    this.#startNs = this.#engine.nowNs;
    this.#clocks = new Clocks({
      seed: options.seed,
      ...(options.clocks && { clocks: options.clocks }),
      nowNs: () => this.nowNs(),
      schedule: (delayNs, action) => this.schedule(delayNs, action),
    });
  }

  nowNs(): number {
    return this.#engine.nowNs - this.#startNs;
  }

  monotonicNs(node: NodeId): number {
    return this.#startNs + this.#clocks.monotonicNs(node);
  }

  wallNs(node: NodeId): number {
    return this.#clocks.wallNs(node);
  }

  clockOf(node: NodeId): NodeClock {
    return this.#clocks.of(node);
  }

  /** One stream a node for the whole run: after a crash a node does not draw the same again. */
  random(node: NodeId): Random {
    const random = this.#randoms.get(node) ?? nodeRandom(this.#seed, node);
    this.#randoms.set(node, random);
    return random;
  }

  schedule(delayNs: number, action: () => void): ProcessTimer {
    return this.#engine.after(delayNs, 'timer', action);
  }

  scheduleOn(node: NodeId, delayNs: number, action: () => void): ProcessTimer {
    return this.#clocks.schedule(node, delayNs, action);
  }

  at(timeNs: number, action: () => void): void {
    this.#engine.after(timeNs - this.nowNs(), 'fault', action);
  }

  transmit(packet: Packet, journey: Journey): void {
    const reason = this.#network.send(new Letter(packet, journey));
    if (reason !== undefined) journey.lose(reason);
  }

  inflict(fault: NetworkFault): void {
    this.#network.inflict(fault);
  }

  /** More is under way than a protocol that comes to an end would ever have. */
  get isCrowded(): boolean {
    return this.#engine.pending > this.#maxUnderWay;
  }

  /** Runs until nothing is left to happen or `untilNs`; returns whether nothing is left. */
  run(untilNs: number, maxEvents: number): 'idle' | 'late' | 'endless' {
    for (let events = 0; events < maxEvents && !this.isCrowded; events += 1) {
      const { nextTimeNs } = this.#engine;
      if (nextTimeNs === undefined) return 'idle';
      if (nextTimeNs - this.#startNs > untilNs) return 'late';
      this.#engine.step();
    }
    return 'endless';
  }
}

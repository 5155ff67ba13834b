/**
 * Servers whose datagrams and timers a test moves by hand, one after the other: for bugs that take
 * several things in one order, which chance does not hit.
 */

import { raftProperties } from '../../../src/lab/checkers/raft.ts';
import { Delivering } from '../../../src/lab/agreement/raft/delivering.ts';
import { Raft } from '../../../src/lab/agreement/raft/raft.ts';
import type { RaftMutant } from '../../../src/lab/agreement/raft/raft-options.ts';
import { makePayload } from '../../../src/lab/process/payload.ts';
import { Cast } from '../../../src/lab/run/cast.ts';
import type { CrashOptions } from '../../../src/lab/run/fault.ts';
import type { Journey, Packet, Stage } from '../../../src/lab/run/stage.ts';
import { SeededRandom } from '../../../src/sim/random.ts';

/** Shorter than any other timer, so that the two can be told apart. */
const HEARTBEAT_NS = 1;

interface Timer {
  readonly node: number;
  readonly delayNs: number;
  readonly action: () => void;
  isCancelled: boolean;
}

class HandStage implements Stage {
  timers: Timer[] = [];
  packets: { readonly packet: Packet; readonly journey: Journey }[] = [];
  now = 0;

  nowNs = (): number => this.now;
  monotonicNs = (): number => this.now;
  wallNs = (): number => this.now;
  random = (node: number): SeededRandom => new SeededRandom('1', String(node));
  at = (): void => {};
  inflict = (): void => {};
  clockOf = (): never => {
    throw new Error('nobody touches clocks here');
  };

  schedule = (delayNs: number, action: () => void) => this.scheduleOn(-1, delayNs, action);

  scheduleOn(node: number, delayNs: number, action: () => void): { cancel(): void } {
    const timer = { node, delayNs, action, isCancelled: false };
    this.timers.push(timer);
    return { cancel: () => (timer.isCancelled = true) };
  }

  transmit(packet: Packet, journey: Journey): void {
    this.packets.push({ packet: { ...packet, bytes: new Uint8Array(packet.bytes) }, journey });
  }
}

export class RaftByHand {
  readonly #stage = new HandStage();
  readonly #cast: Cast;
  readonly #checkers = raftProperties();
  #commands = 0;

  constructor(servers: number, mutant?: RaftMutant) {
    const options = {
      ...{ heartbeatNs: HEARTBEAT_NS, timeoutNs: [100, 200] as const, hasPreVote: false },
      ...{ batch: 1, window: 8, compactAfter: 0, mutant },
    };
    this.#cast = new Cast({
      stage: this.#stage,
      factories: Array.from({ length: servers }, () => (context) => {
        return new Raft(context, options, new Delivering(context));
      }),
      observers: this.#checkers.map((checker) => (event) => checker.observe(event)),
    });
    this.#cast.start();
  }

  /** It has heard nothing for long enough. */
  stand(server: number): void {
    const isSilence = (timer: Timer): boolean =>
      timer.node === server && timer.delayNs > HEARTBEAT_NS && !timer.isCancelled;
    const timer = this.#stage.timers.findLast(isSilence);
    if (timer === undefined) throw new Error(`server ${server} waits for nobody`);
    timer.isCancelled = true;
    this.#stage.now += 1;
    timer.action();
  }

  /** What is under way from one to the other arrives, in order. */
  pass(from: number, to: number): void {
    const isWanted = ({ packet }: { readonly packet: Packet }): boolean =>
      packet.from === from && packet.to === to;
    const wanted = this.#stage.packets.filter(isWanted);
    this.#stage.packets = this.#stage.packets.filter((one) => !isWanted(one));
    for (const { packet, journey } of wanted) {
      this.#stage.now += 1;
      journey.arrive(packet.bytes, 0);
    }
  }

  /** Questions and answers between one and each of the others, until nothing is under way there. */
  talk(one: number, ...others: readonly number[]): void {
    const count = (): number =>
      this.#stage.packets.filter(({ packet: { from, to } }) => {
        return (from === one && others.includes(to)) || (to === one && others.includes(from));
      }).length;
    while (count() > 0) {
      for (const other of others) {
        this.pass(one, other);
        this.pass(other, one);
      }
    }
  }

  /** All that is under way is lost. */
  lose(): void {
    this.#stage.packets = [];
  }

  command(server: number): void {
    this.#cast.command(server, makePayload(this.#commands));
    this.#commands += 1;
  }

  crash(server: number, options: CrashOptions = {}): void {
    this.#cast.crash(server, options);
  }

  restart(server: number): void {
    this.#cast.restart(server);
  }

  violated(): readonly string[] {
    return this.#checkers
      .filter((checker) => checker.finish().length > 0)
      .map(({ property }) => property);
  }
}

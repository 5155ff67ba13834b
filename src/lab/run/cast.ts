/**
 * The processes of a run on their nodes: makes them, hands them what happens, carries out what they
 * ask of their contexts, and tells observers of everything. Knows no protocol, and not whether time
 * is virtual.
 *
 * It is called a million times a second: what happens to a datagram or a timer is a small object
 * with methods, not a chain of closures, and an event is made only when somebody looks.
 */

import assert from 'node:assert/strict';

import type {
  Context,
  Label,
  NodeId,
  Payload,
  ProcessFactory,
  ProcessTimer,
} from '../process/process.ts';
import {
  type ClockFault,
  type CrashOptions,
  describeFault,
  type Fault,
  isOnNode,
  type NetworkFault,
} from './fault.ts';
import { Flight } from './flight.ts';
import { Player, type Service, type Waiting } from './player.ts';
import type { Stage } from './stage.ts';
import { Teller } from './teller.ts';
import type { LossReason, Observer } from './trace-event.ts';

export interface CastOptions {
  readonly stage: Stage;
  readonly factories: readonly ProcessFactory[];
  /** How long each node works on a datagram; default: no time at all. */
  readonly services?: readonly Service[];
  readonly observers?: readonly Observer[];
  /** Asks processes for their state after each event that reaches them. */
  readonly keepsStates?: boolean;
}

interface TimerPlan {
  readonly delayNs: number;
  readonly name: string;
  readonly detail: number;
}

/** Nobody's process is being called. */
const NOBODY = -1;

export class Cast {
  readonly #stage: Stage;
  readonly #factories: readonly ProcessFactory[];
  readonly #teller: Teller;
  readonly #keepsStates: boolean;
  readonly #players: readonly Player[];
  #lastPacket = 0;
  #handling: NodeId = NOBODY;

  constructor({
    stage,
    factories,
    services = [],
    observers = [],
    keepsStates = false,
  }: CastOptions) {
    this.#stage = stage;
    this.#factories = factories;
    this.#teller = new Teller(stage, observers);
    this.#keepsStates = keepsStates;
    this.#players = factories.map((_, id) => new Player(id, services[id] ?? {}));
  }

  /** Events so far. */
  get eventCount(): number {
    return this.#teller.eventCount;
  }

  /** The node whose process is being called; −1 for none. */
  get handling(): NodeId {
    return this.#teller.isTelling ? NOBODY : this.#handling;
  }

  /** Brings every node up, in order. */
  start(): void {
    for (const player of this.#players) this.#bringUp(player, 'start');
  }

  /** The application on `node` hands `payload` down. Lost when the node is down. */
  command(node: NodeId, payload: Payload, label?: Label): void {
    const player = this.#player(node);
    if (player.process === undefined) return;
    if (player.inbox === undefined) this.#takeCommand(player, payload, label);
    else player.inbox.push({ happen: () => this.#takeCommand(player, payload, label) });
  }

  /** Carries out a fault of a node or of the network. */
  inflict(fault: Fault): void {
    if (!isOnNode(fault)) {
      this.#inflictOnNetwork(fault);
      return;
    }
    switch (fault.kind) {
      case 'crash':
        this.crash(fault.node, fault);
        return;
      case 'restart':
        this.restart(fault.node);
        return;
      case 'pause':
        this.pause(fault.node);
        return;
      case 'resume':
        this.resume(fault.node);
        return;
      case 'step':
      case 'drift':
        this.#breakClock(fault);
    }
  }

  /** The node stops at once. */
  crash(node: NodeId, options: CrashOptions = {}): void {
    const player = this.#player(node);
    if (player.process === undefined) return;
    const { keepsDisk = true, tearsWrite = false } = options;
    const torn = tearsWrite ? 'in the middle of a write' : '';
    this.#teller.cause = 0;
    this.#teller.happening('crash', node, { text: keepsDisk ? torn : 'with its disk' });
    player.crash(options);
  }

  restart(node: NodeId): void {
    const player = this.#player(node);
    if (player.process === undefined) this.#bringUp(player, 'restart');
  }

  /** The node stands still while its clocks run: what happens to it waits until it resumes. */
  pause(node: NodeId): void {
    const player = this.#player(node);
    if (player.process === undefined || player.inbox !== undefined) return;
    player.inbox = [];
    this.#teller.cause = 0;
    this.#teller.happening('pause', node);
  }

  resume(node: NodeId): void {
    const player = this.#player(node);
    const { inbox } = player;
    if (inbox === undefined) return;
    player.inbox = undefined;
    this.#teller.cause = 0;
    this.#teller.happening('resume', node);
    for (const waiting of inbox) waiting.happen();
  }

  #breakClock(fault: ClockFault): void {
    this.#player(fault.node);
    this.#teller.cause = 0;
    this.#teller.happening('clock', fault.node, { text: describeFault(fault) });
    const clock = this.#stage.clockOf(fault.node);
    if (fault.kind === 'step') clock.step(fault.byNs);
    else clock.drift(fault.ppm);
  }

  #inflictOnNetwork(fault: NetworkFault): void {
    this.#teller.cause = 0;
    this.#teller.happening('fault', -1, { text: describeFault(fault) });
    this.#stage.inflict(fault);
  }

  #player(node: NodeId): Player {
    const player = this.#players[node];
    assert(player !== undefined, `there is no node ${node}`);
    return player;
  }

  #bringUp(player: Player, kind: 'start' | 'restart'): void {
    this.#teller.cause = 0;
    this.#begin(player, this.#teller.happening(kind, player.id));
    player.process = (this.#factories[player.id] as ProcessFactory)(this.#contextOf(player));
    player.process.onStart?.();
    this.#end(player);
  }

  #takeCommand(player: Player, payload: Payload, label: Label | undefined): void {
    const told = { message: payload, peer: -1, label };
    this.#begin(player, this.#teller.message('submit', player.id, told));
    player.process?.onCommand?.(payload);
    this.#end(player);
  }

  /** What a process does now follows from `cause`. */
  #begin(player: Player, cause: number): void {
    this.#teller.cause = cause;
    this.#handling = player.id;
  }

  #end(player: Player): void {
    const state = this.#keepsStates ? player.process?.describeState?.() : undefined;
    if (state) this.#teller.state(player.id, state);
    this.#teller.cause = 0;
    this.#handling = NOBODY;
  }

  #contextOf(player: Player): Context {
    const { id, life, disk } = player;
    const stage = this.#stage;
    const teller = this.#teller;
    return {
      self: id,
      nodeCount: this.#players.length,
      random: stage.random(id),
      disk,
      monotonicNs: () => stage.monotonicNs(id),
      wallNs: () => stage.wallNs(id),
      send: (to, bytes, { tag, detail = -1 }) => {
        if (player.life !== life) return;
        this.#player(to);
        this.#lastPacket += 1;
        const packet = { from: id, to, bytes, number: this.#lastPacket, tag, detail };
        const flight = new Flight(packet, this.#lines);
        flight.sendEvent = teller.sent(flight);
        stage.transmit(flight, flight);
      },
      setTimer: (delayNs, name, detail = -1) => this.#setTimer(player, { delayNs, name, detail }),
      deliver: (payload, from, label) => {
        teller.message('deliver', id, { peer: from, message: payload, label });
      },
      note: (text, detail = -1, message = -1) => {
        teller.happening('note', id, { text, detail, message });
      },
      stepWall: (byNs) => {
        teller.happening('clock', id, { text: 'step', detail: byNs });
        stage.clockOf(id).step(byNs);
      },
      steerClock: (ppm) => stage.clockOf(id).steer(ppm),
    };
  }

  /** What datagrams under way report to. */
  readonly #lines = {
    lose: (flight: Flight, reason: LossReason): void => this.#teller.lost(flight, reason),
    arrive: (flight: Flight, bytes: Uint8Array, copy: number): void => {
      const player = this.#players[flight.to] as Player;
      if (player.process === undefined) this.#teller.lost(flight, 'down');
      else this.#serve(player, flight, { bytes, copy, busyNs: player.serviceNs(flight.octets) });
    },
  };

  /** The node works on one datagram after the other; its process gets it when that is done. */
  #serve(player: Player, flight: Flight, arrived: Arrived): void {
    const { busyNs } = arrived;
    if (busyNs === 0) {
      this.#receive(player, flight, arrived);
      return;
    }
    const { life } = player;
    const nowNs = this.#stage.nowNs();
    player.freeAtNs = Math.max(player.freeAtNs, nowNs) + busyNs;
    this.#stage.schedule(player.freeAtNs - nowNs, () => {
      if (player.life === life) this.#receive(player, flight, arrived);
      else this.#teller.lost(flight, 'down');
    });
  }

  #receive(player: Player, flight: Flight, arrived: Arrived): void {
    if (player.inbox !== undefined) {
      const waiting: Waiting = {
        happen: () => this.#receive(player, flight, arrived),
        lose: () => this.#teller.lost(flight, 'down'),
      };
      player.inbox.push(waiting);
      return;
    }
    this.#begin(player, this.#teller.received(flight, arrived.copy, arrived.busyNs));
    player.process?.onDatagram?.(flight.from, arrived.bytes);
    this.#end(player);
  }

  #setTimer(player: Player, { delayNs, name, detail }: TimerPlan): ProcessTimer {
    const { life } = player;
    const { cause } = this.#teller;
    let isCancelled = false;
    const fire = (): void => {
      if (player.life !== life || isCancelled) return;
      if (player.inbox !== undefined) {
        player.inbox.push({ happen: fire });
        return;
      }
      this.#teller.cause = cause;
      this.#begin(player, this.#teller.happening('timer', player.id, { text: name, detail }));
      player.process?.onTimer?.(name, detail);
      this.#end(player);
    };
    const timer = this.#stage.scheduleOn(player.id, delayNs, fire);
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }
}

interface Arrived {
  readonly bytes: Uint8Array;
  readonly copy: number;
  /** How long the node works on it. */
  readonly busyNs: number;
}

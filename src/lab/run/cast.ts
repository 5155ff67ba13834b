/**
 * The processes of a run on their nodes: makes them, hands them what happens, carries out what they
 * ask of their contexts, and tells observers of everything. Knows no protocol, and not whether time
 * is virtual.
 */

import assert from 'node:assert/strict';

import { readPayload } from '../process/payload.ts';
import type {
  Context,
  Disk,
  NodeId,
  Payload,
  Process,
  ProcessFactory,
  ProcessTimer,
} from '../process/process.ts';
import type { Stage } from './stage.ts';
import type { EventKind, LossReason, Observer, TraceEvent } from './trace-event.ts';

export interface CastOptions {
  readonly stage: Stage;
  readonly factories: readonly ProcessFactory[];
  readonly observers?: readonly Observer[];
  /** Asks processes for their state after each event that reaches them. */
  readonly keepsStates?: boolean;
}

interface Player {
  readonly id: NodeId;
  /** Undefined while the node is down. */
  process: Process | undefined;
  /** Counts the crashes, so that nothing of an earlier life reaches a later one. */
  life: number;
  /** While paused, what happened to the node waits here. */
  inbox: (() => void)[] | undefined;
  disk: Map<string, Uint8Array>;
}

const NOTHING = { peer: -1, packet: 0, copy: 0, octets: 0, message: -1, text: '', detail: -1 };
type Details = Partial<Omit<TraceEvent, 'id' | 'cause' | 'kind' | 'atNs' | 'node'>>;

export class Cast {
  readonly #stage: Stage;
  readonly #factories: readonly ProcessFactory[];
  readonly #observers: readonly Observer[];
  readonly #keepsStates: boolean;
  readonly #players: readonly Player[];
  #lastEvent = 0;
  #lastPacket = 0;
  /** The event that is being handled: the cause of what is done now. */
  #cause = 0;

  constructor({ stage, factories, observers = [], keepsStates = false }: CastOptions) {
    this.#stage = stage;
    this.#factories = factories;
    this.#observers = observers;
    this.#keepsStates = keepsStates;
    this.#players = factories.map((_, id) => {
      return { id, process: undefined, life: 0, inbox: undefined, disk: new Map() };
    });
  }

  /** Events so far. */
  get eventCount(): number {
    return this.#lastEvent;
  }

  /** Brings every node up, in order. */
  start(): void {
    for (const player of this.#players) this.#bringUp(player, 'start');
  }

  /** The application on `node` hands `payload` down. Lost when the node is down. */
  command(node: NodeId, payload: Payload): void {
    const player = this.#player(node);
    this.#reach(player, () => {
      const message = readPayload(payload) ?? -1;
      this.#handle(player, this.#record('submit', node, { message }), () =>
        player.process?.onCommand?.(payload),
      );
    });
  }

  /** The node stops at once; `keepsDisk` false also loses what it wrote. */
  crash(node: NodeId, { keepsDisk = true }: { readonly keepsDisk?: boolean } = {}): void {
    const player = this.#player(node);
    if (player.process === undefined) return;
    player.process = undefined;
    player.inbox = undefined;
    player.life += 1;
    if (!keepsDisk) player.disk = new Map();
    this.#record('crash', node, { text: keepsDisk ? '' : 'with its disk' });
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
    this.#record('pause', node);
  }

  resume(node: NodeId): void {
    const player = this.#player(node);
    const { inbox } = player;
    if (inbox === undefined) return;
    player.inbox = undefined;
    this.#record('resume', node);
    for (const happening of inbox) happening();
  }

  /** Tells observers of a fault that the network was given. */
  fault(text: string): void {
    this.#cause = 0;
    this.#record('fault', -1, { text });
  }

  #player(node: NodeId): Player {
    const player = this.#players[node];
    assert(player !== undefined, `there is no node ${node}`);
    return player;
  }

  #bringUp(player: Player, kind: 'start' | 'restart'): void {
    this.#cause = 0;
    const event = this.#record(kind, player.id);
    const born = (this.#factories[player.id] as ProcessFactory)(this.#contextOf(player));
    player.process = born;
    this.#handle(player, event, () => born.onStart?.());
  }

  /** Does `happening` when the node is up, later when it is paused, never when it is down. */
  #reach(player: Player, happening: () => void): void {
    if (player.process === undefined) return;
    if (player.inbox !== undefined) player.inbox.push(happening);
    else happening();
  }

  #handle(player: Player, event: TraceEvent, action: () => void): void {
    this.#cause = event.id;
    action();
    const state = this.#keepsStates ? player.process?.describeState?.() : undefined;
    if (state) this.#record('state', player.id, { state });
    this.#cause = 0;
  }

  #record(kind: EventKind, node: NodeId, details: Details = {}): TraceEvent {
    this.#lastEvent += 1;
    const event: TraceEvent = {
      id: this.#lastEvent,
      cause: this.#cause,
      kind,
      atNs: this.#stage.nowNs(),
      node,
      ...NOTHING,
      ...details,
    };
    for (const observe of this.#observers) observe(event);
    return event;
  }

  #contextOf(player: Player): Context {
    const { id, life } = player;
    const stage = this.#stage;
    return {
      self: id,
      nodeCount: this.#players.length,
      random: stage.random(id),
      disk: diskOf(player.disk),
      monotonicNs: () => stage.monotonicNs(id),
      wallNs: () => stage.wallNs(id),
      send: (to, bytes, { tag, detail = -1 }) => {
        if (player.life === life) this.#send(player, { to, bytes, text: tag, detail });
      },
      setTimer: (delayNs, name, detail = -1) => this.#setTimer(player, { delayNs, name, detail }),
      deliver: (payload, from) => {
        this.#record('deliver', id, { peer: from, message: readPayload(payload) ?? -1 });
      },
      note: (text) => {
        this.#record('note', id, { text });
      },
    };
  }

  #send(
    { id }: Player,
    sent: {
      readonly to: NodeId;
      readonly bytes: Uint8Array;
      readonly text: string;
      readonly detail: number;
    },
  ): void {
    const { to, bytes, text, detail } = sent;
    const target = this.#player(to);
    this.#lastPacket += 1;
    const packet = { packet: this.#lastPacket, octets: bytes.length, text, detail };
    const { id: cause } = this.#record('send', id, { peer: to, ...packet });
    const tellLoss = (reason: LossReason): void => {
      const before = this.#cause;
      this.#cause = cause;
      this.#record('lose', id, { peer: to, ...packet, reason });
      this.#cause = before;
    };
    this.#stage.transmit(
      { from: id, to, bytes },
      {
        lose: tellLoss,
        arrive: (arrived, copy) => {
          if (target.process === undefined) tellLoss('down');
          this.#reach(target, () => {
            this.#cause = cause;
            const event = this.#record('receive', to, { peer: id, ...packet, copy });
            this.#handle(target, event, () => target.process?.onDatagram?.(id, arrived));
          });
        },
      },
    );
  }

  #setTimer(
    player: Player,
    {
      delayNs,
      name,
      detail,
    }: { readonly delayNs: number; readonly name: string; readonly detail: number },
  ): ProcessTimer {
    const { life } = player;
    const cause = this.#cause;
    let isCancelled = false;
    const timer = this.#stage.schedule(delayNs, () => {
      if (player.life !== life) return;
      this.#reach(player, () => {
        if (isCancelled) return;
        this.#cause = cause;
        const event = this.#record('timer', player.id, { text: name, detail });
        this.#handle(player, event, () => player.process?.onTimer?.(name, detail));
      });
    });
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }
}

function diskOf(files: Map<string, Uint8Array>): Disk {
  return {
    read: (key) => {
      const kept = files.get(key);
      return kept && new Uint8Array(kept);
    },
    write: (key, bytes) => {
      files.set(key, new Uint8Array(bytes));
    },
  };
}

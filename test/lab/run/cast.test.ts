import { describe, expect, test } from 'vitest';

import type { Context, Process } from '../../../src/lab/process/process.ts';
import { makePayload } from '../../../src/lab/process/payload.ts';
import { Cast } from '../../../src/lab/run/cast.ts';
import { SimStage } from '../../../src/lab/run/sim-stage.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';

const MS = 1_000_000;

/** Counts its ticks on disk, and in memory, and tells the other node of each. */
class Ticker implements Process {
  readonly #context: Context;
  #ticks = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  onStart(): void {
    this.#context.setTimer(10 * MS, 'tick');
  }

  onTimer(): void {
    this.#ticks += 1;
    const { disk, self } = this.#context;
    const kept = (disk.read('ticks')?.[0] ?? 0) + 1;
    disk.write('ticks', Uint8Array.of(kept));
    this.#context.note(`${this.#ticks} of ${kept}`);
    this.#context.send(1 - self, Uint8Array.of(this.#ticks), { tag: 'tick' });
    this.#context.setTimer(10 * MS, 'tick');
  }

  onDatagram(_from: number, bytes: Uint8Array): void {
    this.#context.deliver(makePayload(bytes[0] ?? 0), 1 - this.#context.self);
  }

  describeState(): { ticks: number } {
    return { ticks: this.#ticks };
  }
}

interface Scene {
  readonly stage: SimStage;
  readonly cast: Cast;
  readonly events: TraceEvent[];
  /** What node 0 noted, with the time in milliseconds. */
  notes(): readonly string[];
}

function scene({ keepsStates = false } = {}): Scene {
  const events: TraceEvent[] = [];
  const stage = new SimStage({ seed: '1', link: { delayMs: 3 } });
  const create = (context: Context): Process => new Ticker(context);
  const quiet = (): Process => ({});
  const observers = [(event: TraceEvent) => events.push(event)];
  const cast = new Cast({ stage, factories: [create, quiet], observers, keepsStates });
  stage.at(0, () => cast.start());
  const notes = (): readonly string[] =>
    events
      .filter(({ kind, node }) => kind === 'note' && node === 0)
      .map(({ atNs, text }) => `${atNs / MS}: ${text}`);
  return { stage, cast, events, notes };
}

describe('a process on its node', () => {
  test('loses its memory and its timers in a crash, and keeps its disk', () => {
    const { stage, cast, notes } = scene();
    stage.at(25 * MS, () => cast.crash(0));
    stage.at(47 * MS, () => cast.restart(0));
    stage.run(60 * MS, 1000);
    expect(notes()).toEqual(['10: 1 of 1', '20: 2 of 2', '57: 1 of 3']);
  });

  test('loses its disk too when the crash takes it', () => {
    const { stage, cast, notes } = scene();
    stage.at(25 * MS, () => cast.crash(0, { keepsDisk: false }));
    stage.at(26 * MS, () => cast.restart(0));
    stage.run(40 * MS, 1000);
    expect(notes()).toEqual(['10: 1 of 1', '20: 2 of 2', '36: 1 of 1']);
  });

  test('does nothing while it is paused, and then what it missed', () => {
    const { stage, cast, notes } = scene();
    stage.at(15 * MS, () => cast.pause(0));
    stage.at(48 * MS, () => cast.resume(0));
    stage.run(60 * MS, 1000);
    expect(notes()).toEqual(['10: 1 of 1', '48: 2 of 2', '58: 3 of 3']);
  });

  test('a datagram to a node that is down is lost, and the trace says why', () => {
    const { stage, cast, events } = scene();
    stage.at(5 * MS, () => cast.crash(1));
    stage.run(15 * MS, 1000);
    const lost = events.filter(({ kind }) => kind === 'lose');
    expect(lost).toMatchObject([{ node: 0, peer: 1, reason: 'down', packet: 1 }]);
  });
});

describe('the trace', () => {
  test('every event names its cause', () => {
    const { stage, events } = scene();
    stage.run(14 * MS, 1000);
    const byId = new Map(events.map((event) => [event.id, event]));
    const chain: string[] = [];
    for (let event = events.at(-1); event; event = byId.get(event.cause)) chain.push(event.kind);
    expect(chain).toEqual(['receive', 'send', 'timer', 'start']);
  });

  test('a state follows each event that a process handled, when asked for', () => {
    const { stage, events } = scene({ keepsStates: true });
    stage.run(11 * MS, 1000);
    const states = events.filter(({ kind }) => kind === 'state');
    expect(states.map(({ state }) => state)).toEqual([{ ticks: 0 }, { ticks: 1 }]);
  });
});

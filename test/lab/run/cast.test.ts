import { describe, expect, test } from 'vitest';

import type { Context, Process } from '../../../src/lab/process/process.ts';
import { makePayload } from '../../../src/lab/process/payload.ts';
import { Cast } from '../../../src/lab/run/cast.ts';
import type { Service } from '../../../src/lab/run/player.ts';
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

describe('a node that needs time for each datagram', () => {
  /** Sends node 1 three datagrams of 1, 2 and 3 octets at once. */
  function burst(services: readonly Service[]): {
    readonly stage: SimStage;
    readonly cast: Cast;
    readonly events: TraceEvent[];
  } {
    const events: TraceEvent[] = [];
    const stage = new SimStage({ seed: '1', link: { delayMs: 3 } });
    const create = ({ send }: Context): Process => ({
      onStart: () => {
        for (const octets of [1, 2, 3]) send(1, new Uint8Array(octets), { tag: 'data' });
      },
    });
    const quiet = (): Process => ({});
    const observers = [(event: TraceEvent) => events.push(event)];
    const cast = new Cast({ stage, factories: [create, quiet], services, observers });
    stage.at(0, () => cast.start());
    return { stage, cast, events };
  }
  const services: readonly Service[] = [{}, { serviceNs: 5 * MS, serviceNsPerOctet: MS }];

  test('serves one after the other, and tells how busy it was', () => {
    const { stage, events } = burst(services);
    expect(stage.run(1000 * MS, 1000)).toBe('idle');
    const received = events.filter(({ kind }) => kind === 'receive');
    expect(received.map(({ atNs }) => atNs / MS)).toEqual([3 + 6, 9 + 7, 16 + 8]);
    expect(received.map(({ busyNs }) => busyNs)).toEqual([6 * MS, 7 * MS, 8 * MS]);
  });

  test('loses its queue when it crashes', () => {
    const { stage, cast, events } = burst(services);
    stage.at(10 * MS, () => cast.crash(1));
    stage.at(11 * MS, () => cast.restart(1));
    stage.run(1000 * MS, 1000);
    const lost = events.filter(({ kind }) => kind === 'lose');
    expect(lost).toMatchObject([
      { packet: 2, reason: 'down' },
      { packet: 3, reason: 'down' },
    ]);
  });

  test('a paused node serves nothing until it resumes, and a crash loses what waited', () => {
    const { stage, cast, events } = burst([]);
    stage.at(MS, () => cast.pause(1));
    stage.at(9 * MS, () => cast.crash(1));
    stage.run(1000 * MS, 1000);
    expect(events.filter(({ kind }) => kind === 'receive')).toEqual([]);
    expect(events.filter(({ kind }) => kind === 'lose')).toHaveLength(3);
  });
});

test('a crash in the middle of a write leaves half of it, and behind it what was there', () => {
  const stage = new SimStage({ seed: '1', link: { delayMs: 3 } });
  const found: string[] = [];
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
  const create = ({ disk }: Context): Process => {
    found.push(`${text(disk.read('log'))} ${text(disk.read('epoch'))}`);
    return {
      onStart: () => {
        if (found.length > 1) return;
        disk.write('epoch', Buffer.from('seven'));
        disk.write('log', Buffer.from('abcdefgh'));
        disk.write('log', Buffer.from('ABCD'));
      },
    };
  };
  const cast = new Cast({ stage, factories: [create] });
  stage.at(0, () => cast.start());
  stage.at(1, () => cast.inflict({ atNs: 1, kind: 'crash', node: 0, tearsWrite: true }));
  stage.at(2, () => cast.restart(0));
  stage.at(3, () => cast.inflict({ atNs: 3, kind: 'crash', node: 0, tearsWrite: true }));
  stage.at(4, () => cast.restart(0));
  stage.run(MS, 100);
  // The second crash met no write: nothing was torn again.
  expect(found).toEqual([' ', 'ABcdefgh seven', 'ABcdefgh seven']);
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

/** Who is served, and how old what is read: on events that are written by hand. */

import { describe, expect, test } from 'vitest';

import { AvailabilityMeter } from '../../../src/lab/meters/availability.ts';
import { StaleReadMeter } from '../../../src/lab/meters/stale-reads.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';

let lastId = 0;

function event(parts: Partial<TraceEvent>): TraceEvent {
  lastId += 1;
  const none = { cause: 0, peer: -1, packet: 0, copy: 0, octets: 0, message: -1, detail: -1 };
  return { id: lastId, kind: 'note', atNs: 0, node: 0, text: '', ...none, ...parts };
}

interface Call {
  readonly from: number;
  /** Undefined: no answer. */
  readonly to?: number;
  readonly node?: number;
  /** Writes this, or reads it. */
  readonly write?: number;
  readonly read?: number;
  readonly fails?: boolean;
}

/** In the order of time, as a stage tells them. */
function eventsOf(calls: readonly Call[]): readonly TraceEvent[] {
  const all = calls.flatMap(({ from, to, node = 0, write, read, fails = false }, message) => {
    const call = write === undefined ? 'read date' : 'write date';
    const done = write === undefined ? 'value' : 'ok';
    const asked = { kind: 'submit', atNs: from, node, message, text: call } as const;
    const answered = { kind: 'deliver', atNs: to ?? 0, node, message } as const;
    return [
      event({ ...asked, ...(write !== undefined && { detail: write }) }),
      ...(to === undefined
        ? []
        : [event({ ...answered, text: fails ? 'gives up' : done, detail: read ?? -1 })]),
    ];
  });
  return all.toSorted((a, b) => a.atNs - b.atNs);
}

function measure(meter: AvailabilityMeter | StaleReadMeter, calls: readonly Call[]) {
  for (const one of eventsOf(calls)) meter.observe(one);
  const measured = Object.entries(meter.finish());
  return Object.fromEntries(measured.map(([name, { value }]) => [name, value]));
}

describe('stale reads', () => {
  const written = [
    { from: 0, to: 10, write: 1 },
    { from: 20, to: 30, write: 2 },
    { from: 40, to: 50, write: 3 },
  ];
  const stale = (...reads: readonly Call[]) =>
    measure(new StaleReadMeter({ versions: 3 }), [...written, ...reads]);

  test('the newest is not stale, each version before it is one more behind', () => {
    const none = { 'stale.reads': 0, 'stale.k2': 0, 'stale.k3': 0 };
    expect(stale({ from: 60, to: 70, read: 3 })).toEqual(none);
    expect(stale({ from: 60, to: 70, read: 2 })).toEqual({ ...none, 'stale.reads': 1 });
    const two = { 'stale.reads': 1, 'stale.k2': 1, 'stale.k3': 0 };
    expect(stale({ from: 60, to: 70, read: 1 })).toEqual(two);
    // Nothing, where three were written.
    expect(stale({ from: 60, to: 70, read: -1 })).toEqual({ ...two, 'stale.k3': 1 });
  });

  test('a write that is under way while the read is may be missed', () => {
    expect(stale({ from: 45, to: 60, read: 2 })['stale.reads']).toBe(0);
    expect(stale({ from: 51, to: 60, read: 2 })['stale.reads']).toBe(1);
  });

  test('of two writes at the same time neither is newer', () => {
    const calls = [
      { from: 0, to: 20, write: 1 },
      { from: 5, to: 15, write: 2, node: 1 },
      { from: 30, to: 40, read: 1 },
      { from: 50, to: 60, read: 2 },
    ];
    expect(measure(new StaleReadMeter(), calls)).toEqual({ 'stale.reads': 0 });
  });

  test('what nobody acknowledged is not missed', () => {
    const calls = [
      { from: 0, to: 10, write: 1 },
      { from: 20, write: 2 },
      { from: 30, to: 40, read: 1 },
      { from: 50, to: 60, read: 2 },
    ];
    expect(measure(new StaleReadMeter(), calls)).toEqual({ 'stale.reads': 0 });
  });

  test('reads in a division are counted once more', () => {
    const division = { fromNs: 55, toNs: 65 };
    const reads = [
      { from: 60, to: 70, read: 2 },
      { from: 70, to: 80, read: 3 },
    ];
    const measured = measure(new StaleReadMeter({ division }), [...written, ...reads]);
    expect(measured).toEqual({ 'stale.reads': 0.5, 'cut.stale': 1 });
  });
});

describe('availability', () => {
  const division = { fromNs: 100, toNs: 200, sides: [[0], [1, 2]] };

  test('counts what was answered, by side while it is divided', () => {
    const calls = [
      { from: 10, to: 20, write: 1 },
      { from: 110, to: 120, write: 2, node: 0 },
      { from: 120, to: 130, write: 3, node: 1, fails: true },
      { from: 130, write: 4, node: 2 },
      { from: 140, to: 150, read: 2, node: 0 },
    ];
    expect(measure(new AvailabilityMeter(division), calls)).toEqual({
      ...{ reads: 1, writes: 4, 'avail.reads': 1, 'avail.writes': 0.5 },
      ...{ 'cut.reads': 1, 'cut.writes': 1 / 3, 'cut.left': 1, 'cut.right': 0 },
    });
  });

  test('an answer when it is over is none, and the last tenth does not count', () => {
    const calls = [
      { from: 110, to: 210, write: 1, node: 1 },
      { from: 195, to: 215, write: 2, node: 1 },
    ];
    const measured = measure(new AvailabilityMeter(division), calls);
    expect(measured).toMatchObject({ 'avail.writes': 1, 'cut.writes': 0, 'cut.right': 0 });
  });
});

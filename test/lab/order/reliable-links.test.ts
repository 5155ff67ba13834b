import { describe, expect, test } from 'vitest';

import { onReliableLinks } from '../../../src/lab/order/reliable-links.ts';
import type { Context, Process } from '../../../src/lab/process/process.ts';
import { Cast } from '../../../src/lab/run/cast.ts';
import { SimStage } from '../../../src/lab/run/sim-stage.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';
import { makePayload } from '../../../src/lab/process/payload.ts';
import { MS } from './runs.ts';

/** Sends what it is told to the other node, and delivers what it gets. */
function forwarder(context: Context): Process {
  return {
    onCommand: (payload) => context.send(1 - context.self, payload, { tag: 'data' }),
    onDatagram: (from, bytes) => context.deliver(bytes, from),
  };
}

interface Scene {
  readonly stage: SimStage;
  readonly cast: Cast;
  delivered(): readonly number[];
  sent(tag: string): number;
}

function scene({ seed = '1', isFifo = true, loss = 0, jitterMs = 0 }): Scene {
  const events: TraceEvent[] = [];
  const stage = new SimStage({ seed, link: { delayMs: 10, jitterMs, loss } });
  const create = onReliableLinks(forwarder, { resendNs: 50 * MS, isFifo });
  const observers = [(event: TraceEvent) => events.push(event)];
  const cast = new Cast({ stage, factories: [create, create], observers });
  stage.at(0, () => cast.start());
  const delivered = (): readonly number[] =>
    events.filter(({ kind }) => kind === 'deliver').map(({ message }) => message);
  const sent = (tag: string): number =>
    events.filter(({ kind, text }) => kind === 'send' && text === tag).length;
  return { stage, cast, delivered, sent };
}

/** Node 0 sends messages `first` to `last`, one a millisecond, from `atMs` on. */
function sendAll({ stage, cast }: Scene, first: number, last: number, atMs = 1): void {
  for (let message = first; message <= last; message += 1) {
    const atNs = (atMs + message - first) * MS;
    stage.at(atNs, () => cast.command(0, makePayload(message)));
  }
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

describe('reliable links', () => {
  test('without loss: each message once, one acknowledgement each, nothing again', () => {
    const played = scene({});
    sendAll(played, 0, 9);
    played.stage.run(1000 * MS, 10_000);
    expect(played.delivered()).toEqual(upTo(10));
    expect([played.sent('data'), played.sent('link-ack'), played.sent('link-resend')]).toEqual([
      10, 10, 0,
    ]);
  });

  test.each(upTo(20).map(String))('half of all lost, jitter, seed %s: all, in order', (seed) => {
    const played = scene({ seed, loss: 0.5, jitterMs: 40 });
    sendAll(played, 0, 29);
    expect(played.stage.run(60_000 * MS, 100_000)).toBe('idle');
    expect(played.delivered()).toEqual(upTo(30));
    expect(played.sent('link-resend')).toBeGreaterThan(0);
  });

  test('that need not keep the order pass on what comes, once', () => {
    const played = scene({ isFifo: false, loss: 0.3, jitterMs: 40 });
    sendAll(played, 0, 29);
    expect(played.stage.run(60_000 * MS, 100_000)).toBe('idle');
    expect(played.delivered()).not.toEqual(upTo(30));
    expect(played.delivered().toSorted((a, b) => a - b)).toEqual(upTo(30));
  });

  test('a receiver that comes back goes on where the earlier life had acknowledged', () => {
    const played = scene({});
    sendAll(played, 0, 4);
    played.stage.at(100 * MS, () => played.cast.crash(1));
    sendAll(played, 5, 6, 150);
    played.stage.at(200 * MS, () => played.cast.restart(1));
    sendAll(played, 7, 8, 250);
    expect(played.stage.run(60_000 * MS, 100_000)).toBe('idle');
    expect(played.delivered()).toEqual(upTo(9));
  });

  test('a sender that comes back begins a session, and nothing of the earlier one is taken', () => {
    const played = scene({});
    sendAll(played, 0, 2);
    played.stage.at(50 * MS, () => played.cast.crash(0));
    played.stage.at(60 * MS, () => played.cast.restart(0));
    sendAll(played, 3, 5, 70);
    expect(played.stage.run(60_000 * MS, 100_000)).toBe('idle');
    expect(played.delivered()).toEqual(upTo(6));
  });
});

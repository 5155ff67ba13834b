/** A run without a trace takes no more memory at its end than at its beginning, however long. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';

import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { play } from '../../../src/lab/experiment/play.ts';
import { TrafficMeter } from '../../../src/lab/meters/traffic.ts';
import type { Context, Process } from '../../../src/lab/process/process.ts';
import { Cast } from '../../../src/lab/run/cast.ts';
import { SimStage } from '../../../src/lab/run/sim-stage.ts';
import { TraceHash } from '../../../src/lab/run/trace-hash.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';
import { fixedTimer } from '../../../src/lab/transport/experiments/a1-fixed-timer.ts';

const RUNS = Number(process.env['FUZZ_RUNS']);
/** 200,000 usually, 10^8 in slow mode. */
const EVENTS = RUNS > 100_000 ? 100 * RUNS : 10 * RUNS;
/** Of a whole experiment with its meter and checkers, which take longer. */
const EVENTS_CHECKED = 20 * RUNS;
const PARTS = 10;
/** What a heap may breathe; anything that is kept of each message is more. */
const SLACK_OCTETS = 2 ** 16;
const SLOW_MS = 1_800_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Looks at the heap every tenth of a run. */
class HeapWatch {
  readonly #every: number;
  readonly heaps: number[] = [];
  #seen = 0;

  constructor(events: number) {
    this.#every = Math.floor(events / PARTS);
  }

  look(): void {
    this.#seen += 1;
    if (this.#seen % this.#every > 0) return;
    collectGarbage();
    this.heaps.push(process.memoryUsage().heapUsed);
  }

  /**
   * What a compiler keeps is no message: so not from the beginning, when it still compiles, and
   * the least of three looks each time.
   */
  expectFlat(): void {
    expect(this.heaps.length).toBeGreaterThanOrEqual(PARTS);
    const [early, late] = [this.heaps.slice(3, 6), this.heaps.slice(-3)];
    expect(Math.min(...late) - Math.min(...early)).toBeLessThan(SLACK_OCTETS);
  }
}

/** Two of them answer each other for ever; each datagram sets a timer and cancels the one before. */
class Pinger implements Process {
  readonly #context: Context;
  #timer: { cancel(): void } | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  onStart(): void {
    if (this.#context.self === 0) this.#send();
  }

  onDatagram(): void {
    this.#send();
  }

  onTimer(): void {
    this.#send();
  }

  #send(): void {
    this.#timer?.cancel();
    if (this.#context.self === 0) this.#timer = this.#context.setTimer(100_000_000, 'again');
    this.#context.send(1 - this.#context.self, Uint8Array.of(1), { tag: 'ping' });
  }
}

test(
  `${EVENTS} events of two nodes, with hash and meter`,
  () => {
    const watch = new HeapWatch(EVENTS);
    const [meter, hash] = [new TrafficMeter(), new TraceHash()];
    const stage = new SimStage({ seed: '1', link: { delayMs: 10, jitterMs: 5, loss: 0.01 } });
    const create = (context: Context): Process => new Pinger(context);
    const observers = [
      (event: TraceEvent): void => hash.add(event),
      (event: TraceEvent): void => meter.observe(event),
      (): void => watch.look(),
    ];
    const cast = new Cast({ stage, factories: [create, create], observers });
    stage.at(0, () => cast.start());
    while (cast.eventCount < EVENTS) stage.run(Infinity, 10_000);
    watch.expectFlat();
  },
  SLOW_MS,
);

test(
  `${EVENTS_CHECKED} events of an experiment, with all that judges it`,
  () => {
    const watch = new HeapWatch(EVENTS_CHECKED);
    const copies = 10;
    const eventsOfMessage = 5 * copies;
    // A message every 60 ms, so that none waits: what waits has to be kept.
    const changed = { messages: Math.ceil(EVENTS_CHECKED / eventsOfMessage), interval: 60_000_000 };
    const values = { ...defaultsOf(fixedTimer.parameters), ...changed };
    // Compiled code stands on the heap too, so most of it is to be compiled before.
    play(fixedTimer, values, { seed: '2' });
    const run = play(fixedTimer, values, { seed: '1', observers: [() => watch.look()] });
    expect(run.end).toBe('idle');
    expect(run.violations).toEqual([]);
    watch.expectFlat();
  },
  SLOW_MS,
);

/**
 * How many events a second the laboratory plays on one core, and whether its memory stays flat.
 *
 *     node bench/lab.mjs [EVENTS]
 *
 * Two nodes answer each other over a lossy link with jitter; each datagram also sets a timer and
 * cancels the one before, as protocols that wait for acknowledgements do. An event is what a trace
 * would have a line for: sending, receiving, losing, a timer that fires.
 */
import { TrafficMeter } from '../dist/lab/meters/traffic.js';
import { Cast } from '../dist/lab/run/cast.js';
import { SimStage } from '../dist/lab/run/sim-stage.js';
import { TraceHash } from '../dist/lab/run/trace-hash.js';

const EVENTS = Number(process.argv[2] ?? 5_000_000);
const MS = 1_000_000;
/** Datagrams that are under way at any time. */
const IN_FLIGHT = 100;
/** Lost ones are sent anew after this. */
const TIMEOUT_NS = 100 * MS;

class Pinger {
  /** @readonly */
  #context;
  /** @readonly */
  #timers = [];

  constructor(context) {
    this.#context = context;
  }

  onStart() {
    if (this.#context.self === 0) for (let id = 0; id < IN_FLIGHT; id += 1) this.#send(id);
  }

  onDatagram(_from, bytes) {
    this.#send(bytes[0]);
  }

  onTimer(_name, id) {
    this.#send(id);
  }

  #send(id) {
    this.#timers[id]?.cancel();
    if (this.#context.self === 0) {
      this.#timers[id] = this.#context.setTimer(TIMEOUT_NS, 'timeout', id);
    }
    this.#context.send(1 - this.#context.self, Uint8Array.of(id), { tag: 'ping', detail: id });
  }
}

function measure(name, observers) {
  const stage = new SimStage({ seed: '1', link: { delayMs: 10, jitterMs: 5, loss: 0.01 } });
  const create = (context) => new Pinger(context);
  const cast = new Cast({ stage, factories: [create, create], observers });
  stage.at(0, () => cast.start());
  const rss = [];
  const start = process.cpuUsage();
  for (let part = 1; part <= 10; part += 1) {
    while (cast.eventCount < (EVENTS / 10) * part) stage.run(Infinity, 10_000);
    rss.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
  }
  // Of the processor, so that others on the machine do not count.
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  const rate = Math.round(cast.eventCount / seconds);
  console.log(
    `${name.padEnd(22)} ${cast.eventCount} events in ${seconds.toFixed(2)} s of CPU: ` +
      `${rate.toLocaleString('en')} a second; RSS MiB ${rss.join(' ')}`,
  );
}

measure('no observers', []);
const meter = new TrafficMeter();
const hash = new TraceHash();
measure('meter and hash', [(event) => hash.add(event), (event) => meter.observe(event)]);

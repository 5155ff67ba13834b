/**
 * A load generator on the same batched sockets as the server: sends questions, and believes no
 * answer before it has looked at it.
 *
 *   node bench/load.mjs --to 127.0.0.1:5300 --questions FILE [--seconds N | --once]
 *                       [--window N | --rate QPS [--pace MS] [--warm-up MS]] [--sockets N] [--edns]
 *                       [--unchecked] [--unique [--first N]] [--addresses N] [--drain]
 *
 * FILE has a line for each question: NAME TYPE [RCODE [RDATA]], the rdata of the first answer in
 * hexadecimal. Every reply must have an id that is waiting, our question, the rcode (NOERROR if
 * none is given), an answer where the rcode is NOERROR and no rdata '-' is given, and that rdata.
 *
 * With `--unique` names begin with a label of eight digits, which counts on, so that no question is
 * asked twice. `--addresses` spreads the sockets over 127.0.1.1 and the following.
 *
 * A window is a closed loop: each reply sends the next question. A rate is an open loop: questions
 * leave when it is their time, and their latency counts from then, so that a server which stands
 * still cannot hide it (coordinated omission); one that is lost counts as one that took two seconds.
 * It watches the time without a pause, or looks every `--pace` milliseconds, which leaves the
 * processor to others. What is due within `--warm-up`, while our own code is compiled, and late for
 * that reason, counts neither as late nor as lost. With `--drain` the last answers are waited for;
 * without it they count as neither answered nor lost. Prints one JSON object.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import hdr from 'hdr-histogram-js';

import { endpointOctets } from '../dist/net/address.js';
import { loadBatchedUdp } from '../dist/net/real/batch/support.js';
import { parseType } from '../dist/wire/iana.js';
import { nameOf } from '../dist/wire/name-text.js';

const HEADER_OCTETS = 12;
/** Where the digits of a unique name begin, and how many there are. */
const DIGITS_AT = HEADER_OCTETS + 1;
const DIGITS = 8;
const IDS = 65_536;
/** A question without an answer for so long is lost, and another one takes its place. */
const LOST_MS = 2000;
const SWEEP_MS = 100;
/** In an open loop: no more at once, so that replies are read in between. */
const BURST = 256;
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

const { values: options } = parseArgs({
  options: {
    to: { type: 'string', default: '127.0.0.1:53' },
    questions: { type: 'string', default: '' },
    seconds: { type: 'string', default: '3' },
    once: { type: 'boolean', default: false },
    window: { type: 'string', default: '100' },
    rate: { type: 'string' },
    sockets: { type: 'string', default: '10' },
    edns: { type: 'boolean', default: false },
    pace: { type: 'string', default: '0' },
    'warm-up': { type: 'string', default: '0' },
    unchecked: { type: 'boolean', default: false },
    unique: { type: 'boolean', default: false },
    first: { type: 'string', default: '0' },
    addresses: { type: 'string', default: '0' },
    drain: { type: 'boolean', default: false },
  },
});

/** @typedef {{ octets: Uint8Array, end: number, rcode: number, rdata: Uint8Array | undefined, isEmpty: boolean }} Question */

const questions = readQuestions(options.questions, options.edns);
const latencies = hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 }); // prettier-ignore
const totals = { sent: 0, answered: 0, lost: 0 };
/** @type {Record<string, number>} */
const wrong = {};
const rate = options.rate === undefined ? undefined : Number(options.rate);
const seconds = Number(options.seconds);
const paceMs = Number(options.pace);
const countFromMs = performance.now() + Number(options['warm-up']);
const firstNumber = Number(options.first);
let next = 0;
let isOver = false;

const { bind } = await loadBatchedUdp();
const [address = '', port = ''] = options.to.split(':');
const endpoint = { address, port: Number(port) };
/** @type {import('../dist/net/ports.js').Peer} */
const server = { endpoint, octets: endpointOctets(address), retain: () => server };
const clients = Array.from({ length: Number(options.sockets) }, (_, index) => new Client(index));

/** One socket with its questions under way. */
/** @param {number} place */
function Client(place) {
  const sentAt = new Float64Array(IDS);
  const asked = new Int32Array(IDS).fill(-1);
  const numbers = new Int32Array(IDS);
  const addresses = Number(options.addresses);
  const local = addresses === 0 ? '127.0.0.1' : `127.0.1.${1 + (place % addresses)}`;
  let lastId = Math.floor(sentAt.length * 0.3);
  let waiting = 0;
  /** @type {import('../dist/net/ports.js').Peer} */
  let peer = server;
  const socket = bind(
    { address: local, port: 0 },
    {
      reusePort: false,
      kernelBufferOctets: 4 << 20,
      onBug: (error) => {
        throw error;
      },
      handler(reply, from, out) {
        if (peer === server) peer = from.retain();
        const id = (reply[0] << 8) | reply[1];
        const index = asked[id];
        if (index < 0) return count('id that nobody waits for');
        asked[id] = -1;
        waiting -= 1;
        totals.answered += 1;
        took(sentAt[id], performance.now());
        const problem = options.unchecked ? undefined : judge(reply, questions[index], numbers[id]);
        if (problem !== undefined) count(problem);
        return rate === undefined ? write(out, performance.now()) : 0;
      },
    },
  );
  /** @param {Uint8Array} out @param {number} dueMs @returns {number} */
  function write(out, dueMs) {
    if (isOver || (options.once && next >= questions.length)) return 0;
    do lastId = (lastId + 1) % IDS;
    while (asked[lastId] >= 0);
    const number = next++;
    const index = number % questions.length;
    const { octets } = questions[index];
    out.set(octets);
    if (options.unique) writeDigits(out, firstNumber + number);
    numbers[lastId] = firstNumber + number;
    out[0] = lastId >> 8;
    out[1] = lastId & 0xff;
    asked[lastId] = index;
    sentAt[lastId] = dueMs;
    waiting += 1;
    totals.sent += 1;
    return octets.length;
  }
  const scratch = new Uint8Array(512);
  return {
    /** @param {number} dueMs */
    ask(dueMs) {
      const length = write(scratch, dueMs);
      if (length > 0) socket.send(scratch.subarray(0, length), peer);
    },
    sweep() {
      const beforeMs = performance.now() - LOST_MS;
      for (let id = 0; waiting > 0 && id < IDS; id += 1) {
        if (asked[id] < 0 || sentAt[id] >= beforeMs) continue;
        asked[id] = -1;
        waiting -= 1;
        if (sentAt[id] >= countFromMs) totals.lost += 1;
        if (rate === undefined) this.ask(performance.now());
        else took(sentAt[id], sentAt[id] + LOST_MS);
      }
    },
    get waiting() {
      return waiting;
    },
    close: () => socket.close(),
  };
}

/** @param {number} fromMs @param {number} toMs */
function took(fromMs, toMs) {
  if (fromMs >= countFromMs) latencies.recordValue(Math.max(1, Math.round((toMs - fromMs) * 1000)));
}

await main();

async function main() {
  const beganMs = performance.now();
  const cpu = process.cpuUsage();
  if (rate === undefined) {
    const each = Math.max(1, Math.round(Number(options.window) / clients.length));
    for (const client of clients) for (let i = 0; i < each; i += 1) client.ask(performance.now());
  }
  const sweeping = setInterval(() => {
    for (const client of clients) client.sweep();
  }, SWEEP_MS);
  await new Promise((resolve) => {
    const turn = () => {
      const elapsedMs = performance.now() - beganMs;
      if (rate !== undefined) sendDue(rate, beganMs, elapsedMs);
      const isDone = options.once && next >= questions.length && isQuiet();
      if (isDone || (!options.once && elapsedMs >= seconds * 1000)) resolve(undefined);
      else if (rate === undefined) setTimeout(turn, 5);
      else if (paceMs > 0) setTimeout(turn, paceMs);
      else setImmediate(turn);
    };
    turn();
  });
  isOver = true;
  const elapsedSeconds = (performance.now() - beganMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  // Whoever is not answered by then is swept away.
  while (options.drain && !isQuiet()) await pause(SWEEP_MS);
  clearInterval(sweeping);
  await Promise.all(clients.map((client) => client.close()));
  report(elapsedSeconds, user + system);
}

function isQuiet() {
  return clients.every(({ waiting }) => waiting === 0);
}

/** @param {number} perSecond @param {number} beganMs @param {number} elapsedMs */
function sendDue(perSecond, beganMs, elapsedMs) {
  const due = Math.floor((elapsedMs / 1000) * perSecond);
  for (let burst = 0; totals.sent < due && burst < BURST; burst += 1) {
    const client = clients[totals.sent % clients.length];
    client.ask(beganMs + (totals.sent / perSecond) * 1000);
  }
}

/** @param {Uint8Array} out @param {number} number */
function writeDigits(out, number) {
  let left = number;
  for (let i = DIGITS - 1; i >= 0; i -= 1) {
    out[DIGITS_AT + i] = 0x30 + (left % 10);
    left = Math.floor(left / 10);
  }
}

/** @param {Uint8Array} reply @param {Question} question @param {number} number @returns {string | undefined} */
function judge(reply, { octets, end, rcode, rdata, isEmpty }, number) {
  if (options.unique) writeDigits(octets, number);
  if ((reply[2] & 0x80) === 0) return 'no response';
  if ((reply[2] & 0x02) !== 0) return 'truncated';
  if ((reply[3] & 0x0f) !== rcode) return `rcode ${RCODES[reply[3] & 0x0f] ?? reply[3] & 0x0f}`;
  for (let i = HEADER_OCTETS; i < end; i += 1) {
    if (reply[i] !== octets[i]) return 'another question';
  }
  const answers = (reply[6] << 8) | reply[7];
  if (rcode === 0 && isEmpty !== (answers === 0)) return 'number of answers';
  if (rdata === undefined) return undefined;
  let at = end;
  while (reply[at] !== 0 && reply[at] < 0xc0) at += reply[at] + 1;
  at += reply[at] === 0 ? 11 : 12;
  for (let i = 0; i < rdata.length; i += 1) if (reply[at + i] !== rdata[i]) return 'rdata';
  return undefined;
}

/** @param {string} problem */
function count(problem) {
  wrong[problem] = (wrong[problem] ?? 0) + 1;
  return 0;
}

/** @param {string} file @param {boolean} edns @returns {Question[]} */
function readQuestions(file, edns) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [name = '', type = '', rcode = 'NOERROR', rdata] = line.split(' ');
      const { wire } = nameOf(name);
      const number = parseType(type) ?? 0;
      const opt = edns ? [0, 0, 41, 1232 >> 8, 1232 & 0xff, 0, 0, 0, 0, 0, 0] : [];
      const header = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, edns ? 1 : 0];
      return {
        octets: Uint8Array.of(...header, ...wire, number >> 8, number & 0xff, 0, 1, ...opt),
        end: HEADER_OCTETS + wire.length + 4,
        rcode: RCODES.indexOf(rcode),
        rdata: rdata === undefined || rdata === '-' ? undefined : Buffer.from(rdata, 'hex'),
        isEmpty: rdata === '-',
      };
    });
}

/** @param {number} elapsedSeconds @param {number} cpuMicroseconds */
function report(elapsedSeconds, cpuMicroseconds) {
  const ms = (/** @type {number} */ percentile) =>
    latencies.getValueAtPercentile(percentile) / 1000;
  const latencyMs = { p50: ms(50), p90: ms(90), p99: ms(99), p999: ms(99.9), max: latencies.maxValue / 1000 }; // prettier-ignore
  const result = {
    ...totals,
    wrong,
    elapsedSeconds,
    queriesPerSecond: totals.answered / elapsedSeconds,
    latencyMs,
    cpuMicrosecondsPerQuery: cpuMicroseconds / totals.answered,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/**
 * The users of a soak test: many questions a second over UDP, asked again as a stub resolver does
 * when no answer comes, over TCP when the answer was cut, and every answer checked.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

import * as packet from 'dns-packet';

/** Each has an address of its own: so many people ask, and none of them more than one may. */
const SOCKETS = 16;
const HOST = '127.0.0.1';
const ADDRESSES = '127.0.1.';
/** As long and as often as glibc asks. */
const PATIENCE_MS = 5000;
const ATTEMPTS = 3;
const SWEEP_MS = 50;
const IDS = 65_536;
const EXTENDED_ERROR = 15;
const RECURSION_DESIRED = 0x0100;
/** Less than the connections that a server lets one client have. */
const TCP_AT_ONCE = 4;

/**
 * @typedef {import('./internet.mjs').Question} Question
 * @typedef {{ question: Question, attempt: number, sentMs: number, settle: () => void }} Asked
 * @typedef {{ asked: number, right: number, wrong: number, failed: number, repeated: number,
 *   unanswered: number, overTcp: number, latenciesMs: number[], firstWrong: string | undefined,
 *   reasons: Map<string, number> }} Tally
 */

/** @returns {Tally} */
export function newTally() {
  const counts = {
    asked: 0,
    right: 0,
    wrong: 0,
    failed: 0,
    repeated: 0,
    unanswered: 0,
    overTcp: 0,
  };
  return { ...counts, latenciesMs: [], firstWrong: undefined, reasons: new Map() };
}

export class Client {
  /** @type {Tally} */
  tally = newTally();
  /** @readonly */
  #port;
  /** @readonly @type {import('node:dgram').Socket[]} */
  #sockets = [];
  /** By socket and id. @readonly @type {Map<number, Asked>} */
  #waiting = new Map();
  #next = 0;
  #overTcp = 0;
  /** @readonly @type {(() => void)[]} */
  #tcpQueue = [];
  /** @type {NodeJS.Timeout | undefined} */
  #sweeper;

  /** @param {number} port */
  constructor(port) {
    this.#port = port;
  }

  async open() {
    for (let s = 0; s < SOCKETS; s += 1) {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 2 ** 20 });
      socket.on('error', () => undefined);
      socket.on('message', (octets) => this.#receive(s, octets));
      socket.bind(0, `${ADDRESSES}${s + 1}`);
      await once(socket, 'listening');
      socket.connect(this.#port, HOST);
      await once(socket, 'connect');
      this.#sockets.push(socket);
    }
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  close() {
    clearInterval(this.#sweeper);
    for (const socket of this.#sockets) socket.close();
  }

  get waiting() {
    return this.#waiting.size + this.#overTcp + this.#tcpQueue.length;
  }

  /** @param {Question} question @param {() => void} settle */
  ask(question, settle = () => undefined) {
    this.tally.asked += 1;
    this.#send({ question, attempt: 1, sentMs: performance.now(), settle });
  }

  /** @param {Asked} asked */
  #send(asked) {
    let key;
    do {
      key = (this.#next + 1) % (SOCKETS * IDS);
      this.#next = key;
    } while (this.#waiting.has(key));
    this.#waiting.set(key, asked);
    this.#sockets[key % SOCKETS]?.send(encode(asked.question, Math.floor(key / SOCKETS)));
  }

  /** @param {number} s @param {Buffer} octets */
  #receive(s, octets) {
    const key = octets.readUInt16BE(0) * SOCKETS + s;
    const asked = this.#waiting.get(key);
    if (asked === undefined) return;
    this.#waiting.delete(key);
    const reply = packet.decode(octets);
    if (reply.flag_tc) this.#queueTcp(asked);
    else this.#judge(asked, reply);
  }

  /** @param {Asked} asked @param {packet.DecodedPacket} reply */
  #judge({ question, sentMs, settle }, reply) {
    const { name, type, expected } = question;
    const { tally } = this;
    const rcode = /** @type {{ rcode: string }} */ (/** @type {unknown} */ (reply)).rcode;
    const answers = reply.answers ?? [];
    const last = answers.at(-1);
    const data = last?.type === 'A' ? last.data : undefined;
    tally.latenciesMs.push(performance.now() - sentMs);
    if (rcode === 'SERVFAIL') this.#noteFailure(reply);
    else if (
      rcode === expected.rcode &&
      answers.length === expected.records &&
      data === expected.data
    ) {
      tally.right += 1;
    } else {
      tally.wrong += 1;
      tally.firstWrong ??= `${name} ${type}: ${rcode}, ${JSON.stringify(answers.slice(0, 3))}`;
    }
    settle();
  }

  /** @param {packet.DecodedPacket} reply */
  #noteFailure(reply) {
    const { tally } = this;
    tally.failed += 1;
    const text = extendedErrorOf(reply);
    tally.reasons.set(text, (tally.reasons.get(text) ?? 0) + 1);
  }

  #sweep() {
    const now = performance.now();
    for (const [key, asked] of this.#waiting) {
      if (now - asked.sentMs < PATIENCE_MS * asked.attempt) continue;
      this.#waiting.delete(key);
      this.#repeat(asked);
    }
  }

  /** @param {Asked} asked */
  #repeat(asked) {
    if (asked.attempt < ATTEMPTS) {
      this.tally.repeated += 1;
      this.#send({ ...asked, attempt: asked.attempt + 1 });
      return;
    }
    this.tally.unanswered += 1;
    asked.settle();
  }

  /** @param {Asked} asked */
  #queueTcp(asked) {
    const run = () => {
      this.#overTcp += 1;
      void this.#askTcp(asked).then((reply) => {
        this.#overTcp -= 1;
        this.#tcpQueue.shift()?.();
        if (reply === undefined) this.#repeat(asked);
        else this.#judge(asked, reply);
      });
    };
    if (this.#overTcp < TCP_AT_ONCE) run();
    else this.#tcpQueue.push(run);
  }

  /** @param {Asked} asked @returns {Promise<packet.DecodedPacket | undefined>} */
  #askTcp({ question }) {
    this.tally.overTcp += 1;
    return new Promise((resolve) => {
      const socket = connect(this.#port, HOST);
      /** @type {Buffer} */
      let received = Buffer.alloc(0);
      socket.setTimeout(PATIENCE_MS, () => socket.destroy());
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(undefined));
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < 2 || received.length < received.readUInt16BE(0) + 2) return;
        resolve(packet.decode(received.subarray(2)));
        socket.end();
      });
      const query = encode(question, 0);
      const prefix = Buffer.from([query.length >> 8, query.length & 0xff]);
      socket.write(Buffer.concat([prefix, query]));
    });
  }
}

/** @param {Question} question @param {number} id */
function encode({ name, type }, id) {
  return packet.encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type, class: 'IN' }],
    // With EDNS a server may say why it failed (RFC 8914).
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] }],
  });
}

/** What a server says of its failure, without names and numbers. @param {packet.DecodedPacket} reply */
function extendedErrorOf(reply) {
  const opt = (reply.additionals ?? []).find((record) => record.type === 'OPT');
  const option =
    opt?.type === 'OPT' ? opt.options.find(({ code }) => code === EXTENDED_ERROR) : undefined;
  if (option === undefined) return 'no reason given';
  const octets = /** @type {{ data: Buffer }} */ (option).data;
  return octets
    .subarray(2)
    .toString('utf8')
    .replaceAll(/[0-9]+/g, 'N');
}

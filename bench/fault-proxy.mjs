/**
 * A network that fails: stands between a resolver and its authorities, one loopback address for
 * each, and drops, delays, doubles, truncates and mutilates datagrams, resets TCP connections, and
 * lets one address be silent. A process of its own, told by messages from its parent:
 *
 *   { paths: [{ address, port, backPort }], seed }   once, answered with 'ready'
 *   { faults: true | false, silent: ADDRESS }        then; '' as the address ends the silence
 *
 * What happens to a datagram is drawn from a generator with a seed; which datagrams there are depends
 * on the machine, so runs of one seed are alike, not the same.
 */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

import { createRandom } from './soak/random.mjs';

/** Shares of all datagrams, in each direction. */
const DROPPED = 0.01;
const DELAYED = 0.03;
const DOUBLED = 0.01;
/** Of replies only. */
const TRUNCATED = 0.005;
const MUTILATED = 0.002;
/** Of TCP connections. */
const RESET = 0.01;
const DELAY_MS = 40;

const BACK_HOST = '127.0.0.1';
const HEADER_OCTETS = 12;
const TC_BIT = 0x02;

/** @typedef {{ address: string, port: number, backPort: number }} Path */
/** @typedef {import('node:dgram').RemoteInfo} RemoteInfo */
/** @typedef {{ paths?: Path[], seed?: number, faults?: boolean, silent?: string }} Order */

let isFaulty = false;
let random = createRandom(1);
/** The address from which nothing comes; none when empty. */
let silent = '';

process.on('message', (/** @type {Order} */ order) => {
  if (order.faults !== undefined) isFaulty = order.faults;
  if (order.silent !== undefined) ({ silent } = order);
  if (order.paths === undefined) return;
  random = createRandom(order.seed ?? 1);
  const { paths } = order;
  void Promise.all(paths.flatMap((path) => [openUdp(path), openTcp(path)])).then(() =>
    process.send?.('ready'),
  );
});
process.once('disconnect', () => process.exit());

/** @param {Path} path */
function openUdp({ address, port, backPort }) {
  const front = createSocket('udp4');
  const back = createSocket('udp4');
  // A killed authority refuses; to the resolver that is silence.
  back.on('error', () => undefined);
  front.on('error', () => undefined);
  /** @type {({ from: RemoteInfo, id: number } | undefined)[]} */
  const waiting = [];
  let next = 0;
  front.on('message', (query, from) => {
    if (query.length < HEADER_OCTETS) return;
    disturb(address, () => {
      next = (next + 1) & 0xffff;
      waiting[next] = { from, id: query.readUInt16BE(0) };
      const copy = Buffer.from(query);
      copy.writeUInt16BE(next, 0);
      back.send(copy, backPort, BACK_HOST);
    });
  });
  back.on('message', (reply) => {
    const asked = waiting[reply.readUInt16BE(0)];
    if (asked === undefined) return;
    const copy = spoil(Buffer.from(reply));
    copy.writeUInt16BE(asked.id, 0);
    disturb(address, () => front.send(copy, asked.from.port, asked.from.address));
  });
  return new Promise((resolve) => front.bind(port, address, () => resolve(undefined)));
}

/** Sends once, late, twice or never. @param {string} address @param {() => void} send */
function disturb(address, send) {
  if (!isFaulty) {
    send();
    return;
  }
  if (silent === address || random() < DROPPED) return;
  if (random() < DOUBLED) send();
  if (random() < DELAYED) setTimeout(send, random() * DELAY_MS);
  else send();
}

/** @param {Buffer} reply */
function spoil(reply) {
  if (!isFaulty) return reply;
  const draw = random();
  if (draw < TRUNCATED) return truncate(reply);
  return draw < TRUNCATED + MUTILATED ? reply.subarray(0, HEADER_OCTETS + 8) : reply;
}

/** Leaves header and question, and says that the rest comes over TCP. @param {Buffer} reply */
function truncate(reply) {
  let at = HEADER_OCTETS;
  while ((reply[at] ?? 0) !== 0) at += (reply[at] ?? 0) + 1;
  const short = reply.subarray(0, at + 5);
  short[2] = (short[2] ?? 0) | TC_BIT;
  short.fill(0, 6, HEADER_OCTETS);
  return short;
}

/** @param {Path} path */
function openTcp({ address, port, backPort }) {
  const server = createServer((client) => {
    client.on('error', () => undefined);
    if (isFaulty && (silent === address || random() < RESET)) {
      client.resetAndDestroy();
      return;
    }
    const back = connect(backPort, BACK_HOST);
    back.on('error', () => client.destroy());
    client.on('close', () => back.destroy());
    client.pipe(back).pipe(client);
  });
  return new Promise((resolve) => server.listen(port, address, () => resolve(undefined)));
}

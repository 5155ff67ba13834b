/**
 * TCP of this machine's kernel over a line of the laboratory. A relay of UDP cannot carry it, and
 * one of TCP would end each connection in itself and repair what it loses. So two network
 * namespaces get a TUN device each, and this process carries IP packets from one to the other
 * through the link model of the relay, with the same seed: the n-th packet has the same fate.
 *
 *     TCP ─ namespace a ─ TUN ─► link forth ─► TUN ─ namespace b ─ TCP
 *                          TUN ◄─ link back ◄── TUN
 *
 * Needs root, ip(8), /dev/net/tun and koffi (an optional dependency), for ioctl and setns.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, read, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Direction } from '../../dist/lab/wire/direction.js';
import { RealTimeline } from '../../dist/lab/run/real-timeline.js';
import { createRealRuntime } from '../../dist/net/real/runtime.js';
import { splitter } from './splitter.mjs';

const NAMES = ['ts-dns-lab-a', 'ts-dns-lab-b'];
const ADDRESSES = ['10.77.0.1', '10.77.0.2'];
const PORT = 5000;
const CLOSING_MS = 200;
/** Room for one message with the headers of IP and TCP. */
const MTU = 1100;
const TUNSETIFF = 0x400454ca;
/** IFF_TUN | IFF_NO_PI */
const PLAIN_TUN = 0x1001;
const CLONE_NEWNET = 0x40000000;
const IPPROTO_TCP = 6;
const TCP_CONGESTION = 13;

/** Whether this machine can; else why not. */
export async function whyNoTun() {
  if (process.getuid?.() !== 0) return 'not root';
  try {
    await import('koffi');
    closeSync(openSync('/dev/net/tun', 'r+'));
    execFileSync('ip', ['netns', 'list']);
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/**
 * @param {import('./line.mjs').Line} line
 * @param {string} congestion 'reno', 'cubic', 'bbr'
 */
export async function openTcp(line, messageOctets, congestion) {
  const system = await loadSystem();
  removeNamespaces();
  const devices = NAMES.map((name, end) => openDevice(system, name, ADDRESSES[end]));
  const bridge = new Bridge(line, devices);
  let deliver = () => {};
  const sockets = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on(
      'data',
      splitter(messageOctets, (message) => deliver(message)),
    );
    socket.on('error', () => {});
  });
  await inNamespace(system, NAMES[1], async () => {
    server.listen(PORT, ADDRESSES[1]);
    await once(server, 'listening');
  });
  const socket = await inNamespace(system, NAMES[0], async () => {
    const opened = connect({ port: PORT, host: ADDRESSES[1], noDelay: true });
    // Node makes the socket in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
    useCongestionControl(system, opened._handle.fd, congestion);
    return opened;
  });
  await once(socket, 'connect');
  let isReady = true;
  socket.on('drain', () => (isReady = true));
  socket.on('error', () => {});
  return {
    isReady: () => isReady,
    write: (message) => (isReady = socket.write(Buffer.from(message))),
    onMessage: (listener) => (deliver = listener),
    async close() {
      const statistics = bridge.close();
      // Each end says that it ends, which is what the threads wait for that read the devices.
      for (const end of [socket, ...sockets]) end.destroy();
      server.close();
      await sleep(CLOSING_MS);
      removeNamespaces();
      return statistics;
    },
  };
}

export function removeNamespaces() {
  for (const name of NAMES) {
    try {
      execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
    } catch {
      // There was none.
    }
  }
}

async function loadSystem() {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(null);
  return {
    ioctl: library.func('int ioctl(int, unsigned long, _Inout_ uint8_t *)'),
    setns: library.func('int setns(int, int)'),
    setsockopt: library.func('int setsockopt(int, int, int, const char *, uint32_t)'),
  };
}

/** Sockets that `action` makes are of that namespace: it is one of the thread. */
async function inNamespace({ setns }, name, action) {
  const own = openSync('/proc/self/ns/net', 'r');
  const other = openSync(`/var/run/netns/${name}`, 'r');
  if (setns(other, CLONE_NEWNET) !== 0) throw new Error(`setns to ${name} failed`);
  try {
    return await action();
  } finally {
    setns(own, CLONE_NEWNET);
    closeSync(own);
    closeSync(other);
  }
}

/** Of the sender alone; what the namespace has as its default is no matter. */
function useCongestionControl({ setsockopt }, socket, name) {
  const status = setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name, name.length);
  if (status !== 0) throw new Error(`this kernel does not let TCP use ${name}`);
}

function openDevice({ ioctl, setns }, name, address) {
  const ip = (...words) => execFileSync('ip', words);
  ip('netns', 'add', name);
  const own = openSync('/proc/self/ns/net', 'r');
  const other = openSync(`/var/run/netns/${name}`, 'r');
  setns(other, CLONE_NEWNET);
  const device = openSync('/dev/net/tun', 'r+');
  const request = Buffer.alloc(40);
  request.write('line');
  request.writeUInt16LE(PLAIN_TUN, 16);
  const status = ioctl(device, TUNSETIFF, request);
  setns(own, CLONE_NEWNET);
  closeSync(own);
  closeSync(other);
  if (status !== 0) throw new Error('TUNSETIFF failed');
  ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'line');
  ip('-n', name, 'link', 'set', 'line', 'mtu', String(MTU), 'up');
  ip('netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
  return device;
}

/** Carries packets between the devices as `lab wire` carries datagrams. */
class Bridge {
  #isClosed = false;
  /** @readonly */
  #devices;
  /** @readonly */
  #timeline;
  /** @readonly */
  #ways;

  constructor({ rttMs, loss, bitsPerSecond, queueOctets, seed }, devices) {
    this.#devices = devices;
    this.#timeline = new RealTimeline(createRealRuntime().clock);
    const link = { delayMs: rttMs / 2, loss, bitsPerSecond, queueOctets };
    const context = { seed, timeline: this.#timeline };
    this.#ways = ['forth', 'back'].map((name) => new Direction(name, { link }, context));
    for (const end of [0, 1]) this.#read(end, Buffer.alloc(2048));
  }

  #read(end, buffer) {
    read(this.#devices[end], buffer, 0, buffer.length, null, (error, length) => {
      if (this.#isClosed) {
        closeSync(this.#devices[end]);
        return;
      }
      if (error) throw error;
      this.#ways[end].carry(buffer.subarray(0, length), (bytes) => {
        if (!this.#isClosed) writeSync(this.#devices[1 - end], bytes);
      });
      this.#read(end, buffer);
    });
  }

  close() {
    this.#isClosed = true;
    this.#timeline.stop();
    const { lag } = this.#timeline;
    const [forth, back] = this.#ways.map(({ counts }) => counts);
    const statistics = { forth, back, lag: { p99Ns: lag.quantile(0.99) } };
    return statistics;
  }
}

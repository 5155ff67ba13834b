/** Sockets that are kept for the next question: what an observer may learn, and what is left open. */

import { expect, test } from 'vitest';

import type { ConnectedUdpSocket, Endpoint } from '../../../src/net/ports.ts';
import type { PeerEvents, PeerRequest, PeerSocket } from '../../../src/net/real/peer-socket.ts';
import { createRandom } from '../../../src/net/real/random.ts';
import { UpstreamPool, upstreamPoolLimits } from '../../../src/net/real/upstream-pool.ts';
import { onUnpredictablePort, unpredictablePort } from '../../../src/net/real/upstream-port.ts';
import { SocketFailure } from '../../../src/net/socket-errors.ts';
import { chiSquare } from '../../sim/chi-square.ts';

const { uses, ageMs, choices, idle, sweepMs } = upstreamPoolLimits;
const QUESTIONS = 100_000;
const PEER: Endpoint = { address: '192.0.2.1', port: 53 };
const OTHER: Endpoint = { address: '192.0.2.2', port: 53 };
const silent = { onDatagram: (): void => {}, onError: (): void => {} };
const random = createRandom();

interface FakeSocket extends PeerSocket {
  readonly peer: string;
  readonly events: PeerEvents;
  isOpen: boolean;
  isHeld: boolean;
}

/** Sockets that are nothing but their port, and a clock that stands still. */
class Rig {
  readonly opened: FakeSocket[] = [];
  nowMs = 1;
  readonly pool: UpstreamPool = new UpstreamPool({
    open: (request) => this.#open(request),
    random,
    clock: { monotonic: () => this.nowMs },
    later: (delayMs, callback) => void this.#timers.push({ atMs: this.nowMs + delayMs, callback }),
  });
  /** Descriptors of this process. */
  descriptors = Infinity;
  readonly #timers: { atMs: number; callback: () => void }[] = [];

  get open(): readonly FakeSocket[] {
    return this.opened.filter(({ isOpen }) => isOpen);
  }

  get timers(): number {
    return this.#timers.length;
  }

  advance(byMs: number): void {
    this.nowMs += byMs;
    for (const timer of this.#timers.splice(0)) {
      if (timer.atMs <= this.nowMs) timer.callback();
      else this.#timers.push(timer);
    }
  }

  connect(peer: Endpoint = PEER, options: typeof silent = silent): Promise<ConnectedUdpSocket> {
    return this.pool.connect(peer, options);
  }

  /** A crowd of questions at a time, all answered. */
  async ask(count: number, crowd: number, peer: Endpoint = PEER): Promise<number[]> {
    const ports: number[] = [];
    while (ports.length < count) {
      const wave = await Promise.all(Array.from({ length: crowd }, () => this.connect(peer)));
      for (const socket of wave) {
        ports.push(socket.local.port);
        socket.release();
      }
      this.advance(1);
    }
    return ports;
  }

  #open({ remote, events }: PeerRequest): Promise<PeerSocket> {
    const { opened } = this;
    return onUnpredictablePort('0.0.0.0', random, (local) => {
      if (this.open.length >= this.descriptors) throw new SocketFailure('EMFILE', 'socket');
      const socket: FakeSocket = {
        local,
        peer: remote.address,
        events,
        isOpen: true,
        isHeld: true,
        send: () => {},
        close() {
          this.isOpen = false;
        },
        hold(isHeld) {
          this.isHeld = isHeld;
        },
      };
      opened.push(socket);
      return socket;
    });
  }
}

test('100,000 pairs of port and id: uniform, independent, and 15.9 bits of port', () => {
  const pairs = Array.from({ length: QUESTIONS }, () => [
    unpredictablePort(random),
    random.uint16(),
  ]) as [number, number][];
  const portCell = (port: number): number => Math.floor(((port - 1024) * 256) / 64512);
  // 255 degrees of freedom: above 360 less than once in 10^4 runs.
  expect(chiSquare(pairs.map(([port]) => portCell(port)), 256)).toBeLessThan(380); // prettier-ignore
  expect(chiSquare(pairs.map(([, id]) => id >> 8), 256)).toBeLessThan(380); // prettier-ignore
  const both = pairs.map(([port, id]) => (portCell(port) & 0xf0) | (id >> 12));
  expect(chiSquare(both, 256)).toBeLessThan(380);
  // One port says nothing of the next.
  const next = pairs.slice(1).map(([port], i) => (portCell(port) & 0xf0) | (portCell(pairs[i]![0]) >> 4)); // prettier-ignore
  expect(chiSquare(next, 256)).toBeLessThan(380);
  // Collision entropy, which a guesser has to beat: log2 of the pairs that there are for each
  // pair that is equal. 64,503 ports have 15.98 bits.
  const counts = new Map<number, number>();
  for (const [port] of pairs) counts.set(port, (counts.get(port) ?? 0) + 1);
  const equal = [...counts.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  expect(Math.log2((QUESTIONS * (QUESTIONS - 1)) / 2 / equal)).toBeGreaterThan(15.9);
});

test('a peer that is asked seldom, or one question after the other, meets a new port each time', async () => {
  const rig = new Rig();
  for (let i = 0; i < choices - 1; i++) await rig.ask(1, 1);
  expect(rig.opened).toHaveLength(choices - 1);
  rig.advance(ageMs);
  for (let i = 0; i < 200; i++) {
    rig.advance(100);
    await rig.ask(1, 1);
  }
  // An observer at the peer sees nothing but fresh ports.
  expect(rig.opened).toHaveLength(choices - 1 + 200);
});

test('a busy peer: no port asks too often or too long, nor do ports repeat in an order', async () => {
  const rig = new Rig();
  const ports = await rig.ask(QUESTIONS, 100);
  const perSocket = QUESTIONS / rig.opened.length;
  expect(perSocket).toBeGreaterThan(uses / 2);
  expect(perSocket).toBeLessThanOrEqual(uses);
  const cells = rig.opened.map(({ local }) => Math.floor(((local.port - 1024) * 64) / 64512));
  // 63 degrees of freedom: above 110 less than once in 10^3 runs of this test.
  expect(chiSquare(cells, 64)).toBeLessThan(115);
  // Were they taken in any order, neighbours would meet again: by lot, one pair in eight does.
  const pairs = new Set<number>();
  let again = 0;
  for (const [i, port] of ports.slice(1).entries()) {
    const other = ports[i]!;
    const pair = Math.min(port, other) * 65536 + Math.max(port, other);
    if (pairs.has(pair)) again++;
    pairs.add(pair);
  }
  expect(again / ports.length).toBeLessThan(0.25);
});

test('a socket asks one peer only: what one server sees says nothing of the others', async () => {
  const rig = new Rig();
  await rig.ask(1000, 50);
  await rig.ask(1000, 50, OTHER);
  const ofPeer = await rig.ask(1000, 50);
  const ports = (peer: string): number[] =>
    rig.opened.filter((socket) => socket.peer === peer).map(({ local }) => local.port);
  expect(ofPeer.filter((port) => !ports('192.0.2.1').includes(port))).toEqual([]);
  const withAddress = await rig.pool.connect(PEER, { ...silent, localAddress: '198.51.100.1' });
  expect(rig.opened.at(-1)!.local.port).toBe(withAddress.local.port);
});

test('a port that is old does not ask again, and idle ones are closed without a question', async () => {
  const rig = new Rig();
  await rig.ask(100, 100);
  expect(rig.pool.idle).toBe(100);
  const before = rig.opened.length;
  rig.nowMs += ageMs;
  const fresh = await rig.connect();
  expect(rig.opened).toHaveLength(before + 1);
  fresh.close();
  await rig.ask(100, 100, OTHER);
  for (let spentMs = 0; spentMs < ageMs + sweepMs; spentMs += sweepMs) rig.advance(sweepMs);
  expect(rig.open).toEqual([]);
  expect(rig.pool.idle).toBe(0);
  // Nor is a timer left.
  expect(rig.timers).toBe(0);
});

test('all peers together leave no more idle than the limit, the oldest first', async () => {
  const rig = new Rig();
  await rig.ask(10, 10);
  for (let i = 0; i < idle; i++) await rig.ask(1, 1, { address: `10.0.${i >> 8}.${i & 255}`, port: 53 }); // prettier-ignore
  expect(rig.open).toHaveLength(idle);
  expect(rig.open.some(({ peer }) => peer === PEER.address)).toBe(false);
  // They do not keep the process alive either.
  expect(rig.open.some(({ isHeld }) => isHeld)).toBe(false);
});

test('where descriptors are used up, idle sockets go first', async () => {
  const rig = new Rig();
  await rig.ask(20, 20);
  rig.descriptors = 20;
  const socket = await rig.connect(OTHER);
  expect(rig.open).toHaveLength(1);
  rig.descriptors = 1;
  await expect(rig.connect(OTHER)).rejects.toThrow('too many open files');
  socket.close();
});

test('a socket that hears something while nobody asks is closed', async () => {
  const rig = new Rig();
  await rig.ask(choices, choices);
  rig.opened[0]!.events.onDatagram(Uint8Array.of(1));
  rig.opened[1]!.events.onError(new Error('refused'));
  expect(rig.opened.slice(0, 3).map(({ isOpen }) => isOpen)).toEqual([false, false, true]);
  expect(rig.pool.idle).toBe(choices - 2);
});

test('who has given a socket back neither hears nor speaks through it any more', async () => {
  const rig = new Rig();
  await rig.ask(choices, choices);
  const heard: string[] = [];
  const options = (who: string): typeof silent => ({
    onDatagram: () => void heard.push(who),
    onError: () => void heard.push(`${who} failed`),
  });
  const first = await rig.connect(PEER, options('first'));
  const { port } = first.local;
  first.release();
  first.release();
  first.close();
  expect(rig.pool.idle).toBe(choices);
  let second = await rig.connect(PEER, options('second'));
  while (second.local.port !== port) {
    second.release();
    await rig.ask(choices, choices);
    second = await rig.connect(PEER, options('second'));
    if (rig.opened.find(({ local }) => local.port === port)?.isOpen !== true) return;
  }
  first.close();
  const socket = rig.opened.find(({ local }) => local.port === port)!;
  socket.events.onDatagram(Uint8Array.of(1));
  expect(heard).toEqual(['second']);
  expect(socket.isOpen).toBe(true);
});

/**
 * A whole server that is asked for more than it can resolve, in virtual time. Its machine is slow:
 * each look at the clock takes a while, so a query takes one or two tenths of a millisecond.
 */
import { expect, it } from 'vitest';

import { startSystem, type System } from '../../src/app/system.ts';
import { silentLogger } from '../../src/net/logger.ts';
import type { Clock, ConnectedUdpSocket } from '../../src/net/ports.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { backlogLimits } from '../../src/query/backlog.ts';
import { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const SERVER = { address: '192.0.2.1', port: 53 };
const UPSTREAM = { address: '192.0.2.53', port: 53 };
const LOOK_MS = 0.02;

interface Heard {
  readonly message: Message;
  readonly atMs: number;
}

interface Client {
  readonly socket: ConnectedUdpSocket;
  readonly heard: Heard[];
}

/** The server's own clock runs ahead of the world while it works. */
function slowed(clock: Clock): Clock {
  let aheadMs = 0;
  return {
    monotonic: () => clock.monotonic() + (aheadMs += LOOK_MS),
    wall: () => clock.wall(),
    schedule: (delayMs, callback) => clock.schedule(delayMs, callback),
  };
}

class Scene {
  readonly world: World = new World({ seed: 'overload', link: { delayMs: 2 } });
  system!: System;

  async start(): Promise<void> {
    const { runtime } = this.world.host({ addresses: [SERVER.address] });
    const cacheLimits = { recordOctets: 1e6, negativeOctets: 1e6, delegationOctets: 1e6 };
    const recursion = {
      rootHints: [{ name: nameOf('ns.root.'), addresses: [UPSTREAM.address] }],
      allow: [parsePrefix('198.51.100.0/24')!],
      qnameMinimisation: 'off' as const,
      cacheLimits,
      limits: { exchangesPerServer: 10_000, exchangesPerZone: 10_000 },
    };
    this.system = await this.world.run(
      startSystem({
        runtime: { ...runtime, clock: slowed(runtime.clock) },
        logger: silentLogger,
        listen: [SERVER],
        zones: [],
        recursion,
      }),
    );
    await this.#serveUpstream();
  }

  async #serveUpstream(): Promise<void> {
    const { network } = this.world.host({ addresses: [UPSTREAM.address] }).runtime;
    await this.world.run(
      network.bindUdp(UPSTREAM, (datagram, _peer, out) => {
        const decoded = decodeMessage(new Uint8Array(datagram));
        if (!decoded.ok) return 0;
        const { id, questions } = decoded.value;
        const { name } = questions[0]!;
        const rrset = { name, type: RRType.A, class: DnsClass.IN, ttl: 300 };
        const answers = [{ ...rrset, rdata: Uint8Array.of(192, 0, 2, 80) }];
        const reply = encodeMessage(createMessage({ id, qr: true, aa: true, questions, answers }));
        out.set(reply);
        return reply.length;
      }),
    );
  }

  async client(address: string): Promise<Client> {
    const { network } = this.world.host({ addresses: [address] }).runtime;
    const heard: Heard[] = [];
    const onDatagram = (octets: Uint8Array): void => {
      const decoded = decodeMessage(octets.slice());
      if (decoded.ok) heard.push({ message: decoded.value, atMs: this.world.nowMs });
    };
    const socket = await this.world.run(
      network.connectUdp(SERVER, { onDatagram, onError: () => {} }),
    );
    return { socket, heard };
  }

  /** 2000 names from twenty clients, all in one moment. */
  async flood(): Promise<readonly Client[]> {
    const clients: Client[] = [];
    for (let i = 0; i < 20; i++) clients.push(await this.client(`198.51.100.${10 + i}`));
    for (let id = 0; id < 100; id++) {
      for (const [i, { socket }] of clients.entries()) socket.send(ask(`n${id}-${i}.flood.`, id));
    }
    return clients;
  }
}

function ask(name: string, id: number, dnssecOk?: boolean): Uint8Array {
  const questions = [{ name: nameOf(name), type: RRType.A, class: DnsClass.IN }];
  const edns = dnssecOk !== undefined && { edns: { ...plainEdns(), dnssecOk } };
  return encodeMessage(createMessage({ id, rd: true, questions, ...edns }));
}

async function start(): Promise<Scene> {
  const scene = new Scene();
  await scene.start();
  return scene;
}

it('of a flood what can be worked on is answered, of the rest some is shed, and it is over soon', async () => {
  const scene = await start();
  const clients = await scene.flood();
  await scene.world.advance(10_000);
  const ids = clients.flatMap(({ heard }) => heard.map(({ message }) => message.id));
  const sheds = scene.system.resolver!.counters.overloads;
  expect(sheds).toBeGreaterThan(500);
  expect(ids.length + sheds).toBe(2000);
  expect(ids.length).toBeGreaterThanOrEqual(backlogLimits.queries);
  // They are not those who came first.
  expect(Math.max(...ids)).toBe(99);
  expect(scene.system.resolver!.pending).toBe(0);
});

it('what the cache knows is answered in the midst of it, finished before or not', async () => {
  const scene = await start();
  const { world } = scene;
  const benign = await scene.client('198.51.100.9');
  benign.socket.send(ask('www.flood.', 1));
  await world.advance(100);
  await scene.flood();
  await world.advance(2);
  const askedMs = world.nowMs;
  // Asked in a way in which nobody has asked.
  benign.socket.send(ask('www.flood.', 2, true));
  benign.socket.send(ask('www.flood.', 3, false));
  benign.socket.send(ask('new.flood.', 4));
  await world.advance(1000);
  const answers = benign.heard.map(({ message, atMs }) => [message.id, message.rcode, atMs]);
  expect(answers.slice(1, 3)).toEqual([
    [2, Rcode.NOERROR, askedMs + 4],
    [3, Rcode.NOERROR, askedMs + 4],
  ]);
  expect(answers[3]!.slice(0, 2)).toEqual([4, Rcode.NOERROR]);
});

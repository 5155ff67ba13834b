/**
 * The stage with the whole server on it, listeners and all, and clients who speak DNS to it over
 * UDP: for what cannot be seen from inside the resolver.
 *
 *     clients (198.51.100.200 …) ──► server 203.0.113.1:53 ──► root, com, org, victims, evil
 */
import { test } from 'vitest';

import { startSystem, type System, type SystemOptions } from '../../src/app/system.ts';
import { silentLogger } from '../../src/net/logger.ts';
import type { ConnectedUdpSocket } from '../../src/net/ports.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { plainEdns, type Edns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { Zone } from '../../src/zone/zone.ts';
import { questionOf, ROOT } from '../resolver/fixture.ts';
import { define, note } from './ledger.ts';
import { expectNoLeak, expectUntainted, smallCaches } from './oracles.ts';
import { Stage, type Attack } from './stage.ts';

export const SERVER = { address: '203.0.113.1', port: 53 };

interface Reply {
  readonly atMs: number;
  readonly octets: Uint8Array;
  readonly message: Message;
}

interface QueryParts {
  readonly type?: string;
  readonly rd?: boolean;
  readonly cd?: boolean;
  readonly edns?: Edns | false;
}

export class Service {
  readonly stage: Stage;
  readonly system: System;
  #clients = 0;

  private constructor(stage: Stage, system: System) {
    this.stage = stage;
    this.system = system;
  }

  static async open({ setting = {}, zones = [], clients = {} }: ServiceAttack): Promise<Service> {
    const stage = await Stage.set(setting);
    const { world, resolverHost } = stage.internet;
    const system = await world.run(
      startSystem({
        runtime: resolverHost.runtime,
        logger: silentLogger,
        listen: [SERVER],
        zones,
        clients,
        recursion: {
          rootHints: [{ name: nameOf('a.root.'), addresses: [ROOT] }],
          allow: [parsePrefix('198.51.100.0/24')!],
          cacheLimits: smallCaches,
          doNotQuery: [SERVER.address],
          ...setting.resolver,
        },
      }),
    );
    return new Service(stage, system);
  }

  /** A client with an address of its own; by default one who may use recursion. */
  async client(address: string = `198.51.100.${200 + this.#clients++}`): Promise<Client> {
    const host = this.stage.internet.world.host({ addresses: [address] });
    const client = new Client(host);
    await this.stage.internet.world.run(client.open());
    return client;
  }

  /** Lets `ms` of virtual time pass. */
  advance(ms: number): Promise<void> {
    return this.stage.internet.world.advance(ms);
  }

  get resolver(): NonNullable<System['resolver']> {
    return this.system.resolver!;
  }
}

export class Client {
  readonly replies: Reply[] = [];
  sentOctets = 0;
  readonly #host: SimHost;
  #socket: ConnectedUdpSocket | undefined;
  #id = 0;

  constructor(host: SimHost) {
    this.#host = host;
  }

  async open(): Promise<void> {
    const { network, clock } = this.#host.runtime;
    this.#socket = await network.connectUdp(SERVER, {
      onDatagram: (datagram) => {
        const octets = new Uint8Array(datagram);
        const decoded = decodeMessage(octets);
        if (!decoded.ok) throw new Error(decoded.error.reason);
        this.replies.push({ atMs: clock.monotonic(), octets, message: decoded.value });
      },
      onError: () => {},
    });
  }

  /** Sends a query; its id. */
  ask(name: string, parts: QueryParts = {}): number {
    const { type, rd = true, cd = false, edns = plainEdns() } = parts;
    this.#id++;
    const bare = createMessage({ id: this.#id, rd, cd, questions: [questionOf(name, type)] });
    this.send(encodeMessage(edns === false ? bare : { ...bare, edns }, 4096));
    return this.#id;
  }

  send(octets: Uint8Array): void {
    this.sentOctets += octets.length;
    this.#socket!.send(octets);
  }

  replyTo(id: number): Message | undefined {
    return this.replies.find(({ message }) => message.id === id)?.message;
  }
}

interface ServiceAttack extends Attack {
  /** What the server serves itself. */
  readonly zones?: readonly Zone[];
  /** Access lists and limits. */
  readonly clients?: NonNullable<SystemOptions['clients']>;
}

/** As `attack`, with the whole server. The play says what was measured, as a text. */
export function attackService(
  what: ServiceAttack,
  play: (service: Service) => Promise<string>,
): void {
  define(what);
  test(`${what.row} ${what.name}`, async () => {
    const service = await Service.open(what);
    const measured = await play(service);
    expectUntainted(service.resolver, what.owned ?? ['evil.com.']);
    // Its listeners are open sockets as well.
    await service.stage.internet.world.run(service.system.close());
    await expectNoLeak(service.stage.internet, service.resolver);
    note(what, measured);
  }, 60_000);
}

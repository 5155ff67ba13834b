/**
 * The stage of the attacks: a small internet with a root, two top-level domains, victims
 * (example.com., alias.org.) and an attacker who owns evil.com. and may also forge packets. An
 * attack is played on it with four oracles watching (`oracles.ts`), and its price is noted for
 * `docs/attacks.md` (`ledger.ts`).
 *
 *     forger ··· any source address ···┐
 *     root ─ com ─ example.com         ├─► resolver ◄─ questions of the play
 *          │     └ evil.com (hostile)  │
 *          └ org ─ alias.org           ┘
 *
 * Whatever an attacker makes up lies in 203.0.113.0/24 or below `taint.`.
 */
import { test } from 'vitest';

import type { Endpoint, TcpConnection } from '../../src/net/ports.ts';
import type { Resolution } from '../../src/resolver/chain.ts';
import type { Resolver, ResolverOptions } from '../../src/resolver/resolver.ts';
import type { SimHost } from '../../src/sim/host.ts';
import type { LinkOptions } from '../../src/sim/link-options.ts';
import type { PacketRecord } from '../../src/sim/packet.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import type { Message } from '../../src/wire/message.ts';
import {
  ALIAS_ZONE,
  COM,
  COM_ZONE,
  EXAMPLE,
  EXAMPLE_ZONE,
  Internet,
  ORG,
  ORG_ZONE,
  questionOf,
  ROOT,
  ROOT_ZONE,
  zone,
  zones,
  type Responder,
} from '../resolver/fixture.ts';
import { define, note } from './ledger.ts';
import {
  expectNoLeak,
  expectUntainted,
  expectVictimsUnharmed,
  smallCaches,
  WorkMeter,
} from './oracles.ts';

/** Where evil.com. is served. */
export const EVIL = '192.0.2.66';

export const victims: Responder = zones({ 'example.com.': EXAMPLE_ZONE, 'alias.org.': ALIAS_ZONE });

export interface Setting {
  /** The server of evil.com. */
  readonly evil?: Responder;
  /** The server of the victims, honest if not given. */
  readonly victim?: Responder;
  /** Further lines of com. */
  readonly com?: string;
  /** Servers in the place of those of com. and of the root. */
  readonly comServer?: Responder;
  readonly rootServer?: Responder;
  /** Further servers by address. */
  readonly servers?: Readonly<Record<string, Responder>>;
  readonly resolver?: Partial<ResolverOptions>;
  readonly link?: LinkOptions;
  readonly seed?: number;
}

export class Stage {
  readonly internet: Internet;
  readonly resolver: Resolver;
  readonly meter: WorkMeter;
  readonly #forger: SimHost;

  private constructor(internet: Internet, { resolver = {} }: Setting) {
    this.internet = internet;
    this.resolver = internet.resolver({ cacheLimits: smallCaches, ...resolver });
    this.meter = new WorkMeter(internet, this.resolver);
    this.#forger = internet.world.host({ name: 'forger', addresses: ['192.0.2.99'] });
  }

  static async set(setting: Setting): Promise<Stage> {
    const { seed, link, evil, victim = victims, com = '', servers = {} } = setting;
    const internet = new Internet({
      ...(seed !== undefined && { seed }),
      ...(link && { link }),
    });
    const evilCut = `evil 3600 NS ns.evil\nns.evil 3600 A ${EVIL}`;
    const comZone = zone('com.', `${COM_ZONE}\n${evil ? evilCut : ''}\n${com}`);
    const all: Readonly<Record<string, Responder>> = {
      [ROOT]: setting.rootServer ?? zone('.', ROOT_ZONE),
      [COM]: setting.comServer ?? comZone,
      [ORG]: zone('org.', ORG_ZONE),
      [EXAMPLE]: victim,
      ...(evil && { [EVIL]: evil }),
      ...servers,
    };
    for (const [address, responder] of Object.entries(all)) {
      await internet.serve(address, responder);
    }
    return new Stage(internet, setting);
  }

  /** One client query, measured; the outcome as text. */
  ask(name: string, type?: string): Promise<string> {
    return this.meter.watch(() => this.internet.ask(this.resolver, name, type));
  }

  /** Many at once; the work is divided among them. */
  askTogether(
    questions: readonly (readonly [name: string, type?: string])[],
  ): Promise<Resolution[]> {
    const { world } = this.internet;
    const all = (): Promise<Resolution[]> =>
      Promise.all(questions.map(([name, type]) => this.resolver.resolve(questionOf(name, type))));
    return this.meter.watch(() => world.run(all()), questions.length);
  }

  /** How many queries an address got, for `name` alone where one is given. */
  countAsked(address: string, name?: string): number {
    const start = name === undefined ? `${address} ` : `${address} ${name} `;
    return this.internet.asked.filter((line) => line.startsWith(start)).length;
  }

  /** A server that truncates everything over UDP, and does what `take` does with connections. */
  async serveTcp(address: string, take: (connection: TcpConnection) => void): Promise<void> {
    const host = this.internet.world.host({ addresses: [address] });
    const { network } = host.runtime;
    const local = { address, port: 53 };
    const udp = network.bindUdp(local, (datagram, _peer, out) => {
      out.set(datagram);
      // QR and TC.
      out[2] = 0x82;
      return datagram.length;
    });
    const tcp = network.listenTcp(local, (connection) => {
      connection.start({ onData() {}, onEnd() {}, onDrain() {}, onClose() {} });
      take(connection);
    });
    await this.internet.world.run(Promise.all([udp, tcp]));
  }

  /** A datagram with any source address. */
  forge(from: Endpoint, to: Endpoint, reply: Message | Uint8Array): void {
    const bytes = reply instanceof Uint8Array ? reply : encodeMessage(reply, 4096);
    this.internet.world.inject(this.#forger, { from, to, bytes });
  }

  /** Hears of every query that the resolver sends over UDP, as it is sent. */
  onQuery(hear: (query: Message, packet: PacketRecord) => void): void {
    this.internet.world.onPacket((packet) => {
      if (packet.transport !== 'udp' || packet.kind !== 'datagram' || packet.to.port !== 53) return;
      if (packet.fromHost !== this.internet.resolverHost.name) return;
      const decoded = decodeMessage(packet.bytes);
      if (decoded.ok) hear(decoded.value, packet);
    });
  }
}

export interface Attack {
  /** The row of the catalogue: a letter for the family and a number. */
  readonly row: string;
  readonly name: string;
  readonly setting?: Setting;
  /** Zones that the attacker owns: there, and only there, tainted data may be. */
  readonly owned?: readonly string[];
  /** Victims are not asked at the end: the attack leaves no way to them, by its nature. */
  readonly isFatal?: boolean;
}

/** Defines the test: the play, then the oracles. A text that the play returns is what it measured. */
export function attack(what: Attack, play: (stage: Stage) => Promise<unknown>): void {
  define(what);
  test(
    `${what.row} ${what.name}`,
    async () => {
      const stage = await Stage.set(what.setting ?? {});
      const measured = await play(stage);
      const owned = what.owned ?? ['evil.com.'];
      expectUntainted(stage.resolver, owned);
      // Measured before the oracles ask on their own account.
      note(what, typeof measured === 'string' ? measured : stage.meter.work);
      if (what.isFatal !== true) await expectVictimsUnharmed(stage.internet, stage.resolver);
      expectUntainted(stage.resolver, owned);
      await expectNoLeak(stage.internet, stage.resolver);
    },
    TIMEOUT_MS,
  );
}

/** FUZZ_RUNS scales what random attacks try. */
export const FUZZ_RUNS: number = Number(process.env['FUZZ_RUNS']);

/** Of real time: a million forgeries take a while, and machines may be busy. */
const TIMEOUT_MS = 60_000 + FUZZ_RUNS;

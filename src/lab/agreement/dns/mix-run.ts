/**
 * One date in DNS while the network is cut in two. Servers, secondaries and caches are the real
 * ones, in virtual time:
 *
 *     near writer ─► primary ═══ NOTIFY, IXFR ═══► secondaries ─► caches ─► clients
 *     far writer ───────┘            ╳ the cut              └─► probes
 *
 * The primary and the near writer are on one side of the cut, all others on the other.
 */

import { isFailure, readAnswer, valueOf } from '../../ttl/answers.ts';
import { StubClients, type Outcome } from '../../ttl/stub-clients.ts';
import { Truth } from '../../ttl/truth.ts';
import { DNS_PORT, type LabInternet } from '../../ttl/internet.ts';
import type { SimHost } from '../../../sim/host.ts';
import { partition, type PacketRecord } from '../../../sim/packet.ts';
import { SeededRandom } from '../../../sim/random.ts';
import { DnsClass, RRType } from '../../../wire/iana.ts';
import type { Zone } from '../../../zone/zone.ts';
import { CasWriter } from './cas-writer.ts';
import {
  NEAR_DELAY_MS,
  type Copy,
  type MixOptions,
  type MixResult,
  type Read,
  type Side,
  type Version,
  type Write,
} from './mix.ts';
import { openMix } from './mix-internet.ts';
import { addressOf, DATE, PRIMARY } from './mix-zone.ts';

const MS_PER_S = 1000;
/** A read and a write of the far writer. */
const ROUND_WAYS = 4;
const RANGE = 1_000_000;

export async function playMix(options: MixOptions): Promise<MixResult> {
  const run = new MixRun(options, await openMix(options));
  return run.play();
}

class MixRun {
  readonly #options: MixOptions;
  readonly #internet: LabInternet;
  readonly #secondaries: readonly string[];
  readonly #caches: readonly string[];
  readonly #random: SeededRandom;
  readonly #truth = new Truth();
  readonly #history: Version[] = [];
  readonly #copies = new Map<string, Copy>();
  /** When each secondary last had word of the primary. */
  readonly #heardAtMs = new Map<string, number>();
  /** The same, of any word, though it may only say that there is something newer. */
  readonly #wordAtMs = new Map<string, number>();
  readonly #served = new Map<string, Zone>();
  readonly #writes: Write[] = [];
  readonly #reads: Read[] = [];
  #round = 0;
  #clients = 0;

  constructor(
    options: MixOptions,
    opened: {
      readonly internet: LabInternet;
      readonly secondaries: readonly string[];
      readonly caches: readonly string[];
    },
  ) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed, 'lab dns writers');
    this.#internet = opened.internet;
    this.#secondaries = opened.secondaries;
    this.#caches = opened.caches;
  }

  async play(): Promise<MixResult> {
    const { cutAtMs, cutMs, settleMs, writeEveryMs } = this.#options;
    const { world } = this.#internet;
    const startMs = world.nowMs;
    this.#watchServers();
    const writers = [this.#writer('near'), this.#writer('far')];
    await this.#openClients();
    this.#every(writeEveryMs, writeEveryMs / 2, () => this.#writeAll(writers));
    const cutAt = startMs + cutAtMs;
    this.#cut(cutAt, cutAt + cutMs);
    await world.run(
      new Promise<void>((resolve) => world.at(cutAt + cutMs + settleMs, () => resolve())),
    );
    const endMs = world.nowMs;
    await this.#internet.close();
    return {
      traceHash: world.traceHash,
      cutAtMs: cutAt,
      healAtMs: cutAt + cutMs,
      endMs,
      history: this.#history,
      copies: this.#copies,
      writes: this.#writes,
      reads: this.#reads,
    };
  }

  /** Notes what each server serves from when on, and when it last heard of its primary. */
  #watchServers(): void {
    const { world } = this.#internet;
    const primary = this.#internet.authority(PRIMARY).zones;
    const learn = (zone: Zone): void => {
      const version = this.#versionOf(zone);
      this.#history.push(version);
      this.#truth.set(version.value, version.atMs);
    };
    for (const zone of primary) learn(zone);
    primary.observe({ put: learn });
    for (const name of this.#secondaries) this.#watchSecondary(name);
    world.onPacket((packet) => {
      const { toHost } = packet;
      if (toHost === undefined || !isWordOfPrimary(packet)) return;
      this.#wordAtMs.set(toHost, packet.fate.atMs);
      // Of something newer it has to have all, which the cut may prevent.
      const newest = [...primary].at(-1)?.serial;
      if (this.#served.get(toHost)?.serial === newest) {
        this.#heardAtMs.set(toHost, packet.fate.atMs);
      }
    });
  }

  #watchSecondary(name: string): void {
    const { world } = this.#internet;
    const { zones } = this.#internet.authority(name);
    const copy: Copy = { versions: [], expiries: [] };
    this.#copies.set(name, copy);
    const learn = (zone: Zone): void => {
      this.#served.set(name, zone);
      copy.versions.push(this.#versionOf(zone));
    };
    for (const zone of zones) learn(zone);
    zones.observe({
      put: (zone) => {
        learn(zone);
        this.#heardAtMs.set(name, this.#wordAtMs.get(name)!);
      },
      withhold: () => {
        if (this.#options.mutant === 'no-expire') zones.put(this.#served.get(name)!);
        else copy.expiries.push({ heardAtMs: this.#heardAtMs.get(name)!, atMs: world.nowMs });
      },
    });
  }

  #versionOf(zone: Zone): Version {
    const value = valueOf(RRType.TXT, zone.rrset(DATE, RRType.TXT)!.rdatas);
    return { serial: zone.serial, value, atMs: this.#internet.world.nowMs };
  }

  #writer(side: Side): { readonly side: Side; readonly writer: CasWriter } {
    const { world } = this.#internet;
    const { times, mutant } = this.#options;
    const host = world.host({ name: side, addresses: [side === 'near' ? '10.0.0.1' : '10.0.1.1'] });
    if (side === 'near') {
      world.linkBoth(host, this.#internet.host(PRIMARY), { delayMs: NEAR_DELAY_MS });
    }
    const writer = new CasWriter({
      host,
      primary: { address: addressOf(PRIMARY), port: DNS_PORT },
      ttlSeconds: times.ttlSeconds,
      isCareful: mutant !== 'no-prerequisite',
    });
    return { side, writer };
  }

  #writeAll(writers: readonly { readonly side: Side; readonly writer: CasWriter }[]): void {
    this.#round += 1;
    const { clock } = this.#internet.host('root').runtime;
    const latestMs = ROUND_WAYS * this.#options.delayMs;
    for (const { side, writer } of writers) {
      const text = `day ${this.#round}, says the ${side} one`;
      // So close together that either may be first to read, and first to write.
      clock.schedule((latestMs * this.#random.below(RANGE)) / RANGE, () => {
        const askedAtMs = this.#internet.world.nowMs;
        void writer.write(text).then((attempt) => {
          this.#writes.push({ ...attempt, side, text, askedAtMs });
        });
      });
    }
  }

  /** One client at each secondary, which it asks directly, and one at each cache. */
  async #openClients(): Promise<void> {
    const { askEveryMs, times } = this.#options;
    for (const [index, name] of this.#secondaries.entries()) {
      const ask = await this.#clientOf(name, false);
      this.#every(askEveryMs, (askEveryMs * (index + 1)) / this.#secondaries.length, ask);
    }
    // Caches that are filled at other moments are emptied at other moments.
    const spreadMs = Math.max(askEveryMs, times.ttlSeconds * MS_PER_S);
    for (const [index, name] of this.#caches.entries()) {
      const ask = await this.#clientOf(name, true);
      this.#every(askEveryMs, (spreadMs * (index + 1)) / this.#caches.length, ask);
    }
  }

  async #clientOf(server: string, isCache: boolean): Promise<() => void> {
    const { world } = this.#internet;
    this.#clients += 1;
    const address = `10.0.2.${this.#clients}`;
    const host: SimHost = world.host({ name: `client of ${server}`, addresses: [address] });
    const there = this.#internet.host(server);
    world.linkBoth(host, there, { delayMs: NEAR_DELAY_MS });
    const opening = StubClients.open({
      host,
      resolver: { address: there.addresses[0]!, port: DNS_PORT },
      questions: [{ name: DATE, type: RRType.TXT, class: DnsClass.IN }],
      onOutcome: (outcome) => this.#take(server, isCache, outcome),
    });
    const clients = await world.run(opening);
    return () => clients.ask(0, 0);
  }

  #take(of: string, isCache: boolean, { askedAtMs, endedAtMs, reply }: Outcome): void {
    const answer = reply && readAnswer(reply, RRType.TXT);
    const value = answer && !isFailure(answer) ? answer.value : undefined;
    const leftAtMs = endedAtMs - NEAR_DELAY_MS;
    const staleMs = value === undefined ? 0 : (this.#truth.staleMs(value, leftAtMs) ?? 0);
    this.#reads.push({ of, isCache, askedAtMs, endedAtMs, value, staleMs: Math.max(0, staleMs) });
  }

  #every(periodMs: number, firstMs: number, action: () => void): void {
    const { clock } = this.#internet.host('root').runtime;
    const again = (): void => {
      action();
      clock.schedule(periodMs, again);
    };
    clock.schedule(firstMs, again);
  }

  #cut(fromMs: number, untilMs: number): void {
    const { world } = this.#internet;
    const far = ['root', 'far', ...this.#secondaries, ...this.#caches];
    world.at(fromMs, () => {
      const cut = world.install(partition([PRIMARY, 'near'], far));
      world.at(untilMs, () => cut.uninstall());
    });
  }
}

/** A reply to a query, or a part of a transfer; what is lost on the way is none. */
function isWordOfPrimary(
  packet: PacketRecord,
): packet is PacketRecord & { readonly fate: { readonly kind: 'delivered' } } {
  const { fromHost, fate, kind, transport, bytes } = packet;
  if (fromHost !== PRIMARY || fate.kind !== 'delivered') return false;
  if (transport === 'tcp') return kind === 'data';
  const flags = bytes[2] ?? 0;
  return kind === 'datagram' && (flags & REPLY_BIT) !== 0 && (flags & OPCODE_BITS) === 0;
}

/** QR, and an opcode of 0 (RFC 1035 §4.1.1). */
const REPLY_BIT = 0x80;
const OPCODE_BITS = 0x78;

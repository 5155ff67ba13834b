/**
 * A private internet in virtual time: our own authorities and resolvers, unmodified, each on a host
 * of its own. Zones may be replaced and servers cut off while it runs.
 *
 *     clients ─► resolvers (or forwarders ─► resolvers) ─► root, TLD, domain
 */

import assert from 'node:assert/strict';

import { startKeptSystem, type KeptSystem, type KeptSystemOptions } from '../../app/kept-system.ts';
import {
  startSystem,
  type RecursionOptions,
  type System,
  type SystemOptions,
} from '../../app/system.ts';
import { type Logger, silentLogger } from '../../net/logger.ts';
import type { Runtime } from '../../net/ports.ts';
import type { ClockOptions } from '../../sim/host-clock.ts';
import { SimDisk } from '../../sim/disk.ts';
import type { SimHost } from '../../sim/host.ts';
import type { LinkOptions } from '../../sim/link-options.ts';
import { World } from '../../sim/world.ts';
import { nameOf } from '../../wire/name-text.ts';
import type { Zone } from '../../zone/zone.ts';

export const DNS_PORT = 53;

export interface AuthorityPlan {
  readonly name: string;
  readonly address: string;
  readonly zones: readonly Zone[];
  /** How it answers, where that is not the default. */
  readonly answers?: SystemOptions['answers'];
  /** What is wrong with the clock of its host. */
  readonly clock?: ClockOptions;
  /** Who may take and change its zones, and which come from elsewhere. Default: nobody, none. */
  readonly keeping?: Keeping;
}

/** It keeps zones on a disk of its own, which writes in no time. */
export type Keeping = Pick<
  KeptSystemOptions,
  'policies' | 'journaled' | 'secondaries' | 'targetsOf'
>;

export interface ResolverPlan {
  readonly name: string;
  readonly address: string;
  /** Asks these instead of walking from the root. */
  readonly forwardTo?: readonly string[];
  readonly recursion?: Partial<Omit<RecursionOptions, 'allow' | 'rootHints'>>;
  /** What is wrong with the clock of its host. */
  readonly clock?: ClockOptions;
  /** Another runtime than the host's, made of it. */
  adapt?(runtime: Runtime): Runtime;
  readonly logger?: Logger;
  /**
   * For a few names: hundreds of such resolvers fit into one world, and a cache that loses its only
   * entry is cleared at once, which takes as long as it has room. Default false.
   */
  readonly isSmall?: boolean;
}

export interface InternetPlan {
  readonly seed: string;
  /** The first one that serves the root zone is everybody's hint. */
  readonly authorities: readonly AuthorityPlan[];
  readonly resolvers: readonly ResolverPlan[];
  /** Between any two hosts that have no link of their own. */
  readonly link: LinkOptions;
  /** What wall clocks show at the start; default: as the world says. */
  readonly epochMs?: number;
  /** The longest run of virtual time. */
  readonly timeLimitMs?: number;
}

type Place = Pick<ResolverPlan, 'name' | 'address' | 'clock'>;

interface Running<Plan> {
  readonly plan: Plan;
  readonly host: SimHost;
  readonly system: System;
}

/** Long runs are the purpose; the world's own limit is there to end loops. */
const EVENT_LIMIT = 1_000_000_000;
/** Enough for every experiment, so that nothing is forgotten before its time. */
const CACHE_OCTETS = 64 * 1_048_576;
/** Finished answers only save time, and room for many costs a start its milliseconds. */
const ANSWER_CACHE_OCTETS = 1_048_576;
const SMALL_CACHE_OCTETS = 65_536;
/** So many names fit into small caches, twice over. */
export const FEW_NAMES = 50;
const SMALL_CACHES = {
  recordOctets: SMALL_CACHE_OCTETS,
  negativeOctets: SMALL_CACHE_OCTETS,
  delegationOctets: SMALL_CACHE_OCTETS,
  failureOctets: SMALL_CACHE_OCTETS,
};
/** Whoever asks here is ours. */
const EVERYBODY = [
  { octets: new Uint8Array(4), bits: 0 },
  { octets: new Uint8Array(16), bits: 0 },
] as const;

export class LabInternet {
  readonly world: World;
  readonly #authorities = new Map<string, Running<AuthorityPlan>>();
  readonly #resolvers = new Map<string, Running<ResolverPlan>>();
  readonly #keepers = new Map<string, KeptSystem['keeper']>();

  private constructor(world: World) {
    this.world = world;
  }

  static async open(plan: InternetPlan): Promise<LabInternet> {
    const world = new World({
      seed: plan.seed,
      link: plan.link,
      recordLimit: 0,
      eventLimit: EVENT_LIMIT,
      ...(plan.epochMs !== undefined && { epochMs: plan.epochMs }),
      ...(plan.timeLimitMs !== undefined && { timeLimitMs: plan.timeLimitMs }),
    });
    const internet = new LabInternet(world);
    for (const authority of plan.authorities) await internet.#startAuthority(authority);
    const root = plan.authorities.find(({ zones }) => zones.some(({ origin }) => origin.isRoot));
    assert(root !== undefined, 'an internet has a root server');
    for (const resolver of plan.resolvers) await internet.#startResolver(resolver, root);
    return internet;
  }

  host(name: string): SimHost {
    const running = this.#authorities.get(name) ?? this.#resolvers.get(name);
    assert(running !== undefined, `there is no server ${name}`);
    return running.host;
  }

  authority(name: string): System {
    return this.#running(this.#authorities, name).system;
  }

  /** Of a server that keeps zones. */
  keeper(name: string): KeptSystem['keeper'] {
    const keeper = this.#keepers.get(name);
    assert(keeper !== undefined, `${name} keeps no zones`);
    return keeper;
  }

  resolver(name: string): System {
    return this.#running(this.#resolvers, name).system;
  }

  /** What the authorities serve now, each zone once. */
  *zones(): Generator<Zone> {
    const seen = new Set<string>();
    for (const { system } of this.#authorities.values()) {
      for (const zone of system.zones) {
        if (!seen.has(zone.origin.key)) yield zone;
        seen.add(zone.origin.key);
      }
    }
  }

  /** On every authority that serves the zone now, or those named. */
  replaceZone(zone: Zone, on: readonly string[] = [...this.#authorities.keys()]): void {
    for (const name of on) {
      const { zones } = this.authority(name);
      if (zones.get(zone.origin) !== undefined) zones.put(zone);
    }
  }

  async close(): Promise<void> {
    const systems = [...this.#resolvers.values(), ...this.#authorities.values()];
    const closing = Promise.all(systems.map(({ system }) => system.close()));
    await this.world.run(closing);
    await this.world.run(Promise.all([...this.#keepers.values()].map((one) => one.close())));
  }

  async #startAuthority(plan: AuthorityPlan): Promise<void> {
    const { host, listen } = this.#hostOf(plan);
    const { runtime } = host;
    const options: SystemOptions = {
      ...{ runtime, logger: silentLogger, listen, zones: plan.zones },
      answerCacheOctets: ANSWER_CACHE_OCTETS,
      ...(plan.answers && { answers: plan.answers }),
    };
    // The resolver's rate is an experiment's to set, not a protection's to cut.
    const clients = { rate: { perSecond: 0 }, late: { afterMs: 0 } };
    const system = await this.#serve({ ...options, clients }, plan);
    this.#authorities.set(plan.name, { plan, host, system });
  }

  async #serve(
    options: SystemOptions & Pick<KeptSystemOptions, 'zones'>,
    { name, keeping }: AuthorityPlan,
  ): Promise<System> {
    if (!keeping) return this.world.run(startSystem(options));
    const disk = new SimDisk({ seed: `${this.world.seed} disk of ${name}`, syncMs: 0 });
    const storage = disk.open(options.runtime.clock);
    const starting = startKeptSystem({ ...options, ...keeping, storage });
    const { system, keeper } = await this.world.run(starting);
    this.#keepers.set(name, keeper);
    return system;
  }

  async #startResolver(plan: ResolverPlan, root: AuthorityPlan): Promise<void> {
    const { host, listen } = this.#hostOf(plan);
    const { forwardTo, recursion, isSmall = false, logger = silentLogger } = plan;
    const forwards = forwardTo && [
      { zone: nameOf('.'), addresses: forwardTo.map((address) => address) },
    ];
    const starting = startSystem({
      runtime: plan.adapt?.(host.runtime) ?? host.runtime,
      logger,
      listen,
      zones: [],
      explainAllow: EVERYBODY,
      answerCacheOctets: isSmall ? SMALL_CACHE_OCTETS : ANSWER_CACHE_OCTETS,
      clients: { rate: { perSecond: 0 }, late: { afterMs: 0 } },
      recursion: {
        allow: EVERYBODY,
        rootHints: [{ name: nameOf('root-server.test.'), addresses: [root.address] }],
        specialUse: false,
        ...(forwards && { forwards }),
        ...recursion,
        cacheLimits: {
          ...(isSmall ? SMALL_CACHES : { recordOctets: CACHE_OCTETS }),
          ...recursion?.cacheLimits,
        },
      },
    });
    this.#resolvers.set(plan.name, { plan, host, system: await this.world.run(starting) });
  }

  #hostOf({ name, address, clock }: Place): {
    readonly host: SimHost;
    readonly listen: readonly { readonly address: string; readonly port: number }[];
  } {
    const host = this.world.host({ name, addresses: [address], ...(clock && { clock }) });
    return { host, listen: [{ address, port: DNS_PORT }] };
  }

  #running<Plan>(servers: ReadonlyMap<string, Running<Plan>>, name: string): Running<Plan> {
    const running = servers.get(name);
    assert(running !== undefined, `there is no server ${name}`);
    return running;
  }
}

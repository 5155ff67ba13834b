/**
 * The server of `ts-dns serve`, in this thread or in several workers: what starts, reconfigures,
 * controls and stops it does not see the difference.
 */

import {
  controlHandler,
  type ControlledSystem,
  type ControlTarget,
} from '../app/control/commands.ts';
import { severalHandler } from '../app/control/several.ts';
import type { ControlHandler } from '../app/control/session.ts';
import { startKeptSystem } from '../app/kept-system.ts';
import { Keeper, type KeeperOptions } from '../authority/keeper.ts';
import { PolicyTable } from '../authority/policy.ts';
import { ZoneSet } from '../authority/zone-set.ts';
import type { Endpoint, Random, Runtime } from '../net/ports.ts';
import { createStorage } from '../net/real/storage.ts';
import { randomCookieSecret } from '../query/clients.ts';
import type { Zone } from '../zone/zone.ts';
import type { Config } from './config/config.ts';
import { controlTarget } from './control-target.ts';
import { CommandError } from './failure.ts';
import type { LevelledLogger } from './logger.ts';
import { openQueryLog, openQueryLogFile } from './query-log.ts';
import { DEFAULT_LISTEN, liveSettings, systemOptions } from './system-options.ts';
import { signingKeys } from './signing-keys.ts';
import { journaledZones, notifyTargets, secondaryZones, zonePolicies } from './zone-options.ts';
import { startWorkers } from './workers.ts';

export interface Running {
  readonly endpoints: readonly Endpoint[];
  readonly zones: ZoneSet;
  /** Of the control socket. */
  readonly handle: ControlHandler;
  /** What is live of `config` holds from now on. */
  reconfigure(config: Config): void;
  /** Its file may have been moved away. */
  reopenQueryLog(): void;
  /** True: whoever looks after the zone decides whether this version of its file is served. */
  keep(zone: Zone): boolean;
  close(): Promise<void>;
}

export interface RunContext {
  readonly config: Config;
  readonly zones: readonly Zone[];
  readonly runtime: Runtime;
  readonly logger: LevelledLogger;
  readonly startedAtMs: number;
  /** What `ts-dns ctl reload` does. */
  readonly reload: ControlTarget['reload'];
}

/** Rejects with `CommandError` or `BindError`; nothing is left running then. */
export function start(context: RunContext): Promise<Running> {
  const { workers = 1, io } = context.config;
  if (workers > 1 && io === 'dgram') {
    throw new CommandError('workers share their ports, which takes batched UDP: leave out --io');
  }
  return workers > 1 ? startSeveral(context, workers) : startOne(context);
}

async function startOne(context: RunContext): Promise<Running> {
  const { config, runtime, logger, startedAtMs, reload } = context;
  const { listen = DEFAULT_LISTEN } = config;
  const options = await systemOptions(config);
  const zoneKeeping = await keeping(context);
  const { clock } = runtime;
  const log = await openQueryLog(config, { clock, logger });
  const kept = await startKeptSystem({ ...options, ...zoneKeeping, listen, ...log }).catch(
    async (error: unknown) => {
      await log.queryLog?.close();
      throw error;
    },
  );
  const { system, keeper } = kept;
  const target = { system, keeper, clock, logger, startedAtMs, reload, ...log };
  return {
    endpoints: system.endpoints,
    zones: system.zones,
    handle: controlHandler(controlTarget(target)),
    reconfigure(next) {
      system.reconfigure(liveSettings(next));
      void followZones(next, zoneKeeping, keeper);
    },
    keep: (zone) => keeper.reload(zone),
    reopenQueryLog: () => void log.queryLog?.reopen(),
    async close() {
      await kept.close();
      await log.queryLog?.close();
    },
  };
}

async function startSeveral(context: RunContext, count: number): Promise<Running> {
  const { runtime, logger, startedAtMs, reload } = context;
  const { clock, random } = runtime;
  const kept = await keeping(context);
  const { zones, policies } = kept;
  const keeper = await Keeper.open(kept);
  const config = withCookieSecret(context.config, random);
  const { listen = DEFAULT_LISTEN } = config;
  const crew = { listen, zones, logger, clock, count, config, upkeep: keeper };
  const log = await openQueryLogFile(config);
  const workers = await startWorkers(crew);
  keeper.announce();
  const { endpoints, zones: served } = workers;
  const target = { keeper, clock, logger, startedAtMs, reload };
  const system = { ...WITHOUT_CACHES, endpoints, zones: served };
  return {
    endpoints,
    zones: served,
    handle: severalHandler(controlTarget({ ...target, system }), workers),
    reconfigure(next) {
      policies.replace(zonePolicies(next));
      workers.reconfigure(next);
      void followZones(next, kept, keeper);
    },
    keep: (zone) => keeper.reload(zone),
    reopenQueryLog() {
      // What is wrong with it they say.
      void log?.reopen();
      workers.reopenQueryLog();
    },
    async close() {
      await workers.close();
      await log?.close();
      await keeper.close();
    },
  };
}

interface Keeping extends KeeperOptions {
  readonly policies: PolicyTable;
  /** Who is told of new versions, as the configuration says it now. */
  readonly targets: { now: ReturnType<typeof notifyTargets> };
}

/** Zones as they are loaded, and what is to be done about them. */
async function keeping({ config, zones, runtime, logger }: RunContext): Promise<Keeping> {
  const policies = new PolicyTable(zonePolicies(config));
  const targets = { now: notifyTargets(config, policies) };
  return {
    targets,
    runtime,
    storage: createStorage(),
    logger,
    zones: new ZoneSet(zones),
    policies,
    journaled: journaledZones(config),
    secondaries: secondaryZones(config, await signingKeys(config.keys)),
    targetsOf: (origin) => targets.now(origin),
  };
}

/** Zones that come from elsewhere, and who is told of ours, as a new configuration has them. */
async function followZones(
  config: Config,
  { targets, policies, logger }: Keeping,
  keeper: Keeper,
): Promise<void> {
  targets.now = notifyTargets(config, policies);
  try {
    await keeper.replaceSecondaries(secondaryZones(config, await signingKeys(config.keys)));
  } catch (err) {
    logger.error({ err }, 'zones from elsewhere stay as they were');
  }
}

/** This thread answers nothing: its workers do. */
const WITHOUT_CACHES: Omit<ControlledSystem, 'endpoints' | 'zones'> = {
  resolver: undefined,
  answerCacheStatistics: { hits: 0, misses: 0, entries: 0, octets: 0, evictions: 0 },
  forgetFinishedAnswers: () => undefined,
};

/** A cookie that one worker made has to be good with all of them. */
function withCookieSecret(config: Config, random: Random): Config {
  const { clients } = config;
  if (clients?.cookieSecrets) return config;
  return { ...config, clients: { ...clients, cookieSecrets: [randomCookieSecret(random)] } };
}

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
import { startSystem } from '../app/system.ts';
import type { ZoneSet } from '../authority/zone-set.ts';
import type { Endpoint, Random, Runtime } from '../net/ports.ts';
import { randomCookieSecret } from '../query/clients.ts';
import type { Zone } from '../zone/zone.ts';
import type { Config } from './config/config.ts';
import { controlTarget } from './control-target.ts';
import { CommandError } from './failure.ts';
import type { LevelledLogger } from './logger.ts';
import { DEFAULT_LISTEN, liveSettings, systemOptions } from './system-options.ts';
import { startWorkers } from './workers.ts';

export interface Running {
  readonly endpoints: readonly Endpoint[];
  readonly zones: ZoneSet;
  /** Of the control socket. */
  readonly handle: ControlHandler;
  /** What is live of `config` holds from now on. */
  reconfigure(config: Config): void;
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
  const { config, zones, runtime, logger, startedAtMs, reload } = context;
  const { listen = DEFAULT_LISTEN } = config;
  const options = await systemOptions(config);
  const system = await startSystem({ ...options, runtime, logger, listen, zones });
  const { clock } = runtime;
  return {
    endpoints: system.endpoints,
    zones: system.zones,
    handle: controlHandler(controlTarget({ system, clock, logger, startedAtMs, reload })),
    reconfigure: (next) => system.reconfigure(liveSettings(next)),
    close: () => system.close(),
  };
}

async function startSeveral(context: RunContext, count: number): Promise<Running> {
  const { zones, runtime, logger, startedAtMs, reload } = context;
  const { clock, random } = runtime;
  const config = withCookieSecret(context.config, random);
  const { listen = DEFAULT_LISTEN } = config;
  const workers = await startWorkers({ listen, zones, logger, clock, count, config });
  const { endpoints, zones: served } = workers;
  const target = { clock, logger, startedAtMs, reload };
  const system = { ...WITHOUT_CACHES, endpoints, zones: served };
  return {
    endpoints,
    zones: served,
    handle: severalHandler(controlTarget({ ...target, system }), workers),
    reconfigure: (next) => workers.reconfigure(next),
    close: () => workers.close(),
  };
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

/**
 * What an operator can ask of a running server and tell it (`docs/control.md`). Pure: everything of
 * the machine, files and signals comes in through `ControlTarget`.
 */

import type { Keeper } from '../../authority/keeper.ts';
import type { Secondary } from '../../authority/secondary.ts';
import { cacheStatistics } from '../../cache/cache.ts';
import { dumpCache, loadCache } from '../../cache/dump.ts';
import { flush } from '../../cache/inspection.ts';
import { addressToBytes, bytesToAddress, formatEndpoint } from '../../net/address.ts';
import type { Clock } from '../../net/ports.ts';
import type { QueryLogStatistics } from '../../query/query-log.ts';
import { questionText } from '../../query/step.ts';
import type { Resolver } from '../../resolver/resolver.ts';
import { parseType } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import { octetsOf, parseName } from '../../wire/name-text.ts';
import type { Result } from '../../wire/result.ts';
import type { System } from '../system.ts';
import { lookUpInCache } from './cache-lookup.ts';
import type { ControlHandler, ControlReply, Lines } from './session.ts';

export type ControlledSystem = Pick<
  System,
  'endpoints' | 'zones' | 'resolver' | 'answerCacheStatistics' | 'forgetFinishedAnswers'
>;

export interface ControlTarget {
  readonly system: ControlledSystem;
  /** Who looks after zones that change. Absent: nobody does here. */
  readonly keeper?: Pick<Keeper, 'secondary' | 'notify'>;
  /** Absent: there is none. */
  readonly queryLog?: { readonly statistics: QueryLogStatistics };
  readonly clock: Clock;
  readonly version: string;
  /** By the monotonic clock. */
  readonly startedAtMs: number;
  /** Octets, by what they are for. */
  memory(): Readonly<Record<string, number>>;
  readonly logLevels: readonly string[];
  logLevel: string;
  /** The error says why the configuration stays what it was. Zones are read behind the reply. */
  reload(): Promise<Result<Reloaded, string>>;
  /** Begins to stop; the reply is sent before the end. */
  stop(): void;
  /** Replaces the file as a whole or not at all. Throws an error that says why not. */
  writeFile(file: string, lines: Lines): Promise<void>;
  /** Throws an error that says why not. */
  readFile(file: string): Promise<string>;
}

/** Keys of the configuration that have changed: at once, or only after a restart. */
export interface Reloaded {
  readonly changed: readonly string[];
  readonly afterRestart: readonly string[];
}

type Request = Readonly<Record<string, unknown>>;
type Command = (target: ControlTarget, request: Request) => ControlReply | Promise<ControlReply>;

export function controlHandler(target: ControlTarget): ControlHandler {
  return (request) => {
    const { command } = request;
    const run = typeof command === 'string' ? COMMANDS.get(command) : undefined;
    if (run) return run(target, request);
    const known = [...COMMANDS.keys()].join(', ');
    return refuse(`unknown command: 'command' is one of ${known}`);
  };
}

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['status', status],
  ['lookup', lookup],
  ['dump', dump],
  ['load', load],
  ['flush', flushCache],
  ['servers', servers],
  ['pending', pending],
  ['log-level', logLevel],
  ['zone', zoneCommand],
  ['notify', notifySecondaries],
  [
    'reload',
    async (target) => {
      const reloaded = await target.reload();
      return reloaded.ok ? done(reloaded.value) : refuse(reloaded.error);
    },
  ],
  [
    'stop',
    (target) => {
      target.stop();
      return done({});
    },
  ],
]);

function done(result: object): ControlReply {
  return { ok: true, result };
}

/** Why this is no file of the server's. Its working folder is nobody's business. */
export function problemOfFile(file: unknown): string | undefined {
  if (file === undefined) return "'file' is missing";
  if (typeof file !== 'string') return "'file' is to be text";
  return file.startsWith('/') ? undefined : "'file' is to be an absolute path";
}

function refuse(error: string): ControlReply {
  return { ok: false, error };
}

function status(target: ControlTarget): ControlReply {
  const { system, clock, startedAtMs, version } = target;
  const { resolver } = system;
  return done({
    version,
    uptimeSeconds: Math.floor((clock.monotonic() - startedAtMs) / 1000),
    listening: system.endpoints.map(formatEndpoint),
    logLevel: target.logLevel,
    memory: target.memory(),
    finishedAnswers: system.answerCacheStatistics,
    ...(target.queryLog && { queryLog: target.queryLog.statistics }),
    zones: Array.from(system.zones, ({ origin, serial, recordCount }) => {
      return { origin: origin.toString(), serial, records: recordCount };
    }),
    ...(resolver && {
      pending: resolver.pending,
      counters: resolver.counters,
      cache: cacheStatistics(resolver.cache),
    }),
  });
}

function lookup(target: ControlTarget, request: Request): ControlReply {
  return withResolver(target, ({ cache }) =>
    withName(request, (name) => done(lookUpInCache(cache, name, target.clock))),
  );
}

function dump(target: ControlTarget, request: Request): ControlReply | Promise<ControlReply> {
  return withResolver(target, async ({ cache }): Promise<ControlReply> => {
    const lines = dumpCache(cache, target.clock);
    const { file } = request;
    if (file === undefined) return { ok: true, result: {}, lines };
    const problem = problemOfFile(file);
    if (problem !== undefined) return refuse(problem);
    await target.writeFile(file as string, lines);
    return done({ file });
  });
}

function load(target: ControlTarget, request: Request): ControlReply | Promise<ControlReply> {
  return withResolver(target, async (resolver) => {
    const { file } = request;
    const problem = problemOfFile(file);
    if (problem !== undefined) return refuse(problem);
    const path = file as string;
    const loaded = loadInto(resolver, await target.readFile(path), target.clock);
    target.system.forgetFinishedAnswers();
    return loaded.ok ? done(loaded.value) : refuse(`${path}: ${loaded.error}`);
  });
}

/** Under the resolver's own rule which addresses it may ask. */
function loadInto(
  resolver: Pick<Resolver, 'cache' | 'mayAsk'>,
  text: string,
  clock: Clock,
): ReturnType<typeof loadCache> {
  return loadCache(resolver.cache, text, { clock, mayAsk: (address) => resolver.mayAsk(address) });
}

function flushCache(target: ControlTarget, request: Request): ControlReply {
  if (request['scope'] === 'servers') return flushServers(target, request);
  return withResolver(target, ({ cache }) =>
    withName(request, (name) => {
      const { scope = 'name', type: typeName } = request;
      if (scope === 'name' || scope === 'subtree') {
        return flushed(target, flush(cache, { name, scope }));
      }
      if (scope !== 'type') return refuse("'scope' is one of name, subtree, type, servers");
      const type = typeof typeName === 'string' ? parseType(typeName) : undefined;
      if (type === undefined) return refuse("'type' is no type of record");
      return flushed(target, flush(cache, { name, scope, type }));
    }),
  );
}

/** Opinions of servers, not what they said. */
function flushServers(target: ControlTarget, { address }: Request): ControlReply {
  return withResolver(target, (resolver) => {
    if (address === undefined) return done({ flushed: resolver.forgetServers() });
    const octets = typeof address === 'string' ? addressToBytes(address) : undefined;
    if (!octets) return refuse("'address' is no IP address");
    return done({ flushed: resolver.forgetServers(bytesToAddress(octets)) });
  });
}

/** Finished answers know nothing of the names that they depend on, so all of them go. */
function flushed({ system }: ControlTarget, entries: number): ControlReply {
  system.forgetFinishedAnswers();
  return done({ flushed: entries });
}

function servers(target: ControlTarget): ControlReply {
  return withResolver(target, (resolver) => done({ servers: [...resolver.servers()] }));
}

function pending(target: ControlTarget): ControlReply {
  return withResolver(target, (resolver) => {
    const nowMs = target.clock.monotonic();
    const queries = Array.from(resolver.inFlight(), ({ question, startedMs, sends, awaits }) => ({
      question: questionText(question),
      ageMs: Math.round(nowMs - startedMs),
      sends,
      ...(awaits && {
        lookup: questionText(awaits.question),
        ...(awaits.server !== undefined && { server: awaits.server }),
      }),
    }));
    return done({ queries });
  });
}

function logLevel(target: ControlTarget, { level }: Request): ControlReply {
  if (level === undefined) return done({ level: target.logLevel });
  if (typeof level !== 'string' || !target.logLevels.includes(level)) {
    return refuse(`'level' is one of ${target.logLevels.join(', ')}`);
  }
  const before = target.logLevel;
  target.logLevel = level;
  return done({ level, before });
}

/** A zone as it is, or after its primaries were asked. */
async function zoneCommand(target: ControlTarget, request: Request): Promise<ControlReply> {
  const { action = 'status' } = request;
  const name = nameIn(request);
  if (typeof name === 'string') return refuse(name);
  const secondary = target.keeper?.secondary(name);
  if (action === 'status') return zoneStatus(target, name, secondary);
  if (action !== 'refresh' && action !== 'retransfer') {
    return refuse("'action' is one of status, refresh, retransfer");
  }
  if (!secondary) return refuse(`${name.toString()} is no zone that comes from elsewhere`);
  await (action === 'refresh' ? secondary.refresh() : secondary.retransfer());
  return zoneStatus(target, name, secondary);
}

function zoneStatus(
  { system }: ControlTarget,
  name: DnsName,
  secondary: Secondary | undefined,
): ControlReply {
  const zone = system.zones.get(name);
  if (!zone && !secondary) return refuse(`${name.toString()} is no zone of this server`);
  const { nextCheckMs, expiresMs, lastProblem } = secondary?.status ?? {};
  return done({
    zone: name.toString(),
    from: secondary ? secondary.primaries.map(({ server }) => formatEndpoint(server)) : [],
    ...(zone ? { serial: zone.serial, records: zone.recordCount } : { state: 'no data' }),
    ...(nextCheckMs !== undefined && { nextCheckSeconds: Math.round(nextCheckMs / 1000) }),
    ...(expiresMs !== undefined && { expiresSeconds: Math.round(expiresMs / 1000) }),
    ...(lastProblem !== undefined && { problem: lastProblem }),
  });
}

function notifySecondaries({ system, keeper }: ControlTarget, request: Request): ControlReply {
  const name = nameIn(request);
  if (typeof name === 'string') return refuse(name);
  const zone = system.zones.get(name);
  if (!zone) return refuse(`${name.toString()} is no zone of this server`);
  return done({ told: keeper?.notify(zone) ?? 0 });
}

function withResolver<Reply extends ControlReply | Promise<ControlReply>>(
  { system }: ControlTarget,
  run: (resolver: Resolver) => Reply,
): Reply | ControlReply {
  return system.resolver ? run(system.resolver) : refuse('this server does not resolve');
}

function withName(request: Request, run: (name: DnsName) => ControlReply): ControlReply {
  const name = nameIn(request);
  return typeof name === 'string' ? refuse(name) : run(name);
}

/** The name, or what is wrong with it. */
function nameIn({ name: text }: Request): DnsName | string {
  if (typeof text !== 'string') return "'name' is missing";
  const name = parseName(octetsOf(text.endsWith('.') ? text : `${text}.`));
  return name.ok ? name.value : `'name' is no name: ${name.error}`;
}

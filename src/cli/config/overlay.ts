/** The configuration that a command line makes of a file: what it says itself wins. */

import { dirname, resolve } from 'node:path';
import type { ServeOptions } from '../serve.ts';
import type { Config, ConfigKey, ConfigZone } from './config.ts';

/** `above` where it says something, else `below`; lists are replaced whole. */
export function overlay(below: Config, above: Config): Config {
  return merge(below, above) as Config;
}

/** What the options of `ts-dns serve` say. */
export function configOf(options: ServeOptions): Config {
  const { listen, zone, zoneDir, recursion, io, workers, logLevel, any, rotate } = options;
  const { control, cacheFile, queryLog } = options;
  const { explainAllow, rootHints, upstreamPort, allow, id, versionText: version } = options;
  return withoutGaps({
    listen,
    io,
    workers,
    logLevel,
    zones: zone,
    zoneFolders: zoneDir,
    recursion,
    control,
    cacheFile,
    queryLog,
    // Its default is true: only false was said by somebody.
    answers: withoutGaps({ any, rotate, minimal: options.minimalResponses ? undefined : false }),
    identity: withoutGaps({ id, version }),
    access: withoutGaps({ recursion: allow, explain: explainAllow }),
    resolver: withoutGaps({ rootHints, upstreamPort }),
  });
}

/** Files that a configuration names lie beside it, wherever the server is started. */
export function withPathsFrom(file: string, config: Config): Config {
  const from = (path: string): string => resolve(dirname(file), path);
  const { zones, zoneFolders, resolver, control, cacheFile, keys, secondaries } = config;
  const { queryLog } = config;
  const { rootHints } = resolver ?? {};
  return {
    ...config,
    ...(zones && { zones: zones.map((zone) => withPaths(zone, from)) }),
    ...(secondaries && {
      secondaries: secondaries.map((one) => ({ ...one, file: from(one.file) })),
    }),
    ...(keys && { keys: keys.map((key) => withPath(key, from)) }),
    ...(control !== undefined && { control: from(control) }),
    ...(cacheFile !== undefined && { cacheFile: from(cacheFile) }),
    ...(queryLog !== undefined && { queryLog: from(queryLog) }),
    ...(zoneFolders && { zoneFolders: zoneFolders.map(from) }),
    ...(rootHints !== undefined && { resolver: { ...resolver, rootHints: from(rootHints) } }),
  };
}

function withPath(key: ConfigKey, from: (path: string) => string): ConfigKey {
  return key.file === undefined ? key : { ...key, file: from(key.file) };
}

function withPaths(zone: ConfigZone, from: (path: string) => string): ConfigZone {
  const { file, journal } = zone;
  return { ...zone, file: from(file), ...(journal !== undefined && { journal: from(journal) }) };
}

type Gapless<Value> = { [Name in keyof Value]: Exclude<Value[Name], undefined> };

function withoutGaps<Value extends object>(value: Value): Partial<Gapless<Value>> {
  const said = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(said) as Partial<Gapless<Value>>;
}

function merge(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isSection(below) || !isSection(above)) return above;
  const merged = { ...below };
  for (const [name, value] of Object.entries(above)) merged[name] = merge(below[name], value);
  return merged;
}

/** As opposed to a value that happens to be an object, such as a name or a prefix. */
function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === PLAIN;
}

const PLAIN: unknown = Object.prototype;

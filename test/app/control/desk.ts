/** The commands of the control socket over a resolver in a simulated internet. */
import { controlHandler, type ControlTarget } from '../../../src/app/control/commands.ts';
import { success } from '../../../src/wire/result.ts';
import type { Lines } from '../../../src/app/control/session.ts';
import { ZoneSet } from '../../../src/authority/zone-set.ts';
import type { Resolver, ResolverOptions } from '../../../src/resolver/resolver.ts';
import { plainInternet, type Internet } from '../../resolver/fixture.ts';

export async function textOf(lines: Lines): Promise<string> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all.join('\n');
}

export interface Desk {
  readonly internet: Internet;
  readonly resolver: Resolver;
  readonly target: ControlTarget;
  readonly done: string[];
  readonly files: Map<string, string>;
  send(request: object): Promise<unknown>;
}

export async function desk(
  internet?: Internet,
  options: Partial<ResolverOptions> = {},
): Promise<Desk> {
  const world = internet ?? (await plainInternet());
  const resolver = world.resolver(options);
  const done: string[] = [];
  const files = new Map<string, string>();
  const { clock } = world.resolverHost.runtime;
  const endpoints = [{ address: '192.0.2.53', port: 53 }];
  const target: ControlTarget = {
    system: {
      endpoints,
      zones: new ZoneSet(),
      resolver,
      answerCacheStatistics: { hits: 3, misses: 4, entries: 0, octets: 0, evictions: 0 },
      forgetFinishedAnswers: () => void done.push('forget'),
    },
    clock,
    version: '1.2.3',
    startedAtMs: clock.monotonic(),
    memory: () => ({ rss: 5 }),
    logLevels: ['debug', 'info'],
    logLevel: 'info',
    reload: async () => {
      done.push('reload');
      return success({ changed: ['access.drop'], afterRestart: [] });
    },
    stop: () => void done.push('stop'),
    writeFile: async (file, lines) => void files.set(file, await textOf(lines)),
    readFile: async (file) => files.get(file) ?? Promise.reject(new Error('no such file')),
  };
  const handle = controlHandler(target);
  const send = async (request: object): Promise<unknown> => handle({ ...request });
  return { internet: world, resolver, target, done, files, send };
}

/** What a configuration says of a system, wherever it runs: in this thread, or in each worker. */

import type {
  AnswerOptions,
  LiveSettings,
  RecursionOptions,
  SystemOptions,
} from '../app/system.ts';
import type { Endpoint } from '../net/ports.ts';
import { addressesBehind } from '../net/real/own-addresses.ts';
import type { ClientOptions } from '../query/clients.ts';
import { LOOPBACK_PREFIXES } from '../query/address-prefix.ts';
import type { NamePolicy } from '../resolver/name-policy.ts';
import { rootHints } from '../resolver/root-hints.ts';
import { nameOf } from '../wire/name-text.ts';
import type { Config } from './config/config.ts';
import { DNS_PORT } from './options.ts';
import { readHints } from './root-hints-file.ts';
import { signingKeys } from './signing-keys.ts';
import { zonePolicies } from './zone-options.ts';

export const DEFAULT_LISTEN: readonly Endpoint[] = [{ address: '127.0.0.1', port: DNS_PORT }];

export async function systemOptions(
  config: Config,
): Promise<Omit<SystemOptions, 'runtime' | 'logger' | 'listen' | 'zones'>> {
  const recursion = config.recursion === true ? await recursionOptions(config) : undefined;
  const { explain } = config.access ?? {};
  const { keys, transfers } = config;
  return {
    ...(keys && { keys: await signingKeys(keys) }),
    ...(transfers && { transfers }),
    policies: zonePolicies(config),
    ...(recursion && { recursion }),
    answers: answerOptions(config),
    ...(config.answers?.cacheOctets !== undefined && {
      answerCacheOctets: config.answers.cacheOctets,
    }),
    identity: config.identity ?? {},
    ...(explain && { explainAllow: explain }),
    clients: clientOptions(config),
    ...(config.clients?.tcp && { tcp: config.clients.tcp }),
  };
}

/** What of it a running system takes over (`liveKey` in `config/schema.ts`). */
export function liveSettings(config: Config): LiveSettings {
  const { recursion: recurse = LOOPBACK_PREFIXES, refuse = [], drop = [] } = config.access ?? {};
  const policies = zonePolicies(config);
  return { access: { recurse, refuse, drop }, names: namePolicy(config), policies };
}

function namePolicy({ resolver = {} }: Config): NamePolicy {
  const { stubs = [], forwards = [], localZones = [], localData = [], privateReverse } = resolver;
  // A root of one's own may delegate `test`, which is there for that (RFC 6761 §6.2). The other
  // names mean the same whatever root is asked.
  const isOwnRoot = resolver.specialUse === undefined && resolver.rootHints !== undefined;
  const given = isOwnRoot ? [{ name: nameOf('test.'), kind: 'nodefault' } as const] : [];
  return {
    ...{ stubs, forwards, localZones: [...given, ...localZones], localData },
    specialUse: resolver.specialUse ?? true,
    ...(privateReverse !== undefined && { privateReverse }),
  };
}

function clientOptions({ access, clients }: Config): ClientOptions {
  const { refuse = [], drop = [] } = access ?? {};
  const { cookies = 'answer', cookieSecrets, rateLimit = {}, lateReplies = {} } = clients ?? {};
  const secrets = cookieSecrets && { cookieSecrets };
  return { refuse, drop, cookies, rate: rateLimit, late: lateReplies, ...secrets };
}

function answerOptions({ answers }: Config): AnswerOptions {
  const { any, minimal = true, rotate = false } = answers ?? {};
  return { isMinimal: minimal, rotate, ...(any && { any }) };
}

async function recursionOptions(config: Config): Promise<RecursionOptions> {
  const { rootHints: file, cache, ...options } = config.resolver ?? {};
  const { upstreamPort = DNS_PORT, allowLoopback, doNotQuery = [] } = options;
  // Asking an own address would be asking ourselves only where we listen on the port asked.
  const own = (config.listen ?? DEFAULT_LISTEN)
    .filter(({ port }) => port === upstreamPort)
    .flatMap(({ address }) => addressesBehind(address));
  return {
    ...options,
    ...namePolicy(config),
    allow: config.access?.recursion ?? LOOPBACK_PREFIXES,
    rootHints: file === undefined ? rootHints : await readHints(file),
    doNotQuery: [...doNotQuery, ...own],
    // Hints that a person wrote may name this machine (a test network); a zone never may.
    allowLoopback: allowLoopback ?? file !== undefined,
    upstreamPort,
    ...(cache && { cacheLimits: cache }),
  };
}

/** Options become the parts of a resolver, each with its default. */

import { createCache, type Cache } from '../cache/cache.ts';
import type { Delegation } from '../cache/delegation-cache.ts';
import { ConnectionPool } from '../client/connection-pool.ts';
import { addressToBytes } from '../net/address.ts';
import { silentLogger } from '../net/logger.ts';
import { DnsName } from '../wire/name.ts';
import { ChildNames } from './child-names.ts';
import { zeroCounters, type Core } from './core.ts';
import { createAddressFilter, type AddressFilter } from './do-not-query.ts';
import { Interiors } from './interiors.ts';
import { iterate } from './iterate.ts';
import { resolverLimits } from './limits.ts';
import { Lookups } from './lookups.ts';
import { MinimisedSteps } from './minimised-steps.ts';
import { nameRules } from './name-policy.ts';
import type { ResolverOptions } from './resolver.ts';
import type { RootHint } from './root-hints.ts';
import { RootServers } from './root-servers.ts';
import { ServerTable } from './servers.ts';
import { staleSecondsOf } from './stale.ts';

const DNS_PORT = 53;

/** `self`: what this returns, for parts that need the others. */
export function createCore(options: ResolverOptions, self: () => Core): Core {
  const { runtime, privateAddresses = [], privateDomains = [] } = options;
  const mayAsk = createAddressFilter({
    allowLoopback: options.allowLoopback ?? false,
    addresses: options.doNotQuery ?? [],
  });
  const limits = { ...resolverLimits, ...options.limits };
  const { clock, random } = runtime;
  return {
    runtime,
    mayAsk,
    cache: cacheFor(options, (name) => self().configured.labelsAbove(name)),
    servers: new ServerTable(clock, random),
    connections: new ConnectionPool(runtime, options.connectionLimits),
    lookups: new Lookups(self, iterate),
    minimisedSteps: new MinimisedSteps(),
    interiors: new Interiors(clock),
    childNames: new ChildNames(clock),
    limits,
    logger: options.logger ?? silentLogger,
    counters: zeroCounters(),
    root: new RootServers({
      clock,
      hints: rootDelegation(options.rootHints, mayAsk),
      mayAsk,
      limits,
      isPrimed: options.priming ?? true,
    }),
    ...nameRules(options, mayAsk),
    privateAddresses: { prefixes: privateAddresses, domains: privateDomains },
    ...mannersOf(options),
  };
}

/** How servers are asked. */
function mannersOf(
  options: ResolverOptions,
): Pick<
  Core,
  | 'minimisation'
  | 'childNameServers'
  | 'cutRule'
  | 'randomCase'
  | 'cookies'
  | 'upstreamTransport'
  | 'upstreamPort'
  | 'useIPv6'
> {
  return {
    minimisation: options.qnameMinimisation ?? 'relaxed',
    childNameServers: options.childNameServers ?? 'proven',
    cutRule: options.cutRule ?? 'shorter',
    randomCase: options.randomCase ?? true,
    cookies: options.cookies ?? true,
    upstreamTransport: options.upstreamTransport ?? 'udp',
    upstreamPort: options.upstreamPort ?? DNS_PORT,
    useIPv6: options.useIPv6 ?? true,
  };
}

function cacheFor(options: ResolverOptions, cutsBelow: (name: DnsName) => number): Cache {
  const { cacheLimits, nxdomainCut = false, runtime, serveStale } = options;
  return createCache(runtime.clock, cacheLimits, {
    staleSeconds: staleSecondsOf(serveStale),
    cutsBelow: nxdomainCut ? cutsBelow : undefined,
    random: runtime.random,
  });
}

function rootDelegation(hints: readonly RootHint[], mayAsk: AddressFilter): Delegation {
  const nameServers = hints.map(({ name, addresses }) => ({
    name,
    addresses: addresses.flatMap((text) => {
      const octets = addressToBytes(text);
      return (octets && mayAsk(octets)) ?? [];
    }),
  }));
  return { zone: DnsName.root, nameServers, expiresAtMs: Infinity };
}

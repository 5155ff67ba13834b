/**
 * A small internet of our own servers over one `Runtime`: authorities for the root, top-level and
 * other zones, each on an address of its own, and a resolver that starts at their root.
 */

import type { Logger } from '../net/logger.ts';
import type { Endpoint, Runtime } from '../net/ports.ts';
import { LOOPBACK_PREFIXES } from '../query/address-prefix.ts';
import type { RootHint } from '../resolver/root-hints.ts';
import type { Zone } from '../zone/zone.ts';
import { startSystem, type System } from './system.ts';

/** A dozen servers in one process, of a few names each. */
const ANSWER_CACHE_OCTETS = 1_048_576;

export interface InternetOptions {
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Every server listens on this port, so delegations, which carry none, can be followed. */
  readonly port: number;
  readonly resolver: string;
  readonly rootHints: readonly RootHint[];
  readonly servers: readonly InternetServer[];
}

export interface InternetServer {
  /** The name that its zones know it by. */
  readonly name: string;
  readonly address: string;
  readonly zones: readonly Zone[];
}

export interface Internet {
  readonly resolver: System;
  /** In the order of `InternetOptions.servers`. */
  readonly authorities: readonly System[];
  close(): Promise<void>;
}

/** Starts every server or none: rejects with the `BindError` of the first that cannot start. */
export async function startInternet(options: InternetOptions): Promise<Internet> {
  const running: System[] = [];
  try {
    for (const server of options.servers) running.push(await startAuthority(options, server));
    running.push(await startResolver(options));
  } catch (error) {
    await closeAll(running);
    throw error;
  }
  return {
    resolver: running.at(-1)!,
    authorities: running.slice(0, -1),
    close: () => closeAll(running),
  };
}

function startAuthority(options: InternetOptions, server: InternetServer): Promise<System> {
  const { runtime, logger, port } = options;
  const listen: Endpoint[] = [{ address: server.address, port }];
  // The course asks for ANY, and the resolver asks over UDP.
  const answers = { any: 'full' } as const;
  const zonesAndAnswers = { zones: server.zones, answers, answerCacheOctets: ANSWER_CACHE_OCTETS };
  return startSystem({ runtime, logger, listen, ...zonesAndAnswers });
}

function startResolver(options: InternetOptions): Promise<System> {
  const { runtime, logger, port, rootHints } = options;
  return startSystem({
    runtime,
    logger,
    answerCacheOctets: ANSWER_CACHE_OCTETS,
    listen: [{ address: options.resolver, port }],
    zones: [],
    recursion: {
      rootHints,
      upstreamPort: port,
      allow: LOOPBACK_PREFIXES,
      specialUse: false,
      // Its root delegates reverse zones of addresses for documentation.
      privateReverse: false,
      // Its authorities live on the loopback network, where a resolver asks nobody otherwise.
      allowLoopback: true,
    },
  });
}

async function closeAll(systems: readonly System[]): Promise<void> {
  await Promise.all(systems.map((system) => system.close()));
}

/** The servers of the experiment: a primary, its secondaries, caches, and a root above them. */

import { drop, pass } from '../../../sim/packet.ts';
import { LabInternet, type AuthorityPlan, type ResolverPlan } from '../../ttl/internet.ts';
import { MAX_DAYS } from '../../ttl/ttl-run.ts';
import { LAB_ROOT_ADDRESS } from '../../ttl/zone-text.ts';
import type { MixOptions } from './mix.ts';
import { addressOf, ORIGIN, PRIMARY, rootZone, secondaryNames, sharedZone } from './mix-zone.ts';

const ANYBODY = { prefixes: [{ octets: new Uint8Array(4), bits: 0 }], keys: [] };
const LONG_SECONDS = 86_400 * 7;
const DNS_PORT = 53;
/** RFC 1035 §4.1.1: the opcode of NOTIFY, as it stands in the third octet. */
const NOTIFY_BITS = 4 << 3;

export interface Mix {
  readonly internet: LabInternet;
  readonly secondaries: readonly string[];
  readonly caches: readonly string[];
}

export async function openMix(options: MixOptions): Promise<Mix> {
  const secondaries = secondaryNames(options.secondaries);
  const caches = Array.from({ length: options.caches }, (_, index) => `cache ${index + 1}`);
  const internet = await LabInternet.open({
    seed: options.seed,
    authorities: [
      { name: 'root', address: LAB_ROOT_ADDRESS, zones: [rootZone(secondaries)] },
      primaryPlan(options, secondaries),
      ...secondaries.map(secondaryPlan),
    ],
    resolvers: caches.map((name, index) => cachePlan(name, index, options)),
    link: { delayMs: options.delayMs },
    timeLimitMs: MAX_DAYS * 86_400_000,
  });
  if (options.mutant === 'deaf') {
    internet.world.install(({ fromHost, transport, bytes }) => {
      const isNotify = transport === 'udp' && ((bytes[2] ?? 0) & 0xf8) === NOTIFY_BITS;
      return fromHost === PRIMARY && isNotify ? drop : pass;
    });
  }
  return { internet, secondaries, caches };
}

function primaryPlan(options: MixOptions, secondaries: readonly string[]): AuthorityPlan {
  const { times, notifies } = options;
  return {
    name: PRIMARY,
    address: addressOf(PRIMARY),
    zones: [sharedZone(secondaries, times)],
    keeping: {
      policies: { zones: [[ORIGIN, { transfer: ANYBODY, update: ANYBODY }]] },
      journaled: [{ origin: ORIGIN, journal: 'shared.journal' }],
      targetsOf: () => (notifies ? { also: [] } : undefined),
    },
  };
}

function secondaryPlan(name: string): AuthorityPlan {
  const server = { address: addressOf(PRIMARY), port: DNS_PORT };
  return {
    name,
    address: addressOf(name),
    zones: [],
    keeping: {
      policies: {},
      secondaries: [{ origin: ORIGIN, primaries: [{ server }], file: 'shared.kept' }],
    },
  };
}

function cachePlan(name: string, index: number, options: MixOptions): ResolverPlan {
  const { maxStaleSeconds, mutant } = options;
  return {
    name,
    address: `203.0.113.${index + 1}`,
    isSmall: true,
    recursion: {
      ...(maxStaleSeconds > 0 && { serveStale: { maxAgeSeconds: maxStaleSeconds } }),
      ...(mutant === 'keeps-longer' && { cacheLimits: { ttlSecondsMin: LONG_SECONDS } }),
    },
  };
}

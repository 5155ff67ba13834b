/**
 * The zone that everybody shares: one date, which is a TXT record, and the name servers that have
 * it. The first of them is the primary.
 */

import type { DnsName } from '../../../wire/name.ts';
import { nameOf } from '../../../wire/name-text.ts';
import type { Zone } from '../../../zone/zone.ts';
import { rootTextNaming, zoneOfText } from '../../ttl/zone-text.ts';

export const ORIGIN: DnsName = nameOf('shared.example.');
export const DATE: DnsName = nameOf('date.shared.example.');
export const PRIMARY = 'ns1';
const NETWORK = '192.0.2.';
const DAY_SECONDS = 86_400;

/** The numbers of the SOA, and the TTL of the date. */
export interface ZoneTimes {
  readonly refreshSeconds: number;
  readonly retrySeconds: number;
  readonly expireSeconds: number;
  readonly ttlSeconds: number;
}

export function secondaryNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `ns${index + 2}`);
}

/** Of 'ns1', 'ns2' and so on. */
export function addressOf(server: string): string {
  return `${NETWORK}${server.slice(2)}`;
}

export function sharedZone(secondaries: readonly string[], times: ZoneTimes): Zone {
  const { refreshSeconds, retrySeconds, expireSeconds, ttlSeconds } = times;
  const servers = [PRIMARY, ...secondaries];
  const timers = `${refreshSeconds} ${retrySeconds} ${expireSeconds} 60`;
  return zoneOfText(`
$ORIGIN ${ORIGIN.toString()}
$TTL ${DAY_SECONDS}
@ SOA ${PRIMARY} hostmaster 1 ${timers}
${servers.map((server) => `@ NS ${server}`).join('\n')}
${servers.map((server) => `${server} A ${addressOf(server)}`).join('\n')}
date ${ttlSeconds} TXT "at the start"
`);
}

export function rootZone(secondaries: readonly string[]): Zone {
  const servers = [PRIMARY, ...secondaries].map((server) => ({
    name: nameOf(`${server}.${ORIGIN.toString()}`),
    addresses: [addressOf(server)],
  }));
  return zoneOfText(rootTextNaming(ORIGIN, { servers, ttl: 2 * DAY_SECONDS }));
}

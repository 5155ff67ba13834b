/**
 * The machines of a planned change: a root in the place of the zone's parent, and a server for
 * each address that the zone's name servers have, before and after. Where none of them moves, one.
 */

import type { DnsName } from '../../wire/name.ts';
import type { Zone } from '../../zone/zone.ts';
import type { ChangePlan } from './plan.ts';
import type { ScenarioEvent, ServerNode } from './scenario.ts';
import { LAB_ROOT_ADDRESS, rootTextAbove, rootTextNaming, zoneOfText } from './zone-text.ts';
import { serversOf, type ZoneServer } from './zone-servers.ts';

const DOMAIN_ADDRESS = '192.0.2.53';

export interface Move {
  readonly servers: readonly ServerNode[];
  /** Of the delegation, in seconds. */
  readonly parentTtl: number;
  /** The parent's zone when it names these. */
  rootNaming(servers: readonly ZoneServer[]): Zone;
  /** The servers that only the old zone has are off from now on. */
  switchOff(atMs: number): readonly ScenarioEvent[];
}

export function moveOf(zone: Zone, plan: ChangePlan): Move {
  const { parentTtlSeconds: parentTtl } = plan;
  const before = serversOf(zone);
  const after = plan.steps.findLast(({ servers }) => servers)?.servers ?? before;
  const places = new Places([...before, ...after]);
  const rootNaming = (servers: readonly ZoneServer[]): Zone => {
    if (!plan.movesNameServers) return zoneOfText(rootTextAbove(zone.origin, DOMAIN_ADDRESS));
    const placed = servers.map((server) => {
      return { name: server.name, addresses: places.of(server) };
    });
    return zoneOfText(rootTextNaming(zone.origin, { servers: placed, ttl: parentTtl }));
  };
  const old = new Set(before.flatMap((server) => places.of(server)));
  const next = new Set(after.flatMap((server) => places.of(server)));
  const addresses = plan.movesNameServers ? [...new Set([...old, ...next])] : [DOMAIN_ADDRESS];
  const gone = [...old].filter((address) => !next.has(address));
  return {
    parentTtl,
    servers: [
      { name: 'root', address: LAB_ROOT_ADDRESS, zones: [rootNaming(before)] },
      ...addresses.map((address) => {
        return { name: nodeOf(address), address, zones: [zone], namesServers: true };
      }),
    ],
    rootNaming,
    switchOff: (atMs) =>
      plan.movesNameServers ? [{ kind: 'crash', atMs, nodes: gone.map(nodeOf) }] : [],
  };
}

function nodeOf(address: string): string {
  return `server ${address}`;
}

/** Servers with names in other zones get addresses of the laboratory: the same name, the same. */
class Places {
  readonly #names: DnsName[] = [];

  constructor(servers: readonly ZoneServer[]) {
    for (const { name, addresses } of servers) {
      const isKnown = this.#names.some((one) => one.equals(name));
      if (addresses.length === 0 && !isKnown) this.#names.push(name);
    }
  }

  of({ name, addresses }: ZoneServer): readonly string[] {
    if (addresses.length > 0) return addresses;
    return [`198.18.0.${this.#names.findIndex((one) => one.equals(name)) + 1}`];
  }
}

/** The name servers of a scenario: who serves zones of its own, and who takes them from whom. */

import type { AuthorityPlan, Keeping } from './internet.ts';
import type { ServerNode } from './scenario.ts';

const DNS_PORT = 53;
const ANYBODY = { prefixes: [{ octets: new Uint8Array(4), bits: 0 }], keys: [] };

/** Primaries first: a secondary that finds nobody waits before it asks again. */
export function authoritiesOf(servers: readonly ServerNode[]): readonly AuthorityPlan[] {
  const [own, taken] = [servers.filter(hasNoCopies), servers.filter((one) => !hasNoCopies(one))];
  return [...own, ...taken].map((server) => {
    const { name, address, zones, namesServers = false } = server;
    const keeping = keepingOf(server, servers);
    return {
      ...{ name, address, zones },
      ...(namesServers && { answers: { isMinimal: false } }),
      ...(keeping && { keeping }),
    };
  });
}

function hasNoCopies({ copies = [] }: ServerNode): boolean {
  return copies.length === 0;
}

/** Undefined: its zones are nobody else's, and nobody's but its own. */
function keepingOf(server: ServerNode, servers: readonly ServerNode[]): Keeping | undefined {
  const addresses = new Map(servers.map(({ name, address }) => [name, address]));
  const { name, copies = [] } = server;
  const secondaries = servers.filter((one) =>
    (one.copies ?? []).some(({ primary }) => primary === name),
  );
  if (copies.length === 0 && secondaries.length === 0) return undefined;
  return {
    policies: { others: { transfer: ANYBODY } },
    secondaries: copies.map(({ origin, primary }) => ({
      origin,
      primaries: [{ server: { address: addresses.get(primary)!, port: DNS_PORT } }],
      file: `${origin.toString()}kept`,
    })),
    targetsOf: (origin) => {
      const told = secondaries.filter((one) =>
        (one.copies ?? []).some((copy) => copy.origin.equals(origin)),
      );
      const also = told.map(({ address }) => ({ address, port: DNS_PORT }));
      return also.length === 0 ? undefined : { also };
    },
  };
}

/** Zones that the laboratory writes itself: text, and what it becomes. */

import type { DnsName } from '../../wire/name.ts';
import { nameOf } from '../../wire/name-text.ts';
import { loadZone, type Zone } from '../../zone/zone.ts';

export const LAB_ROOT_ADDRESS = '198.41.0.4';

/** Throws when the text is no zone: whoever wrote it here has made a mistake. */
export function zoneOfText(text: string): Zone {
  const loaded = loadZone(new TextEncoder().encode(text), { file: 'the laboratory' });
  if (!loaded.ok) throw new Error(loaded.error.map(({ message }) => message).join('; '));
  return loaded.value;
}

/** A root that delegates `origin` to one server, whatever servers the zone itself names. */
export function rootTextAbove(origin: DnsName, serverAddress: string): string {
  const name = nameOf(`ns-of-the-lab.${origin.toString()}`);
  return rootTextNaming(origin, { servers: [{ name, addresses: [serverAddress] }], ttl: 172_800 });
}

/** A root that delegates `origin` to these servers, and knows their IPv4 addresses. */
export function rootTextNaming(
  origin: DnsName,
  {
    servers,
    ttl,
  }: {
    readonly servers: readonly {
      readonly name: DnsName;
      readonly addresses: readonly string[];
    }[];
    readonly ttl: number;
  },
): string {
  return [
    '$ORIGIN .',
    '$TTL 172800',
    '@ SOA a.root-servers.net. hostmaster.root-servers.net. 1 1800 900 604800 86400',
    '@ NS a.root-servers.net.',
    `a.root-servers.net. A ${LAB_ROOT_ADDRESS}`,
    ...servers.map(({ name }) => `${origin.toString()} ${ttl} NS ${name.toString()}`),
    ...servers.flatMap(({ name, addresses }) =>
      addresses.map((address) => `${name.toString()} ${ttl} A ${address}`),
    ),
    '',
  ].join('\n');
}

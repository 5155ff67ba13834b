/**
 * How domains of the generated internet are delegated: well, badly, and in every way between. Each
 * kind says who serves the domain, what its parent says about that, and what it says itself.
 */
import { pick, type Random } from '../rich-zone.ts';
import { addServer, type DraftZone } from './draft-zone.ts';
import {
  domainHosts,
  REFUSING_ADDRESS,
  SILENT_ADDRESSES,
  twoPlaces,
  type AuthorityHost,
} from './hosts.ts';
import { providerNames } from './providers.ts';

export interface Delegated {
  /** The domain. */
  readonly zone: DraftZone;
  /** The zone that delegates it. */
  readonly parent: DraftZone;
  readonly random: Random;
}

export type DelegationKind =
  | 'in-domain glue'
  | 'one server of two addresses'
  | 'sibling glue'
  | 'no glue'
  | 'a silent server'
  | 'a refusing server'
  | 'a lame server'
  | 'all servers silent'
  | 'all servers lame'
  | 'parent and child name other servers'
  | 'the child names a silent server'
  | 'stale glue'
  | 'the child knows its server by a wrong address'
  | 'a server that does not exist'
  | 'a server whose name is an alias'
  | 'IPv6 only'
  | 'sixteen servers';

export function delegate(kind: DelegationKind, delegated: Delegated): void {
  kinds[kind](delegated);
}

const kinds: Readonly<Record<DelegationKind, (to: Delegated) => void>> = {
  'in-domain glue': (to) => {
    const [one, two] = twoPlaces(to.random);
    serve(to, one.host, two.host);
    both(to, 'ns1', one.address);
    both(to, 'ns2', two.address);
  },
  'one server of two addresses': (to) => {
    const host = pick(to.random, domainHosts);
    serve(to, host);
    both(to, 'ns', ...host.addresses);
  },
  'sibling glue': (to) => {
    byProvider(to, topOf(to.zone.origin));
  },
  'no glue': (to) => {
    const others = ['alpha.', 'beta.', 'gamma.', 'delta.'];
    byProvider(
      to,
      pick(
        to.random,
        others.filter((top) => top !== topOf(to.zone.origin)),
      ),
    );
  },
  'a silent server': (to) => {
    const [one] = twoPlaces(to.random);
    serve(to, one.host);
    both(to, 'ns1', pick(to.random, SILENT_ADDRESSES));
    both(to, 'ns2', one.address);
  },
  'a refusing server': (to) => {
    const [one] = twoPlaces(to.random);
    serve(to, one.host);
    both(to, 'ns1', REFUSING_ADDRESS);
    both(to, 'ns2', one.address);
  },
  'a lame server': (to) => {
    const [one, two] = twoPlaces(to.random);
    serve(to, one.host);
    both(to, 'ns1', two.address);
    both(to, 'ns2', one.address);
  },
  'all servers silent': (to) => {
    both(to, 'ns1', SILENT_ADDRESSES[0]);
    both(to, 'ns2', SILENT_ADDRESSES[1]);
  },
  'all servers lame': (to) => {
    const [one, two] = twoPlaces(to.random);
    both(to, 'ns1', one.address);
    both(to, 'ns2', two.address);
  },
  'parent and child name other servers': (to) => {
    const [one, two] = twoPlaces(to.random);
    serve(to, one.host, two.host);
    parent(to, 'ns1', one.address);
    child(to, 'ns2', two.address);
  },
  'the child names a silent server': (to) => {
    const [one] = twoPlaces(to.random);
    serve(to, one.host);
    parent(to, 'ns1', one.address);
    child(to, 'ns2', pick(to.random, SILENT_ADDRESSES));
  },
  'stale glue': (to) => {
    const [one, two] = twoPlaces(to.random);
    serve(to, one.host, two.host);
    parent(to, 'ns1', pick(to.random, SILENT_ADDRESSES));
    child(to, 'ns1', one.address);
    both(to, 'ns2', two.address);
  },
  'the child knows its server by a wrong address': (to) => {
    const [one] = twoPlaces(to.random);
    serve(to, one.host);
    parent(to, 'ns1', one.address);
    child(to, 'ns1', REFUSING_ADDRESS);
  },
  'a server that does not exist': (to) => {
    const [one] = twoPlaces(to.random);
    serve(to, one.host);
    both(to, 'ns1', one.address);
    both(to, `no-such-server.prov.${topOf(to.zone.origin)}`);
  },
  'a server whose name is an alias': (to) => {
    const [one] = twoPlaces(to.random);
    serve(to, one.host);
    both(to, 'ns1', one.address);
    both(to, `alias.prov.${topOf(to.zone.origin)}`);
  },
  'IPv6 only': (to) => {
    const host = domainHosts[to.random(2)]!;
    serve(to, host);
    both(to, 'ns1', ...host.addresses.filter((address) => address.includes(':')));
  },
  'sixteen servers': (to) => {
    serve(to, ...domainHosts);
    const addresses = domainHosts.flatMap((host) => host.addresses);
    for (let i = 0; i < 16; i++) both(to, `ns${i}`, addresses[i % addresses.length]!);
  },
};

/** How often each kind comes, in the order in which domains get them. */
export const kindPattern: readonly DelegationKind[] = [
  ...repeat('in-domain glue', 34),
  ...repeat('no glue', 32),
  ...repeat('sibling glue', 20),
  ...repeat('one server of two addresses', 14),
  ...repeat('parent and child name other servers', 6),
  ...repeat('a lame server', 4),
  ...repeat('a silent server', 3),
  ...repeat('a refusing server', 4),
  ...repeat('stale glue', 2),
  'the child names a silent server',
  'the child knows its server by a wrong address',
  ...repeat('a server that does not exist', 2),
  ...repeat('IPv6 only', 2),
  'a server whose name is an alias',
  'sixteen servers',
  'all servers lame',
];

function repeat(kind: DelegationKind, count: number): readonly DelegationKind[] {
  return Array.from({ length: count }, () => kind);
}

function serve({ zone }: Delegated, ...hosts: readonly AuthorityHost[]): void {
  for (const host of hosts) zone.hosts.add(host.id);
}

/** One server in the NS set, with addresses if its name is inside the domain. */
function both(to: Delegated, label: string, ...addresses: readonly string[]): void {
  parent(to, label, ...addresses);
  child(to, label, ...addresses);
}

function parent(to: Delegated, label: string, ...addresses: readonly string[]): void {
  const server = to.zone.absolute(label);
  addServer(to.parent, { zone: to.zone.origin, ttl: 3600, server }, addresses);
}

function child({ zone }: Delegated, label: string, ...addresses: readonly string[]): void {
  addServer(zone, { zone: zone.origin, ttl: 7200, server: zone.absolute(label) }, addresses);
}

function byProvider(to: Delegated, top: string): void {
  const all = providerNames(top);
  const first = to.random(all.length);
  for (const at of [first, (first + 1) % all.length]) {
    const { server, host } = all[at]!;
    serve(to, host);
    both(to, server);
  }
}

/** The top-level domain, as it is written: `alpha.`. */
function topOf(origin: string): string {
  return `${origin.split('.').at(-2)!}.`;
}

/**
 * An internet made from a seed: a root, five top-level domains and one zone between them and the
 * domains, some hundreds of domains delegated in every way (delegation-kinds.ts), domains below
 * those, and pairs of domains that depend on each other.
 */
import { pick, type Random } from '../rich-zone.ts';
import { delegate, kindPattern, type DelegationKind } from './delegation-kinds.ts';
import { fillDomain } from './domain-data.ts';
import { addAddress, addressType, addServer, DraftZone } from './draft-zone.ts';
import { domainHosts, rootHosts, topHosts, twoPlaces, type AuthorityHost } from './hosts.ts';
import { providerNames } from './providers.ts';

const DOMAINS = 310;
/** Domains whose chain of aliases ends the chains of those before. */
const CHAIN_EVERY = 5;
const SUBDOMAIN_EVERY = 3;
const PAIRS = 4;

export interface PrivateInternet {
  readonly zones: readonly DraftZone[];
  readonly hints: string;
  /** Domains and how they are delegated. */
  readonly kinds: ReadonlyMap<string, DelegationKind | 'a circle' | 'a pair'>;
}

export function makeInternet(random: Random): PrivateInternet {
  return new Maker(random).make();
}

class Maker {
  readonly #random: Random;
  readonly #zones = new Map<string, DraftZone>();
  readonly #kinds = new Map<string, DelegationKind | 'a circle' | 'a pair'>();

  constructor(random: Random) {
    this.#random = random;
  }

  make(): PrivateInternet {
    this.#addTop();
    for (const top of ['alpha.', 'beta.', 'gamma.', 'delta.']) this.#addProvider(top);
    this.#addDomains();
    this.#addPairs();
    this.#addDead();
    const hints = rootHosts.flatMap(({ id, addresses }) => [
      `. 3600000 IN NS ${id}.`,
      ...addresses.map((address) => `${id}. 3600000 IN ${addressType(address)} ${address}`),
    ]);
    return { zones: [...this.#zones.values()], hints: `${hints.join('\n')}\n`, kinds: this.#kinds };
  }

  #zone(origin: string, ...hosts: readonly AuthorityHost[]): DraftZone {
    const zone = this.#zones.get(origin) ?? new DraftZone(origin, this.#random);
    this.#zones.set(origin, zone);
    for (const { id } of hosts) zone.hosts.add(id);
    return zone;
  }

  /** The names of the root's servers are names of the root zone itself. */
  #addTop(): void {
    const root = this.#zone('.', ...rootHosts);
    for (const host of rootHosts) addToBoth([root, root], `${host.id}.`, host.addresses);
    const serversOf = { 'alpha.': 'nic.alpha.', 'beta.': 'nic.gamma.', 'gamma.': 'nic.gamma.' };
    for (const [origin, nic] of Object.entries(serversOf)) {
      const zone = this.#zone(origin, ...topHosts);
      for (const host of topHosts) {
        // What stands at gamma's servers is glue of beta's in the root, data in gamma.
        addToBoth([root, zone], `${host.id}.${nic}`, nic.endsWith(origin) ? host.addresses : []);
      }
    }
    this.#zone('delta.', ...topHosts);
    for (const host of topHosts) {
      addToBoth([root, this.#zone('delta.')], `ns-${host.id}.`, []);
      for (const address of host.addresses) addAddress(root, `ns-${host.id}.`, address);
    }
    // Served by the provider's own BIND, which therefore knows addresses outside the zone.
    const epsilon = this.#zone('epsilon.', domainHosts[1]!);
    for (const { server, host } of providerNames('beta.')) {
      if (host === domainHosts[1]) addToBoth([root, epsilon], server, []);
    }
    // A zone between a top-level domain and domains, on the same servers; `co.alpha.` is none.
    const co = this.#zone('co.beta.', ...topHosts);
    for (const host of topHosts) {
      addToBoth([this.#zone('beta.'), co], `${host.id}.nic.gamma.`, []);
    }
  }

  #addProvider(top: string): void {
    const zone = this.#zone(`prov.${top}`, ...domainHosts);
    for (const [i, { server, address }] of providerNames(top).entries()) {
      // Only some have glue: the others are found by asking the provider.
      if (i < 2) addToBoth([this.#zone(top), zone], server, [address]);
      else {
        if (i % 2 === 0) addAddress(this.#zone(top), server, address);
        addAddress(zone, server, address);
      }
    }
    zone.add('alias', 'CNAME', 'ns00');
    zone.add('www', 'A', '203.0.113.99');
  }

  #addDomains(): void {
    const parents = ['alpha.', 'beta.', 'gamma.', 'delta.', 'epsilon.', 'co.alpha.', 'co.beta.'];
    const origins = Array.from(
      { length: DOMAINS },
      (_, i) => `d${i}.${parents[i % parents.length]}`,
    );
    // Aliases lead to domains that are there.
    const sound = origins.filter((_, i) => kindAt(i) !== 'all servers lame');
    origins.forEach((origin, i) => {
      this.#addDomain(origin, kindAt(i));
      fillDomain(this.#zone(origin), {
        partner: pick(this.#random, sound),
        next: origins[(i + 1) % origins.length]!,
        endsChains: i % CHAIN_EVERY === 0,
      });
      if (i % SUBDOMAIN_EVERY === 0) this.#addSubdomain(origin);
    });
  }

  #addDomain(origin: string, kind: DelegationKind): void {
    this.#kinds.set(origin, kind);
    const [, ...above] = origin.split('.');
    const parent = this.#zones.get(above.join('.')) ?? this.#zone(`${above.at(-2)!}.`);
    delegate(kind, { zone: this.#zone(origin), parent, random: this.#random });
  }

  /** Below a domain, at once or behind an empty non-terminal; a DS, which nobody validates. */
  #addSubdomain(above: string): void {
    const random = this.#random;
    const origin = `${pick(random, ['sub', 'a.b.sub'])}.${above}`;
    const kind = pick(random, [
      'in-domain glue',
      'one server of two addresses',
      'no glue',
    ] as const);
    const [zone, parent] = [this.#zone(origin), this.#zone(above)];
    this.#kinds.set(origin, kind);
    delegate(kind, { zone, parent, random });
    if (random(2) === 0) parent.add(origin, 'DS', `1 13 2 ${'cd'.repeat(32)}`);
    zone.add('www', 'A', '203.0.113.60');
    zone.add('up', 'CNAME', `www.${above}`);
    zone.add('*', 'TXT', '"a wildcard at the apex"');
  }

  /** Domains served by each other's servers: with the glue of both it works, else it is a circle. */
  #addPairs(): void {
    for (let i = 0; i < PAIRS; i++) {
      this.#addPair(`left${i}.alpha.`, `right${i}.alpha.`, 'a pair');
      this.#addPair(`left${i}.beta.`, `right${i}.gamma.`, 'a circle');
    }
  }

  #addPair(left: string, right: string, kind: 'a circle' | 'a pair'): void {
    const [place] = twoPlaces(this.#random);
    for (const [origin, other] of [
      [left, right],
      [right, left],
    ] as const) {
      this.#kinds.set(origin, kind);
      const zone = this.#zone(origin, place.host);
      const parent = this.#zone(`${origin.split('.').at(-2)!}.`);
      addToBoth([parent, zone], `ns.${other}`, []);
      if (kind === 'a pair') addAddress(parent, `ns.${origin}`, place.address);
      addAddress(zone, `ns.${origin}`, place.address);
      zone.add('www', 'A', '203.0.113.61');
    }
  }

  /** Few questions go there: each resolver takes its time. */
  #addDead(): void {
    this.#addDomain('dead.alpha.', 'all servers silent');
    this.#addDomain('dead.delta.', 'all servers silent');
  }
}

function kindAt(index: number): DelegationKind {
  // 7 and the length of the pattern share no divisor: every parent gets every kind.
  return kindPattern[(index * 7) % kindPattern.length]!;
}

/** The same in parent and child. */
function addToBoth(
  [parent, child]: readonly [DraftZone, DraftZone],
  server: string,
  addresses: readonly string[],
): void {
  for (const teller of new Set([parent, child])) {
    addServer(teller, { zone: child.origin, ttl: 3600, server }, addresses);
  }
}

/** The closest domain at or above a name that is delegated in one of the ways. */
export function domainAbove(name: string, kinds: PrivateInternet['kinds']): string | undefined {
  const labels = name.split(/(?<!\\)\./);
  const names = labels.map((_, i) => labels.slice(i).join('.'));
  return names.find((one) => kinds.has(one));
}

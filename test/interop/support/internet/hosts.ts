/**
 * The authorities of the generated internet, and the addresses that zones can name: those of the
 * authorities, of nobody (silent), of a host without DNS (which refuses at once).
 */
import { pick, type Random } from '../rich-zone.ts';

export interface AuthorityHost {
  readonly id: string;
  readonly software: 'nsd' | 'bind';
  readonly addresses: readonly string[];
}

/** A link on which nobody is. */
export const SILENT_PREFIX = '198.19.0.0/24';
export const SILENT_ADDRESSES = ['198.19.0.1', '198.19.0.2', '198.19.0.3'] as const;
export const REFUSING_ADDRESS = '198.18.250.1';

export const rootHosts: readonly AuthorityHost[] = [
  { id: 'root1', software: 'nsd', addresses: ['198.18.0.1'] },
  { id: 'root2', software: 'bind', addresses: ['198.18.0.2', 'fd53::2'] },
];
export const topHosts: readonly AuthorityHost[] = [
  { id: 'top1', software: 'nsd', addresses: ['198.18.1.1', '198.18.1.2'] },
  { id: 'top2', software: 'bind', addresses: ['198.18.2.1', 'fd53::21'] },
];
export const domainHosts: readonly AuthorityHost[] = [
  { id: 'host1', software: 'nsd', addresses: ['198.18.11.1', '198.18.11.2', 'fd53::b1'] },
  { id: 'host2', software: 'bind', addresses: ['198.18.12.1', '198.18.12.2', 'fd53::c1'] },
  { id: 'host3', software: 'nsd', addresses: ['198.18.13.1', '198.18.13.2'] },
  { id: 'host4', software: 'bind', addresses: ['198.18.14.1', '198.18.14.2'] },
];
export const allHosts: readonly AuthorityHost[] = [...rootHosts, ...topHosts, ...domainHosts];

/** Two different hosts, each with one of its IPv4 addresses. */
export function twoPlaces(random: Random): readonly [Place, Place] {
  const first = random(domainHosts.length);
  const second = (first + 1 + random(domainHosts.length - 1)) % domainHosts.length;
  return [placeAt(random, domainHosts[first]!), placeAt(random, domainHosts[second]!)];
}

export interface Place {
  readonly host: AuthorityHost;
  readonly address: string;
}

function placeAt(random: Random, host: AuthorityHost): Place {
  return {
    host,
    address: pick(
      random,
      host.addresses.filter((text) => !text.includes(':')),
    ),
  };
}

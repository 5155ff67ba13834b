/**
 * The smallest internet that has a TTL to choose: a root, a top-level domain, and one domain whose
 * names the experiments change. Master files, as an operator would write them.
 */

import type { Zone } from '../../zone/zone.ts';
import type { AuthorityPlan } from './internet.ts';
import { LAB_ROOT_ADDRESS, zoneOfText } from './zone-text.ts';

const TLD_ADDRESS = '192.5.6.30';
const DOMAIN_ADDRESS = '192.0.2.53';
export const DOMAIN = 'shop.example.';
export const RESOLVER_ADDRESS = '203.0.113.1';

/** Two days, as top-level domains have it. */
const DELEGATION_TTL_SECONDS = 172_800;

const ROOT_ZONE = `
$ORIGIN .
$TTL ${DELEGATION_TTL_SECONDS}
@           SOA  a.root-servers.net. hostmaster.root-servers.net. 1 1800 900 604800 86400
@           NS   a.root-servers.net.
a.root-servers.net.  A  ${LAB_ROOT_ADDRESS}
example.    NS   ns.nic.example.
ns.nic.example.  A  ${TLD_ADDRESS}
`;

const TLD_ZONE = `
$ORIGIN example.
$TTL ${DELEGATION_TTL_SECONDS}
@           SOA  ns.nic hostmaster.nic 1 1800 900 604800 900
@           NS   ns.nic
ns.nic      A    ${TLD_ADDRESS}
shop        NS   ns.shop
ns.shop     A    ${DOMAIN_ADDRESS}
`;

export interface DomainOptions {
  readonly serial: number;
  /** Of the records that the experiment is about. */
  readonly ttlSeconds: number;
  /** Each name, relative to the domain, with its address; none for a name that does not exist. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Default 300: how long it is known that a name does not exist. */
  readonly negativeTtlSeconds?: number;
  /** Default two days: of the domain's NS set at the domain itself. */
  readonly nsTtlSeconds?: number;
}

/** The domain's zone, a version of it. */
export function domainZone(options: DomainOptions): Zone {
  const { serial, ttlSeconds, addresses, negativeTtlSeconds = 300 } = options;
  const nsTtl = options.nsTtlSeconds ?? DELEGATION_TTL_SECONDS;
  const names = [...addresses].map(([name, address]) => `${name} ${ttlSeconds} A ${address}`);
  const text = `
$ORIGIN ${DOMAIN}
$TTL ${DELEGATION_TTL_SECONDS}
@ SOA ns hostmaster ${serial} 1800 900 604800 ${negativeTtlSeconds}
@ ${nsTtl} NS ns
ns A ${DOMAIN_ADDRESS}
${names.join('\n')}
`;
  return zoneOfText(text);
}

/** The address that stands for version `version` of a record: the number can be read from it. */
export function versionAddress(version: number): string {
  return `10.${(version >>> 16) & 255}.${(version >>> 8) & 255}.${version & 255}`;
}

export function authoritiesOf(domain: Zone): readonly AuthorityPlan[] {
  return [
    { name: 'root', address: LAB_ROOT_ADDRESS, zones: [zoneOfText(ROOT_ZONE)] },
    { name: 'tld', address: TLD_ADDRESS, zones: [zoneOfText(TLD_ZONE)] },
    { name: 'ns', address: DOMAIN_ADDRESS, zones: [domain] },
  ];
}

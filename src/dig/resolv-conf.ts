/**
 * What `/etc/resolv.conf` (resolv.conf(5)) says: name servers, the search list, and the options
 * that dig heeds. Lines that say nothing that can be understood are skipped.
 */

import { canonicalEndpointAddress } from '../net/address.ts';

export interface SystemConfiguration {
  /** Addresses in the order of the file, at least one. */
  readonly nameServers: readonly string[];
  /** Domains that complete short names. */
  readonly search: readonly string[];
  readonly ndots: number;
  readonly attempts: number;
  /** Undefined: each transport's own. */
  readonly timeoutSeconds: number | undefined;
}

const limits = {
  /** As many as the C library reads. */
  nameServers: 3,
  domains: 8,
  /** What fits the octet that BIND reads options into. */
  option: 255,
} as const;

/** What resolv.conf(5) prescribes for a file that names no server. */
const FALLBACK: readonly string[] = ['127.0.0.1'];
const DEFAULT_ATTEMPTS = 3;
const DEFAULT_NDOTS = 1;

/** `text` is undefined where there is no file. */
export function systemConfigurationOf(text: string | undefined): SystemConfiguration {
  const lines = (text ?? '').split('\n').map((line) => line.split(/[ \t\r]+/));
  const nameServers = lines
    .filter(([keyword]) => keyword === 'nameserver')
    .map(([, address]) => canonicalEndpointAddress(address ?? ''))
    .filter((address) => address !== undefined)
    .slice(0, limits.nameServers);
  // The last one counts.
  const search = lines
    .filter(([keyword]) => keyword === 'search' || keyword === 'domain')
    .map(([keyword, ...domains]) => {
      const named = domains.filter((domain) => domain !== '');
      return named.slice(0, keyword === 'domain' ? 1 : limits.domains);
    })
    .at(-1);
  const options = lines.filter(([keyword]) => keyword === 'options').flat();
  return {
    nameServers: nameServers.length === 0 ? FALLBACK : nameServers,
    search: search ?? [],
    ndots: optionOf(options, 'ndots') ?? DEFAULT_NDOTS,
    attempts: positive(optionOf(options, 'attempts')) ?? DEFAULT_ATTEMPTS,
    timeoutSeconds: positive(optionOf(options, 'timeout')),
  };
}

/** Zero stands for the default. */
function positive(number: number | undefined): number | undefined {
  return number === 0 ? undefined : number;
}

function optionOf(words: readonly string[], name: string): number | undefined {
  const values = words
    .filter((word) => word.startsWith(`${name}:`))
    .map((word) => word.slice(name.length + 1))
    .filter((value) => /^[0-9]{1,3}$/.test(value) && Number(value) <= limits.option);
  const last = values.at(-1);
  return last === undefined ? undefined : Number(last);
}

/**
 * The configuration keys of scenarios against what this resolver has: what can be ignored since it
 * changes no answer that a scenario checks, and the name of the missing feature for the rest. A key
 * that stands nowhere is a feature of its own name: nothing is ignored by accident.
 */

export const DNSSEC = 'DNSSEC validation';
const RPZ = 'response policy zones (RPZ)';
const SUBNET = 'client subnets (RFC 7871)';

/** Clauses that are a feature as a whole. */
export const CLAUSE_FEATURES: Readonly<Record<string, string>> = {
  'auth-zone': 'authoritative zones inside of resolution (auth-zone)',
  cachedb: 'a cache in an outside store (cachedb)',
  dynlib: 'loaded modules (dynlib)',
  ipset: 'IP sets (ipset)',
  python: 'Python modules',
  rpz: RPZ,
  view: 'views',
};

/** Words of `module-config`; absent ones, such as 'iterator', need nothing. */
export const MODULE_FEATURES: Readonly<Record<string, string>> = {
  cachedb: 'a cache in an outside store (cachedb)',
  dns64: 'DNS64 (RFC 6147)',
  dynlib: 'loaded modules (dynlib)',
  python: 'Python modules',
  respip: RPZ,
  subnetcache: SUBNET,
};

/** The missing feature that `key` needs with a value that turns it on or off. */
export function featureOf(key: string, value: 'on' | 'off'): string | undefined {
  if (IGNORED.has(key) || IGNORED_PREFIXES.some((prefix) => key.startsWith(prefix))) {
    return undefined;
  }
  const withoutIt = DEFENCES[key];
  if (withoutIt !== undefined) return value === 'off' ? withoutIt : undefined;
  if (value === 'off') return undefined;
  return FEATURES[key] ?? `the option ${key}`;
}

/** What others can switch off and we cannot: the feature is to be without. */
const DEFENCES: Readonly<Record<string, string>> = {
  'harden-glue': 'glue out of bailiwick (harden-glue: no)',
};

const FEATURES: Readonly<Record<string, string>> = {
  'aggressive-nsec': 'aggressive use of NSEC (RFC 8198)',
  'client-subnet-always-forward': SUBNET,
  'client-subnet-zone': SUBNET,
  'define-tag': 'tags',
  'dns-error-reporting': 'error reporting (RFC 9567)',
  'dns64-prefix': 'DNS64 (RFC 6147)',
  'do-nat64': 'NAT64',
  'prefetch-key': 'prefetch of keys',
  'response-ip': RPZ,
  'response-ip-data': RPZ,
  'send-client-subnet': SUBNET,
};

const IGNORED: ReadonlySet<string> = new Set([
  '',
  // Files that come along, for features that have keys of their own.
  'AUTOTRUST_FILE',
  'TEMPFILE_CONTENTS',
  'TEMPFILE_NAME',
  // Means nothing without a feature that is named by another key.
  'dns64-ignore-aaaa',
  'domain-insecure',
  'fake-dsa',
  'fake-sha1',
  'harden-algo-downgrade',
  // Unbound's is about denial that was validated.
  'harden-below-nxdomain',
  'harden-dnssec-stripped',
  'max-client-subnet-ipv4',
  'max-client-subnet-ipv6',
  'min-client-subnet-ipv4',
  'min-client-subnet-ipv6',
  'nat64-prefix',
  'root-key-sentinel',
  'trust-anchor',
  'trust-anchor-file',
  'trust-anchor-signaling',
  'zonemd-check',
  // Which we always have.
  'edns-tcp-keepalive',
  // How much is sent along and in which order: the comparison does not look at it.
  'ede',
  'harden-unknown-additional',
  'minimal-responses',
  'rrset-roundrobin',
  // Which questions are asked on the side.
  'harden-large-queries',
  'harden-referral-path',
  'target-fetch-policy',
  // The machine that the other resolver runs on.
  'chroot',
  'directory',
  'do-daemonize',
  'interface',
  'num-threads',
  'pidfile',
  'username',
  'use-syslog',
  'verbosity',
]);

const IGNORED_PREFIXES = ['ede-serve-expired', 'log-', 'val-'];

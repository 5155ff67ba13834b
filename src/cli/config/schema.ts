/**
 * Every key of a configuration file, with its default and the reason for it. A limit or an option
 * that the resolver gets has no way around this table: the compiler misses it here.
 */

import * as v from 'valibot';
import { cacheLimits, type CacheLimits } from '../../cache/limits.ts';
import type { ForwardZone, StubZone } from '../../resolver/configured-zones.ts';
import { LOCAL_ZONE_KINDS, type LocalZone } from '../../resolver/local-zones.ts';
import type { ServeStaleOptions } from '../../resolver/stale.ts';
import { answerCacheLimits } from '../../query/answer-cache.ts';
import { resolverLimits, type ResolverLimits } from '../../resolver/limits.ts';
import { LOG_LEVELS } from '../logger.ts';
import { MAX_WORKERS } from '../options.ts';
import type {
  Config,
  ConfigAccess,
  ConfigAnswers,
  ConfigIdentity,
  ConfigResolver,
} from './config.ts';
import { clients } from './clients-schema.ts';
import {
  permission,
  secondary,
  signingKey,
  transfers,
  zone,
  type ShapeOf,
} from './zones-schema.ts';
import { key, keysOf, liveKey, section, type Entries, type Section } from './key.ts';
import { count, milliseconds, seconds, size } from './number-keys.ts';
import {
  address,
  domainName,
  endpoint,
  flag,
  integer,
  listOf,
  oneOf,
  port,
  prefix,
  record,
  shortText,
  text,
} from './values.ts';

const answers: Section<ConfigAnswers> = section('How answers are made.', {
  any: key(oneOf(['full', 'minimal', 'minimal-udp']), {
    fallback: 'minimal-udp',
    about: 'What ANY queries get (RFC 8482): over UDP the address of who asks may be forged.',
  }),
  minimal: key(flag, {
    fallback: 'true',
    about: "Positive answers come without the zone's name servers, which few clients need.",
  }),
  rotate: key(flag, {
    fallback: 'false',
    about: 'Turn the records of answers from query to query (round robin).',
  }),
  cacheOctets: size(
    answerCacheLimits.octets,
    'Memory for finished answers, out of zones and of resolving alike: what was asked lately is ' +
      'answered out of it. With workers, of each.',
    2 ** 31,
  ),
});

const identity: Section<ConfigIdentity> = section(
  'What the server tells about itself: nothing, unless it is given here.',
  {
    id: key(shortText, {
      fallback: 'none',
      about: 'Told to NSID, `id.server` and `hostname.bind`.',
    }),
    version: key(shortText, { fallback: 'none', about: 'Told to `version.bind`.' }),
  },
);

const access: Section<ConfigAccess> = section('Who may do what.', {
  recursion: liveKey(listOf(prefix), {
    fallback: 'loopback',
    about: 'Who may use recursion; an open resolver is a weapon in the hands of strangers.',
  }),
  explain: key(listOf(prefix), {
    fallback: 'loopback',
    about: 'Who may ask for explanations (`ts-dig +explain`), which show what others asked.',
  }),
  refuse: liveKey(listOf(prefix), {
    fallback: 'nobody',
    about: 'Who is refused everything. Of all these lists the longest prefix decides.',
  }),
  drop: liveKey(listOf(prefix), { fallback: 'nobody', about: 'Who gets no reply at all.' }),
  transfer: liveKey(permission, {
    fallback: 'nobody',
    about:
      'Who may take zones (AXFR, IXFR), where the zone itself does not say: prefixes of ' +
      'addresses, and `key NAME` for whoever signs with it.',
  }),
});

const limits: Section<Partial<ResolverLimits>> = section(
  'What one query, and all of them together, may make the resolver do.',
  {
    sends: count(resolverLimits.sends, 'Per query: datagrams and connections to servers.'),
    sendsPerStep: count(
      resolverLimits.sendsPerStep,
      'Per query and zone asked, so that one dead zone cannot use up everything.',
    ),
    receivedOctets: size(
      resolverLimits.receivedOctets,
      'Per query: octets received. Replies of many records are the cheapest amplifier.',
    ),
    queryMs: milliseconds(
      resolverLimits.queryMs,
      'Per query, absolute: clients give up after 5 s or so, and ask again.',
    ),
    depth: count(resolverLimits.depth, 'NS addresses that need NS addresses that need others.'),
    narrowDepth: count(
      resolverLimits.narrowDepth,
      'From this depth on only one NS name of a delegation is resolved.',
    ),
    referrals: count(resolverLimits.referrals, 'Per question: honest zones need far fewer.'),
    aliases: count(resolverLimits.aliases, 'CNAME and DNAME steps of one answer.'),
    nameServers: count(resolverLimits.nameServers, 'Kept of one NS set, drawn at random.'),
    addressesPerName: count(resolverLimits.addressesPerName, "Kept of one NS name's glue."),
    addressesPerStep: count(
      resolverLimits.addressesPerStep,
      'Distinct addresses asked for one zone in one step.',
    ),
    nsNamesPerDelegation: count(
      resolverLimits.nsNamesPerDelegation,
      'NS names without address that are resolved for one delegation (NXNS).',
    ),
    nsNames: count(resolverLimits.nsNames, 'The same for one query.'),
    nsNxdomains: count(
      resolverLimits.nsNxdomains,
      'Per query: NS names that turn out not to exist, before no more are tried.',
    ),
    minimisedSteps: count(
      resolverLimits.minimisedSteps,
      'Per question: parts of a name that are shown to servers before the whole (RFC 9156 §2.3).',
    ),
    oneLabelSteps: count(resolverLimits.oneLabelSteps, 'So many of them add one label each.'),
    minimisedStepsPerQuery: count(
      resolverLimits.minimisedStepsPerQuery,
      'Per query: a long chain of aliases of many labels must not multiply them.',
    ),
    minimisedFailures: count(
      resolverLimits.minimisedFailures,
      'Per question: parts of a name that get no answer before the whole name is asked.',
    ),
    triesPerAddress: count(
      resolverLimits.triesPerAddress,
      'Times that a silent address which answered before is asked the same question.',
    ),
    triesUnproven: count(
      resolverLimits.triesUnproven,
      'The same for one that never answered, or not of late.',
    ),
    lameTries: count(resolverLimits.lameTries, 'Lame servers asked when a zone has no other.'),
    emptyReplies: count(
      resolverLimits.emptyReplies,
      'Replies with nothing in them after each of which another server is asked.',
    ),
    recursions: count(
      resolverLimits.recursions,
      'Client queries that wait at once; when there are more, the oldest goes first.',
    ),
    recursionsPerClient: count(
      resolverLimits.recursionsPerClient,
      'The same of one IPv4 address or IPv6 /56, which must not take all places.',
    ),
    refreshes: count(resolverLimits.refreshes, 'Look-ups at once that no client waits for.'),
    popularHits: count(
      resolverLimits.popularHits,
      'Clients that found an entry before it is worth a refresh (prefetch).',
    ),
    waiters: count(resolverLimits.waiters, 'Queries that may wait for the same question.'),
    exchangesPerServer: count(
      resolverLimits.exchangesPerServer,
      'Exchanges open at once to one address.',
    ),
    exchangesPerZone: count(
      resolverLimits.exchangesPerZone,
      'Exchanges open at once for one zone: what a flood of random names below it can use.',
    ),
  },
);

const cache: Section<Partial<CacheLimits>> = section(
  'What the caches hold, and for how long. Of the four stores each has its own bound, so that a ' +
    'flood of one kind leaves the others alone.',
  {
    ttlSeconds: seconds(cacheLimits.ttlSeconds, 'A TTL above is taken as this.'),
    ttlSecondsMin: seconds(cacheLimits.ttlSecondsMin, 'A TTL below is taken as this.'),
    negativeTtlSeconds: seconds(
      cacheLimits.negativeTtlSeconds,
      'The most for "does not exist" (RFC 2308 §5).',
    ),
    negativeTtlSecondsMin: seconds(cacheLimits.negativeTtlSecondsMin, 'The least for it.'),
    delegationTtlSecondsMin: seconds(
      cacheLimits.delegationTtlSecondsMin,
      'The least for zone cuts, though never beyond the cut above.',
    ),
    recordsPerRRset: count(cacheLimits.recordsPerRRset, 'A larger RRset is passed on, not kept.'),
    octetsPerRRset: size(cacheLimits.octetsPerRRset, 'The same by size.'),
    failureSeconds: seconds(
      cacheLimits.failureSeconds,
      'How long a failure is remembered at first; it doubles from there (RFC 9520 §3.2).',
    ),
    failureSecondsMax: seconds(cacheLimits.failureSecondsMax, 'The longest that it is.'),
    recordOctets: size(cacheLimits.recordOctets, 'Memory for records.'),
    negativeOctets: size(cacheLimits.negativeOctets, 'Memory for what does not exist.'),
    delegationOctets: size(cacheLimits.delegationOctets, 'Memory for delegations.'),
    failureOctets: size(cacheLimits.failureOctets, 'Memory for failures.'),
  },
);

const stubShape: ShapeOf<StubZone> = {
  zone: domainName,
  addresses: v.exactOptional(listOf(address)),
  names: v.exactOptional(listOf(domainName)),
  port: v.exactOptional(port),
  first: v.exactOptional(flag),
  isCached: v.exactOptional(flag),
};

const forwardShape: ShapeOf<ForwardZone> = {
  zone: domainName,
  addresses: listOf(address),
  port: v.exactOptional(port),
  first: v.exactOptional(flag),
  isCached: v.exactOptional(flag),
  tcp: v.exactOptional(flag),
};

const localZoneShape: ShapeOf<LocalZone> = {
  name: domainName,
  kind: oneOf(LOCAL_ZONE_KINDS),
};

const serveStaleShape: ShapeOf<ServeStaleOptions> = {
  answerTtlSeconds: v.exactOptional(integer({ from: 1, to: 86_400, what: 'seconds' })),
  clientTimeoutMs: v.exactOptional(integer({ from: 0, to: 6000, what: 'milliseconds' })),
  maxAgeSeconds: v.exactOptional(integer({ from: 1, to: 604_800, what: 'seconds' })),
  recheckSeconds: v.exactOptional(integer({ from: 1, to: 3600, what: 'seconds' })),
};

const resolver: Section<ConfigResolver> = section('How other names are resolved.', {
  rootHints: key(text, {
    fallback: "the internet's root servers",
    about: 'A file with the root servers of your own network.',
  }),
  upstreamPort: key(port, {
    fallback: '53',
    about: 'Port of the servers that are asked; another one only in test networks.',
  }),
  doNotQuery: key(listOf(address), {
    fallback: 'none',
    about: 'Addresses never asked, beside our own and those that no server has.',
  }),
  allowLoopback: key(flag, {
    fallback: 'false, true with root-hints',
    about: 'Ask servers on loopback addresses, which only hints of your own should name.',
  }),
  useIPv6: key(flag, {
    fallback: 'true',
    about: 'Ask IPv6 servers too, once IPv4 has failed or IPv6 has been seen to work.',
  }),
  qnameMinimisation: key(oneOf(['off', 'relaxed', 'strict']), {
    fallback: 'relaxed',
    about:
      'How much of a name servers are shown (RFC 9156); relaxed: the whole name where a part of ' +
      'it is not answered.',
  }),
  stubs: liveKey(listOf(keysOf<StubZone>(stubShape)), {
    fallback: 'none',
    about:
      'Zones whose servers are known here: `zone`, and `addresses` or `names`; `port` if it is ' +
      'another; `first: true` to walk from the root when all of them fail; `is-cached: false` to ' +
      'ask every question anew.',
  }),
  forwards: liveKey(listOf(keysOf<ForwardZone>(forwardShape)), {
    fallback: 'none',
    about:
      'Zones that others resolve for us, `.` for everything: `zone` and `addresses`, and the ' +
      'rest as for stubs; `tcp: true` to ask over TCP alone.',
  }),
  localZones: liveKey(listOf(keysOf<LocalZone>(localZoneShape)), {
    fallback: 'none',
    about:
      "Names that are answered here, with Unbound's kinds: `name` and `kind`; `nodefault` takes " +
      'back a special-use name.',
  }),
  localData: liveKey(listOf(record), {
    fallback: 'none',
    about: 'Records of local zones; elsewhere they are answered, and other names are resolved.',
  }),
  specialUse: liveKey(flag, {
    fallback: 'true',
    about:
      'Answer special-use names such as `test`, `local` and `onion` here (RFC 6761), lest the ' +
      'internet hears of them; stub and forward zones win, and with root-hints and without this ' +
      'key `test` is asked for. `localhost` and `invalid` are answered here in any case, but for ' +
      'a local zone of kind `nodefault`.',
  }),
  privateReverse: liveKey(flag, {
    fallback: 'true',
    about:
      'Answer reverse zones of private and other special addresses here (RFC 6303), whatever ' +
      'root is asked; stub and forward zones win.',
  }),
  privateAddresses: key(listOf(prefix), {
    fallback: 'none',
    about: 'Addresses that are taken out of answers (DNS rebinding).',
  }),
  privateDomains: key(listOf(domainName), {
    fallback: 'none',
    about: 'Domains that may have such addresses all the same.',
  }),
  allowSnoop: key(listOf(prefix), {
    fallback: 'nobody',
    about: 'Who may look into the cache without RD; it shows what others asked.',
  }),
  serveStale: key(keysOf<ServeStaleOptions>(serveStaleShape), {
    fallback: 'off',
    about:
      'Answer with data that are over while their servers fail (RFC 8767): `{}`, or ' +
      '`answer-ttl-seconds` (30), `client-timeout-ms` (1800; 0: at once), `max-age-seconds` ' +
      '(86400), `recheck-seconds` (30).',
  }),
  prefetch: key(flag, {
    fallback: 'false',
    about: 'Refresh names that several clients want in the last tenth of their TTL.',
  }),
  nxdomainCut: key(flag, {
    fallback: 'false',
    about:
      'NXDOMAIN covers all names below (RFC 8020); without DNSSEC one forged reply would take a ' +
      'whole domain away.',
  }),
  childNameServers: key(oneOf(['never', 'proven', 'any']), {
    fallback: 'proven',
    about:
      "Whether servers that only a zone itself names are a last resort when its parent's have " +
      'failed; proven: those that came in a reply which cannot have been forged.',
  }),
  cutRule: key(oneOf(['shorter', 'parent', 'child']), {
    fallback: 'shorter',
    about:
      "Whose word counts for who serves a zone: its parent's for the shorter of both TTLs, its " +
      "parent's alone, or its own once it is heard; the last two to compare them (RFC 9199 §3.6).",
  }),
  randomCase: key(flag, {
    fallback: 'true',
    about: 'Send names in random letter case, which replies must repeat (0x20).',
  }),
  cookies: key(flag, {
    fallback: 'true',
    about: 'Send cookies to servers (RFC 7873), which must show them once they give some.',
  }),
  priming: key(flag, {
    fallback: 'true',
    about: 'Ask the servers of the root hints who serves the root (RFC 8109), over TCP.',
  }),
  upstreamTransport: key(oneOf(['udp', 'tcp']), {
    fallback: 'udp',
    about: 'How servers are asked; udp: with TCP where it is needed.',
  }),
  limits,
  cache,
});

const topLevel: Entries<Config> = {
  listen: key(listOf(endpoint), {
    fallback: '127.0.0.1:53',
    about: 'Addresses and ports, for UDP and TCP both.',
  }),
  io: key(oneOf(['dgram', 'batch']), {
    fallback: 'batch where it works',
    about: 'UDP datagrams one by one, or many a system call.',
  }),
  workers: key(integer({ from: 1, to: MAX_WORKERS, what: 'a number of workers' }), {
    fallback: '1',
    about: 'Threads that answer, each with its own caches; zones are in memory once. On Linux.',
  }),
  logLevel: liveKey(oneOf(LOG_LEVELS), {
    fallback: 'info',
    about: '`debug` shows each step of each resolution.',
  }),
  zones: liveKey(listOf(zone), {
    fallback: 'none',
    about:
      'Zones to serve: `file`, and `origin` where its SOA record does not say it; `transfer` in ' +
      'place of `access.transfer`; `update`: who may change it (RFC 2136); `journal`: the file ' +
      'where changes are kept, those of the master file included (`FILE.journal` for a zone that ' +
      'may be updated), which takes a restart; `notify: false` to tell nobody of new versions, ' +
      '`also-notify` with addresses beside the name servers of the zone.',
  }),
  zoneFolders: liveKey(listOf(text), {
    fallback: 'none',
    about: 'Folders where each file NAME.zone is the zone NAME.',
  }),
  secondaries: liveKey(listOf(secondary), {
    fallback: 'none',
    about:
      'Zones taken from other servers: `zone`; `primaries`, each an address, with a port if it ' +
      'is another, and `key NAME` behind it; `file` to keep it in; `transfer` and `also-notify` ' +
      'as for zones; `update`: whose updates are passed on to a primary (RFC 2136 §6); ' +
      '`notify-from`: who may say that it has changed, beside the primaries.',
  }),
  answers,
  identity,
  recursion: key(flag, {
    fallback: 'false',
    about: 'Resolve names that are in no zone of ours, from the root.',
  }),
  control: key(text, {
    fallback: 'none',
    about: 'A Unix socket to open for `ts-dns ctl`; only the user who runs the server may use it.',
  }),
  cacheFile: key(text, {
    fallback: 'none',
    about: 'The cache is saved there at the end and loaded at the start, no TTL ever extended.',
  }),
  queryLog: key(text, {
    fallback: 'none',
    about:
      'A file that gets a line on each query (docs/query-log.md); `SIGHUP` opens it anew, for ' +
      'whoever rotates it.',
  }),
  keys: key(listOf(signingKey), {
    fallback: 'none',
    about:
      'Secrets shared with others (TSIG, RFC 8945): `name`, `algorithm` (hmac-sha256) and ' +
      '`secret`, or `file` with a key as `tsig-keygen` writes it.',
  }),
  transfers,
  access,
  clients,
  resolver,
};

/** The whole of a configuration file. */
export const configuration: Section<Config> = section('', topLevel);

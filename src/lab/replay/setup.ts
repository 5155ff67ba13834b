/**
 * What the configuration of a scenario asks of the resolver: options that we have, and features
 * that we have not, which make the scenario one to be skipped. Judged by keys, values and the kind
 * of what is expected, never by the names in a file.
 */

import type { RecursionOptions, SystemOptions } from '../../app/system.ts';
import { canonicalEndpointAddress } from '../../net/address.ts';
import { nameOf } from '../../wire/name-text.ts';
import { parseHex } from '../../wire/rdata/binary-fields.ts';
import { contentNeeds } from './content-needs.ts';
import { CLAUSE_FEATURES, featureOf, MODULE_FEATURES } from './features.ts';
import {
  absolute,
  addTo,
  isOff,
  prefixOf,
  setCacheLimits,
  setOptions,
  type AddressPrefix,
  type Draft,
  type QnameMinimisation,
  type Reader,
} from './draft.ts';
import { POLICY_READERS } from './policy-settings.ts';
import type { Scenario, Setting } from './scenario.ts';

export interface Setup {
  /** Features that the scenario needs and that we lack; each once. */
  readonly needs: readonly string[];
  readonly recursion: RecursionOptions;
  /** How names are to be minimised; Deckard plays a scenario that does not say in every way. */
  readonly minimisations: readonly QnameMinimisation[];
  readonly identity: NonNullable<SystemOptions['identity']>;
  readonly clients: NonNullable<SystemOptions['clients']>;
  readonly tcp: NonNullable<SystemOptions['tcp']>;
}

type StubZone = NonNullable<RecursionOptions['stubs']>[number];

export function setUp(scenario: Scenario): Setup {
  const needs = new Set<string>();
  const draft: Draft = {
    roots: [],
    rootName: undefined,
    // testbound asks from loopback unless told otherwise, and Unbound serves nobody else.
    allow: scenario.dialect === 'testbound' ? LOOPBACK : EVERYBODY,
    options: defaultsOf(scenario),
    servesStale: false,
    serveStale: {},
    minimisations: scenario.dialect === 'testbound' ? ['relaxed'] : ['relaxed', 'off'],
    cacheLimits: SMALL_CACHE,
    identity: {},
    isHidden: { id: false, version: false },
    clients: {},
    tcp: {},
  };
  for (const stub of clausesOf(scenario.settings, 'stub-zone')) readStub(stub, draft, needs);
  for (const forward of clausesOf(scenario.settings, 'forward-zone')) {
    readForward(forward, draft, needs);
  }
  for (const one of scenario.settings) readSetting(one, draft, needs);
  for (const need of contentNeeds(scenario)) needs.add(need);
  const addresses = draft.roots.length > 0 ? draft.roots : [DEFAULT_ROOT];
  const rootHints = [{ name: nameOf(draft.rootName ?? 'root-server.invalid.'), addresses }];
  const { allow, options, cacheLimits, identity, isHidden, servesStale, serveStale } = draft;
  const stale = servesStale ? { serveStale } : {};
  const recursion = { rootHints, allow, cacheLimits, ...options, ...stale };
  return {
    needs: [...needs],
    recursion,
    minimisations: draft.minimisations,
    clients: draft.clients,
    tcp: draft.tcp,
    identity: {
      ...(identity.nsid && { nsid: identity.nsid }),
      ...(identity.id !== undefined && !isHidden.id && { id: identity.id }),
      ...(identity.version !== undefined && !isHidden.version && { version: identity.version }),
    },
  };
}

/** Unbound answers fewer special-use names than we do, and the resolvers of Deckard none. */
function defaultsOf({ dialect }: Scenario): Partial<RecursionOptions> {
  // A script knows names in one letter case, no cookies, and who serves the root; and an idle
  // connection would be one that a step waits for.
  const quiet = {
    randomCase: false,
    cookies: false,
    priming: false,
    connectionLimits: { idleMs: 0 },
  };
  if (dialect !== 'testbound') {
    return { ...quiet, specialUse: false, privateReverse: false, allowSnoop: EVERYBODY };
  }
  const localZones = ['local.', 'alt.'].map((name) => {
    return { name: nameOf(name), kind: 'nodefault' } as const;
  });
  return { ...quiet, localZones };
}

/** a.root-servers.net., for scenarios that name no root. */
const DEFAULT_ROOT = '198.41.0.4';
/** The containers of a cache take their memory at once. */
const SMALL_CACHE = { recordOctets: 4e6, negativeOctets: 1e6, delegationOctets: 1e6 };
const LOOPBACK: readonly AddressPrefix[] = [prefixOf('127.0.0.0/8')!, prefixOf('::1/128')!];
const EVERYBODY: readonly AddressPrefix[] = [prefixOf('0.0.0.0/0')!, prefixOf('::/0')!];

function clausesOf(settings: readonly Setting[], name: string): (readonly Setting[])[] {
  const clauses = new Map<number, Setting[]>();
  for (const one of settings) {
    if (one.clause !== name) continue;
    const clause = clauses.get(one.clauseNumber) ?? [];
    clauses.set(one.clauseNumber, clause);
    clause.push(one);
  }
  return [...clauses.values()];
}

/** A stub for the root is where resolution starts. */
function readStub(stub: readonly Setting[], draft: Draft, needs: Set<string>): void {
  const one = readZone(stub, 'stub', needs);
  if (!one.zone.isRoot) {
    addTo(draft, 'stubs', one);
    return;
  }
  draft.roots.push(...one.addresses);
  // Unbound asks them who serves the root, before anything else.
  setOptions(draft, { priming: true });
  if (one.first) needs.add('stub-first');
}

function readForward(forward: readonly Setting[], draft: Draft, needs: Set<string>): void {
  const { names, ...rest } = readZone(forward, 'forward', needs);
  if (names.length > 0) needs.add('forward-host');
  const tcp = forward.some(({ key, values }) => key === 'forward-tcp-upstream' && !isOff(values));
  const one = { ...rest, tcp };
  addTo(draft, 'forwards', one);
}

/** What the clauses of stubs and forwards have in common; every other key must be off. */
function readZone(
  clause: readonly Setting[],
  kind: 'stub' | 'forward',
  needs: Set<string>,
): Required<Omit<StubZone, 'port'>> {
  const all = (key: string): string[] =>
    clause.flatMap((one) => (one.key === key ? (one.values[0] ?? []) : []));
  const words = ['addr', 'host', 'first', 'no-cache'];
  const known = new Set(['', 'name', ...words.map((word) => `${kind}-${word}`)]);
  // What a stub says about its own servers is not looked at: those of configuration are asked.
  for (const key of ['stub-prime', 'forward-tcp-upstream']) known.add(key);
  for (const { key, values } of clause) {
    if (!known.has(key) && !isOff(values)) needs.add(key);
  }
  const zone = nameOf(absolute(all('name')[0] ?? '.'));
  const addresses = all(`${kind}-addr`).flatMap((text) => addressIn(text) ?? []);
  const names = all(`${kind}-host`).map((text) => nameOf(absolute(text)));
  const isOn = (word: string): boolean => all(`${kind}-${word}`).some((value) => !isOff([value]));
  return { zone, addresses, names, first: isOn('first'), isCached: !isOn('no-cache') };
}

/** 'address@port': ports are always 53 in a scenario. */
function addressIn(text: string): string | undefined {
  return canonicalEndpointAddress(text.split('@')[0]!);
}

function addRoot(draft: Draft, text: string): void {
  const address = addressIn(text);
  if (address !== undefined) draft.roots.push(address);
}

function readSetting(one: Setting, draft: Draft, needs: Set<string>): void {
  const { clause, key, values } = one;
  if (clause === 'stub-zone' || clause === 'forward-zone') return;
  if (clause !== 'server' && clause !== '') {
    const feature = CLAUSE_FEATURES[clause];
    if (feature !== undefined) needs.add(feature);
    return;
  }
  const read = READERS[key] ?? POLICY_READERS[key];
  if (read) read(values, draft, needs);
  else {
    const feature = featureOf(key, isOff(values) ? 'off' : 'on');
    if (feature !== undefined) needs.add(feature);
  }
}

/** Keys for which we have an option, or that say two things. */
const READERS: Readonly<Record<string, Reader>> = {
  'stub-addr': ([address = ''], draft) => {
    addRoot(draft, address);
    // The resolvers of Deckard mind no loopback address that they are given.
    if (address.startsWith('127.')) setOptions(draft, { allowLoopback: true });
  },
  'stub-name': ([name = ''], draft) => (draft.rootName = absolute(name)),
  // Deckard's resolver then forwards everything.
  'forward-addr': ([text = ''], draft) => {
    const address = addressIn(text);
    const forwards = [{ zone: nameOf('.'), addresses: address === undefined ? [] : [address] }];
    setOptions(draft, { forwards });
  },
  'do-ip6': (values, draft) => setOptions(draft, { useIPv6: !isOff(values) }),
  'do-ip4': (values, _draft, needs) => {
    if (isOff(values)) needs.add('resolution over IPv6 alone (do-ip4: no)');
  },
  'do-not-query-localhost': (values, draft) => setOptions(draft, { allowLoopback: isOff(values) }),
  'do-not-query-address': ([address = ''], draft, needs) => {
    const canonical = canonicalEndpointAddress(address);
    if (canonical === undefined) needs.add('prefixes in do-not-query-address');
    else addTo(draft, 'doNotQuery', canonical);
  },
  'access-control': ([prefix = '', action = ''], draft, needs) => {
    const clients = prefixOf(prefix);
    const list = ACCESS[action];
    if (!clients || !list) {
      needs.add(`access-control ${action}`);
      return;
    }
    if (list === 'allow') draft.allow = [...draft.allow, clients];
    else draft.clients = { ...draft.clients, [list]: [...(draft.clients[list] ?? []), clients] };
    if (action === 'allow_snoop') addTo(draft, 'allowSnoop', clients);
  },
  'module-config': ([modules = ''], _draft, needs) => {
    for (const module of modules.split(/\s+/)) {
      const feature = MODULE_FEATURES[module];
      if (feature !== undefined) needs.add(feature);
    }
  },
  'iter-scrub-promiscuous': (values, draft) => {
    setOptions(draft, { childNameServers: isOff(values) ? 'any' : 'never' });
  },
  'hide-identity': (values, { isHidden }) => (isHidden.id = !isOff(values)),
  'hide-version': (values, { isHidden }) => (isHidden.version = !isOff(values)),
  'qname-minimisation': (values, draft) => {
    if (isOff(values)) draft.minimisations = ['off'];
  },
  'qname-minimisation-strict': (values, draft) => {
    const isStrict = !isOff(values) && draft.minimisations[0] !== 'off';
    if (isStrict) draft.minimisations = ['strict'];
  },
  'query-minimization': (values, draft) => {
    draft.minimisations = isOff(values) ? ['off'] : ['relaxed'];
  },
  'tcp-upstream': (values, draft) => {
    setOptions(draft, { upstreamTransport: isOff(values) ? 'udp' : 'tcp' });
  },
  'use-caps-for-id': (values, draft) => setOptions(draft, { randomCase: !isOff(values) }),
  features: readFeature,
  'feature-list': readFeature,
  'answer-cookie': (values, draft) => {
    draft.clients = { ...draft.clients, cookies: isOff(values) ? 'off' : 'answer' };
  },
  'cookie-secret': ([text = ''], draft) => {
    const secret = parseHex(text);
    if (secret) draft.clients = { ...draft.clients, cookieSecrets: [secret] };
  },
  nsid: ([text = ''], draft, needs) => {
    const [, plain] = /^ascii_(.*)$/.exec(text) ?? [];
    const nsid = plain === undefined ? parseHex(text) : new TextEncoder().encode(plain);
    if (nsid) draft.identity = { ...draft.identity, nsid };
    else needs.add(`nsid ${text}`);
  },
  identity: ([id = ''], draft) => (draft.identity = { ...draft.identity, id }),
  version: ([version = ''], draft) => (draft.identity = { ...draft.identity, version }),
};

/** What `access-control` says, and our list for it. */
const ACCESS: Readonly<Record<string, 'allow' | 'refuse' | 'drop'>> = {
  allow: 'allow',
  allow_snoop: 'allow',
  allow_setrd: 'allow',
  refuse: 'refuse',
  deny: 'drop',
};

/** Deckard names what a resolver must be able to do: `name`, or `name = value`. */
function readFeature(values: readonly string[], draft: Draft, needs: Set<string>): void {
  const [name = '', value = ''] = values.join(' ').split(/\s*=\s*/);
  const seconds = Number(value);
  if (name === 'min_ttl') setCacheLimits(draft, { ttlSecondsMin: seconds });
  else if (name === 'max_ttl') setCacheLimits(draft, { ttlSeconds: seconds });
  else needs.add(`the feature ${name}`);
}

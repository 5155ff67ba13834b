/**
 * Every defence of the resolver: its text in the source, what would stand there without it, and the
 * tests that must fail then. `npm run test:canaries` tries them one by one: a test that was never
 * seen to fail proves nothing, and a defence that nobody misses may be gone already.
 */

import { inFile, limitsIn, type Defence } from './defence.ts';
import { authorityDefences } from './defences-of-authority.ts';
import { clientDefences } from './defences-of-client.ts';
import { overloadDefences } from './defences-of-overload.ts';
import { policyDefences } from './defences-of-policy.ts';

const BUDGETS = 'test/attacks/budgets.test.ts';
const CACHE = 'test/cache/cache.test.ts';
const OCTET_STORE = 'test/cache/octet-store.test.ts';
const DELEGATIONS = 'test/attacks/delegations.test.ts';
const FORWARDING = 'test/attacks/forwarding.test.ts';
const LIMITS = 'test/resolver/limits.test.ts';
const POLICY = 'test/attacks/policy.test.ts';
const POISONING = 'test/attacks/poisoning.test.ts';
const REFLECTION = 'test/attacks/reflection.test.ts';
const SERVERS = 'test/resolver/servers.test.ts';
const SERVER = 'test/server/server.test.ts';
const SPOOFING = 'test/attacks/spoofing.test.ts';
const WORK = 'test/attacks/work.test.ts';

export const defences: readonly Defence[] = [
  ...authorityDefences,
  ...clientDefences,
  ...overloadDefences,
  ...policyDefences,
  ...limitsIn('src/resolver/limits.ts', [
    ['sends: 100', [BUDGETS, 'the last of its thirteen']],
    ['sendsPerStep: 32', [BUDGETS, 'four packets of each question']],
    ['receivedOctets: 131_072', [WORK, 'octets are counted']],
    ['queryMs: 6000', [BUDGETS, 'within six seconds']],
    ['depth: 7', [DELEGATIONS, 'seven deep']],
    ['narrowDepth: 3', [DELEGATIONS, 'deep down only one']],
    ['referrals: 24', [BUDGETS, 'one label deeper']],
    ['minimisedSteps: 10', [WORK, '124 labels']],
    ['oneLabelSteps: 4', [WORK, '124 labels']],
    ['aliases: 11', [WORK, 'one a reply'], [WORK, 'in one reply']],
    ['nameServers: 13', [DELEGATIONS, 'NXNS: 135']],
    ['addressesPerName: 6', [DELEGATIONS, 'six addresses are kept']],
    ['addressesPerStep: 13', [DELEGATIONS, 'sixty addresses']],
    ['nsNamesPerDelegation: 5', [DELEGATIONS, 'NXNS with names that exist']],
    ['nsNames: 16', [BUDGETS, 'sixteen are looked up'], [BUDGETS, 'sixteen NS names']],
    ['nsNxdomains: 5', [DELEGATIONS, 'after five of them']],
    ['triesPerAddress: 8', [BUDGETS, 'falls silent']],
    ['triesUnproven: 5', [BUDGETS, 'falls silent']],
    ['lameTries: 4', [BUDGETS, 'four are asked again']],
    ['waiters: 100', [LIMITS, 'so many may wait']],
    ['addresses: 20_000', [LIMITS, 'memory of servers']],
    ['lameZones: 50', [BUDGETS, 'fifty zones']],
    ['timeoutMaxMs: 1500', [LIMITS, 'the wait for a reply']],
    ['silencesUntilDead: 8', [BUDGETS, 'opinions of servers fade']],
    ['deadMs: 60_000', [BUDGETS, 'opinions of servers fade']],
    ['lameMs: 60_000', [BUDGETS, 'opinions of servers fade']],
    ['noEdnsMs: 600_000', [BUDGETS, 'opinions of servers fade']],
    ['familyDownMs: 60_000', [BUDGETS, 'opinions of servers fade']],
  ]),
  ...limitsIn('src/cache/limits.ts', [
    ['ttlSeconds: 86_400', [CACHE, 'TTL']],
    ['negativeTtlSeconds: 3600', [CACHE, '']],
    ['recordsPerRRset: 100', [BUDGETS, 'more than a hundred records']],
    ['octetsPerRRset: 65_536', [BUDGETS, 'more than a hundred records']],
    ['failureSecondsMax: 60', [CACHE, 'fail']],
  ]),
  ...inFile('src/resolver/zone-step.ts', [
    [
      'exchanges with one server and for one zone are counted',
      '    if (!done) {',
      '    if (!done && Math.PI < 3) {',
      [LIMITS, 'one server and one zone'],
    ],
    [
      'a name inside its own zone is not looked up without glue',
      'if (known.length > 0 || server.name.isSubdomainOf(this.#asked.delegation.zone)) return;',
      'if (known.length > 0) return;',
      [DELEGATIONS, 'a fan of delegations'],
    ],
    [
      'silence among replies that do not match is not held against a server',
      'if (waited && outcome.ignored === 0) ',
      'if (waited) ',
      [SPOOFING, 'silence among replies'],
    ],
  ]),
  ...inFile('src/resolver/budget.ts', [
    [
      'packets are counted for the whole query',
      '    this.#sends++;\n    return true;',
      '    return true;',
      [BUDGETS, 'the last of its thirteen'],
    ],
    [
      'octets are counted for the whole query',
      'this.#receivedOctets += octets;',
      '',
      [WORK, 'octets are counted'],
    ],
  ]),
  ...inFile('src/resolver/candidates.ts', [
    [
      'an address counts once, however many names share it',
      'if (this.#of(address)) return;',
      'if (this.#of(address)?.isOut === false) return;',
      [DELEGATIONS, 'have the same address'],
    ],
  ]),
  ...inFile('src/resolver/lookups.ts', [
    [
      'equal questions are asked once (RFC 5452 §5)',
      '    this.#underWay.set(key, entry);\n',
      '',
      [SPOOFING, 'birthday'],
    ],
    [
      'a lookup that would wait for itself fails',
      'if (waiter && waitsFor(lookup, waiter)) {',
      'if (waiter && Math.PI < 3) {',
      [DELEGATIONS, 'tsuNAME: 2'],
    ],
    [
      'failures are remembered (RFC 9520)',
      "else if (result.reason === 'unanswered') core.cache.failures.put(question, result);",
      '',
      [DELEGATIONS, 'a thousand queries'],
      [DELEGATIONS, 'cannot be resolved is remembered'],
    ],
  ]),
  ...inFile('src/resolver/name-server-addresses.ts', [
    [
      'NS names that do not exist are counted',
      '      task.budget.addNsNxdomain();\n',
      '',
      [DELEGATIONS, 'after five of them'],
    ],
  ]),
  ...inFile('src/resolver/chain.ts', [
    [
      'aliases that lead back to themselves are seen',
      "if (this.#visited.has(target.key)) return unanswered('the aliases lead back to themselves');",
      '',
      ['test/resolver/walk.test.ts', 'a loop of CNAMEs'],
      [POISONING, 'an alias to itself'],
    ],
  ]),
  ...inFile('src/resolver/relevant.ts', [
    [
      'records of other classes are not looked at',
      "if (record.class !== DnsClass.IN) return 'its class is not IN';",
      '',
      [POISONING, 'class CH'],
    ],
    [
      'records outside the zone that was asked are not looked at',
      "if (!record.name.isSubdomainOf(zone)) return 'out of bailiwick of the zone asked';",
      '',
      [POISONING, 'B1'],
    ],
    [
      'records whose data are malformed are not looked at',
      "isWellFormed(record.type, record.rdata) ? undefined : 'its data are malformed'",
      'isWellFormed(record.type, record.rdata) ? undefined : undefined',
      [POISONING, 'F11'],
    ],
  ]),
  ...inFile('src/resolver/referral.ts', [
    [
      'a referral leads strictly downwards',
      'rrset.name.isBelow(zone) && covers',
      'covers',
      [SERVERS, 'a referral to the zone itself'],
      [WORK, 'D14'],
    ],
    [
      'a referral leads towards the name that was asked',
      'isBelow(zone) && covers(rrset, question)',
      'isBelow(zone)',
      [SERVERS, 'a referral to a neighbour below'],
    ],
    [
      'glue is for the very names of the NS set',
      'additionals.find(name, type) ?? []',
      'additionals.ofType(type)',
      [POISONING, 'B3'],
      [BUDGETS, 'stray glue'],
    ],
    [
      'a delegation expires with its glue',
      'ttl = Math.min(ttl, rrset.ttl);',
      '{}',
      [BUDGETS, 'expires with its glue'],
    ],
    [
      'DS is not asked of the zone itself',
      'type === RRType.DS ? name.isBelow(nsSet.name) : ',
      '',
      [POISONING, 'DS for a cut'],
    ],
  ]),
  ...inFile('src/resolver/private-addresses.ts', [
    [
      'addresses of this network are taken out of answers',
      '!addressesOf(rdata).some(isPrivate)',
      'addressesOf(rdata).length >= 0',
      [POLICY, 'rebinding: an address of this network'],
    ],
    [
      'malformed data do not carry addresses past the filter',
      'isWellFormed(type, rdata) && !',
      '!',
      ['test/resolver/poor-replies.test.ts', 'malformed are passed on'],
    ],
  ]),
  ...inFile('src/resolver/name-server-addresses.ts', [
    [
      'an NS name that is an alias of an alias is not followed',
      'return alias ? {',
      'return Math.PI < 3 ? {',
      ['test/resolver/poor-replies.test.ts', 'RFC 2181 §10.3'],
    ],
  ]),
  ...inFile('src/resolver/iterate.ts', [
    [
      'the address of a server is kept no longer than its delegation',
      '    core.cache.records.shorten(name, type, expiresAtMs);\n',
      '',
      ['test/resolver/last-resort.test.ts', 'no longer than its delegation'],
    ],
    [
      'an answer of nothing is kept for a moment',
      'if (isBare(answer)) core',
      'if (isBare(answer) && Math.PI < 3) core',
      ['test/resolver/poor-replies.test.ts', 'an answer of nothing'],
    ],
    [
      'the walk for DS begins above the cut',
      'type === RRType.DS && name.labelCount > 0 ? name.parent : name',
      'name',
      [POISONING, 'DS for a cut'],
    ],
  ]),
  ...inFile('src/resolver/classify.ts', [
    [
      'what a resolver repeats is no authority',
      'if (message.ra && !message.aa && !isForwarder) return classifyRepeated(message, context);',
      '',
      [SERVERS, 'an answer out of a resolver'],
    ],
    [
      'a referral from a forwarder is not followed',
      "if (refers) return { kind: 'error', why: 'a referral in place of an answer' };\n    return noData(question.name);",
      'if (refers && !question) return noData(question);',
      [FORWARDING, 'a forwarder sends a referral within'],
    ],
    [
      'YXDOMAIN without a DNAME is an error',
      "if (rcode === Rcode.YXDOMAIN) return { kind: 'error', why: 'YXDOMAIN without a DNAME' };",
      '',
      [SERVERS, 'under YXDOMAIN'],
    ],
    [
      'data that their rcode denies are not believed',
      "if (rcode === Rcode.NOERROR) return { kind: 'answer', ...chain };\n",
      "if (rcode >= 0) return { kind: 'answer', ...chain };\n",
      [SERVERS, 'under NXDOMAIN'],
    ],
    [
      'only the chain from the name that was asked is an answer',
      'const rrset = answers.find(name, type);',
      'const rrset = answers.find(name, type) ?? answers.ofType(type)[0];',
      [POISONING, 'look-alike data'],
      [POISONING, 'B10'],
    ],
    [
      'aliases in one reply are counted',
      'while (aliases.length < aliasLimit) {',
      'while (aliases.length < 1e4) {',
      [WORK, 'an alias to itself is read eleven times'],
    ],
    [
      'the CNAME of a DNAME is made, not taken from the reply (RFC 6672 §3.1)',
      'if (dname) return',
      'if (dname && !answers.find(name, RRType.CNAME)) return',
      [SERVERS, 'DNAME moves'],
    ],
    [
      'a DNAME moves what is below it only',
      'name.isBelow(rrset.name)',
      'rrset.name.labelCount > 0',
      [POISONING, 'DNAME of a neighbour'],
    ],
    [
      'of several CNAMEs of a name one counts (RFC 2181 §10.1)',
      'rrsets: [onlyFirst(cname)]',
      'rrsets: [cname]',
      [POISONING, 'two CNAMEs'],
    ],
    [
      'NXDOMAIN without SOA and without authority is no answer',
      'if (!soa && !message.aa && !isForwarder) {',
      'if (!soa && !message.aa && isForwarder) {',
      [POISONING, 'NXDOMAIN without'],
    ],
    [
      'the SOA of a negative answer stands at or above the name',
      'rrset.type === RRType.SOA && name.isSubdomainOf(rrset.name)',
      'rrset.type === RRType.SOA && (name.labelCount > 0 || rrset.ttl > 0)',
      [SERVERS, 'SOA of a neighbour'],
    ],
    [
      'what comes behind an alias is looked up anew (RFC 2181 §5.4.1)',
      "if (chain.aliases.length > 0 && !isForwarder) return { kind: 'answer', ...chain, end: OPEN };",
      '',
      ['test/resolver/walk.test.ts', 'RFC 2181 §5.4.1'],
    ],
  ]),
  ...inFile('src/resolver/do-not-query.ts', [
    [
      'our own addresses are not asked',
      'return own.has(text) ? undefined : text;',
      'return text;',
      [DELEGATIONS, 'of the resolver itself'],
    ],
    [
      'loopback addresses are not asked',
      'if (first === 127) return !allowLoopback;',
      '',
      [DELEGATIONS, 'addresses of this host'],
    ],
    [
      '0.0.0.0/8 is not asked',
      'return first === 0 || first >= 224;',
      'return first >= 224;',
      [DELEGATIONS, 'addresses of this host'],
    ],
    [
      'multicast and broadcast are not asked',
      'return first === 0 || first >= 224;',
      'return first === 0;',
      [DELEGATIONS, 'of everybody'],
    ],
    [
      'IPv6 multicast is not asked',
      'if (octets[0] === 0xff) return true;',
      '',
      [DELEGATIONS, 'of everybody'],
    ],
    [
      'IPv4 in the clothes of IPv6 is not asked',
      'return !(isLoopback && allowLoopback);',
      'return isLoopback;',
      [DELEGATIONS, 'in disguise'],
    ],
  ]),
  ...inFile('src/resolver/root-servers.ts', [
    [
      'the root is primed twice a day at most',
      'this.#nextPrimingMs = nowMs + primingLimits.intervalMs;',
      'this.#nextPrimingMs = nowMs;',
      [WORK, 'twice a day'],
      ['test/resolver/priming.test.ts', 'twice a day'],
    ],
  ]),
  ...inFile('src/cache/record-cache.ts', [
    [
      'less credible data replace no more credible ones (RFC 2181 §5.4.1)',
      'if (present !== NONE && store.noteOf(present) > credibility) return;',
      '',
      [POISONING, 'says without authority'],
      [CACHE, 'credib'],
    ],
  ]),
  ...inFile('src/cache/delegation-cache.ts', [
    [
      'a delegation does not outlive the one above it',
      'Math.min(expiryMs(nowMs, ttlSeconds), parent.expiresAtMs)',
      'expiryMs(nowMs, ttlSeconds)',
      [POISONING, 'phoenix T2'],
    ],
  ]),
  ...inFile('src/cache/expiring-store.ts', [
    [
      'caches are bounded in octets',
      'this.#octets > this.#maxOctets',
      'this.#octets > 2 ** 40',
      [WORK, 'within the octets of the cache'],
      [CACHE, ''],
    ],
    [
      'what is over is not served',
      'return this.nowMs < expiresAtMs;',
      'return this.nowMs < expiresAtMs + 1e9;',
      [POISONING, 'ghost domain'],
    ],
  ]),
  ...inFile('src/cache/expiring-store.ts', [
    [
      'what was found in a cache is not pushed out by a flood of what is new',
      'if (once && this.#isLive(once)) this.#promote(key, once);',
      '',
      [CACHE, 'what was found outlasts a flood'],
    ],
  ]),
  ...inFile('src/cache/octet-store.ts', [
    [
      'records are bounded in octets',
      'while (this.#octets + octets > this.#room) {',
      'while (this.#octets + octets > 2 ** 40) {',
      [WORK, 'within the octets of the cache'],
      [OCTET_STORE, ''],
    ],
    [
      'a record that is over is not served',
      'const isHit = place !== NONE && nowMs < this.expiresAtMs(place);',
      'const isHit = place !== NONE && nowMs < this.expiresAtMs(place) + 1e9;',
      [POISONING, 'ghost domain'],
    ],
    [
      'a record that was found is not pushed out by a flood of what is new',
      'if (nowMs < this.expiresAtMs(place)) return this.#promote(place);',
      '',
      [OCTET_STORE, ''],
    ],
    [
      'what a flood pushed out and is wanted again is kept from the flood',
      'oldRing ? oldRing === this.#often : this.#pushedOut.has(hash);',
      'oldRing ? oldRing === this.#often : false;',
      [WORK, 'cache flooding'],
    ],
  ]),
  ...inFile('src/cache/key.ts', [
    [
      'keys hold the octets of names, not their text',
      '+ nameKey',
      "+ nameKey.replaceAll(/[\\x00-\\x1f]/g, '.')",
      [CACHE, 'reads like that of another'],
    ],
  ]),
  ...inFile('src/query/guard.ts', [
    [
      'responses are never answered (CVE-2024-2169)',
      '|| header.qr) return',
      ') return',
      [REFLECTION, 'responses of every kind'],
    ],
  ]),
  ...inFile('src/query/render.ts', [
    [
      'no reply over UDP is larger than passes unfragmented',
      'return Math.min(offered, DEFAULT_UDP_PAYLOAD_SIZE);',
      'return offered;',
      [REFLECTION, 'no reply is larger'],
    ],
  ]),
  ...limitsIn('src/server/tcp-limits.ts', [
    ['connections: 256', [SERVER, 'connection']],
    ['connectionsPerAddress: 16', [SERVER, 'connection']],
    ['idleMs: 10_000', [SERVER, '']],
    ['inFlight: 32', [SERVER, '']],
  ]),
  ...limitsIn('src/server/tcp-session.ts', [
    ['firstOctetMs: 3_000', [SERVER, '']],
    ['messageMs: 2_000', [SERVER, '']],
    ['stalledMs: 10_000', [SERVER, '']],
    ['unsentOctets: 262_144', [SERVER, '']],
  ]),
];

/**
 * The defences of what an operator allows or forbids, for `defences.ts`: access, rates, local zones,
 * cuts, refreshes and the age of what is stale.
 */

import { inFile, limitsIn, type Defence } from './defence.ts';

const CLIENTS = 'test/app/clients.test.ts';
const LOCAL = 'test/resolver/local-zones.test.ts';
const POLICY = 'test/attacks/policy.test.ts';
const REFLECTION = 'test/attacks/reflection.test.ts';
const STALE = 'test/resolver/stale.test.ts';

export const policyDefences: readonly Defence[] = [
  ...limitsIn('src/resolver/limits.ts', [
    ['refreshes: 100', [POLICY, 'prefetch abuse']],
    ['popularHits: 2', [STALE, 'of a name that two clients found']],
  ]),
  ...inFile('src/cache/look.ts', [
    [
      'a refresh that came to nothing is not tried again for a while',
      'store.setDueAtMs(place, nowMs + RETRY_MS);',
      '',
      [POLICY, 'prefetch abuse'],
    ],
  ]),
  ...inFile('src/resolver/prefetch.ts', [
    [
      'nothing is refreshed twice at a time',
      'isFull || this.#underWay.has(key) || ',
      'isFull || ',
      [POLICY, 'a crowd that gets'],
    ],
  ]),
  ...inFile('src/cache/octet-store.ts', [
    [
      'what is stale is of use for so long and no longer',
      'return nowMs >= this.expiresAtMs(place) + this.#options.staleMs;',
      'return nowMs < 0 && place > 0;',
      [POLICY, 'stale answers'],
    ],
  ]),
  ...inFile('src/resolver/stale.ts', [
    [
      'nothing that is older than a week is answered, whatever is configured',
      'Math.min(options.maxAgeSeconds ?? 86_400, MAX_AGE_SECONDS)',
      '(options.maxAgeSeconds ?? 86_400)',
      [POLICY, 'a week'],
    ],
    [
      'servers that failed are left alone, and what is stale answers meanwhile',
      'this.#core.cache.failures.hold(question, failure, this.#recheckSeconds);',
      '',
      [STALE, 'and leaves them alone'],
    ],
  ]),
  ...inFile('src/resolver/create-core.ts', [
    [
      'NXDOMAIN covers the names below only where an operator wants it',
      'nxdomainCut ? cutsBelow : undefined',
      'nxdomainCut !== undefined ? cutsBelow : undefined',
      [STALE, 'covers its own name alone'],
    ],
  ]),
  ...inFile('src/resolver/stored.ts', [
    [
      'NXDOMAIN does not cover a zone of configuration below (CVE-2026-44687)',
      'cache.cutsBelow(name) + 1',
      '1',
      [POLICY, 'NXDOMAIN cut'],
    ],
  ]),
  ...inFile('src/resolver/resolver.ts', [
    [
      'what an alias leads to may be a local zone',
      // What was asked for itself is looked up in `known.ts`, before.
      'const here = this.#core.local.answer(question);',
      'const here = question ? undefined : undefined;',
      [POLICY, 'local zones'],
    ],
  ]),
  ...inFile('src/resolver/known.ts', [
    [
      'local zones come before the cache',
      'const local = this.#core.local.answer(question);\n    if (local ||',
      'const local = this.#core.local.answer({ ...question, class: 0 });\n    if (local ||',
      [LOCAL, 'a local zone'],
    ],
  ]),
  ...inFile('src/query/clients.ts', [
    [
      'clients get what the access lists say',
      'const access = this.#access.of(clientOctets);',
      "const access: Access = clientOctets ? 'recurse' : 'drop';",
      [REFLECTION, 'who is refused or dropped'],
      [CLIENTS, 'gets over TCP what it gets over UDP'],
    ],
    [
      'answers to strangers over UDP are limited in rate',
      "return this.#rate.take(clientOctets) ? access : 'limited';",
      'return access;',
      [REFLECTION, 'a flood in the name of a victim'],
      [CLIENTS, 'a flood gets its share'],
    ],
    [
      'nothing is sent to addresses that nobody has',
      "if (transport === 'udp' && !mayBeAnswered(clientOctets)) return 'drop';",
      '',
      [CLIENTS, 'addresses that nobody has'],
    ],
  ]),
  ...inFile('src/query/response-rate.ts', [
    [
      'a network has one rate, however many addresses are forged',
      'return keyedHash(this.#key, wordAt(address, 0) & ipv4, 4);',
      'return keyedHash(this.#key, wordAt(address, 0), 4);',
      [REFLECTION, 'a flood in the name of a victim'],
      ['test/query/response-rate.test.ts', 'a network is a /24'],
    ],
    [
      'those who are limited keep their bucket in a flood of forged networks (CVE-2026-33597)',
      'if (this.#tokensAt(bucket, nowMs) > this.#tokensAt(fullest, nowMs)) fullest = bucket;',
      'if (this.#tokensAt(bucket, nowMs) < this.#tokensAt(fullest, nowMs)) fullest = bucket;',
      ['test/query/response-rate.test.ts', 'a million forged networks'],
    ],
  ]),
];

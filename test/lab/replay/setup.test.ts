/** What of a scenario we lack is named, and nothing is ignored by accident. */
import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../../src/lab/replay/parse-scenario.ts';
import { setUp } from '../../../src/lab/replay/setup.ts';
import { check, describeOutcome, query, run, scenario } from './scenes.ts';

const setupOf = (config: string, ...parts: readonly string[]): ReturnType<typeof setUp> =>
  setUp(parseScenario('f', scenario(config, ...parts)));

const ANCHOR = 'trust-anchor: "example. DS 1 8 2 00"';

describe('features that we lack', () => {
  test.each([
    [`server:\n${ANCHOR}`, 'DNSSEC validation'],
    [`server:\n${ANCHOR}\nmodule-config: "validator iterator"`, 'DNSSEC validation'],
    [`server:\n${ANCHOR}\nmodule-config: "iterator"`, ''],
    ['AUTOTRUST_FILE x\nAUTOTRUST_END', 'DNSSEC validation'],
    ['server:\nmodule-config: "dns64 iterator"', 'DNS64 (RFC 6147)'],
    ['server:\nqname-minimisation: yes', ''],
    ['server:\nqname-minimisation: "no"', ''],
    ['query-minimization: on', ''],
    ['server:\nserve-expired: yes\nserve-expired-ttl: 1', ''],
    ['server:\nserve-expired: no', ''],
    ['server:\nserve-expired-ttl-reset: yes', 'the option serve-expired-ttl-reset'],
    ['server:\nnever-heard-of: 5', 'the option never-heard-of'],
    ['server:\nnever-heard-of: no', ''],
    ['server:\nlocal-zone: test. nodefault', ''],
    ['server:\nlocal-zone: test. static', ''],
    ['server:\nlocal-zone: test. noview', 'local zones of the type noview'],
    ['server:\nlocal-data: "a. A 192.0.2"', 'local data as a. A 192.0.2'],
    ['server:\naccess-control: 192.0.2.0/24 deny', ''],
    ['server:\naccess-control: 192.0.2.0/24 allow_cookie', 'access-control allow_cookie'],
    ['server:\nnsid: "ascii_x"\nanswer-cookie: yes\nedns-tcp-keepalive: yes', ''],
    ['server:\nnsid: "xyz"', 'nsid xyz'],
    ['server:\niter-scrub-ns: 1', 'the option iter-scrub-ns'],
    ['server:\nlocal-data: \'a. TXT "b"\'', ''],
    ['features: min_ttl = 5', ''],
    ['server:\ndiscard-timeout: 3000', ''],
    ['server:\nlocal-data: "a. CH TXT b"', 'local data of class CH or HS'],
    ['features: static_hint_name = a.', 'the feature static_hint_name'],
    ['server:\naccess-control: 192.0.2.0/24 refuse', ''],
    ['server:\naccess-control: 192.0.2.0/24 allow\naccess-control: 192.0.2.128/25 refuse', ''],
    ['feature-list: "flag_day"', 'the feature flag_day'],
    ['server:\ndo-ip4: no', 'resolution over IPv6 alone (do-ip4: no)'],
    ['stub-zone:\nname: "."\nstub-addr: 192.0.2.1\nstub-prime: no', ''],
    ['stub-zone:\nname: "."\nstub-first: yes', 'stub-first'],
    ['stub-zone:\nname: example.\nstub-addr: 192.0.2.1', ''],
    ['stub-zone:\nname: example.\nstub-tls-upstream: yes', 'stub-tls-upstream'],
    ['forward-zone:\nname: .\nforward-addr: 192.0.2.1', ''],
    ['forward-zone:\nname: .\nforward-host: a.example.', 'forward-host'],
    ['forward-addr: 192.0.2.1', ''],
    ['rpz:\nname: x', 'response policy zones (RPZ)'],
  ])('%j', (config, needs) => {
    expect(setupOf(config).needs.join(', ')).toBe(needs);
  });

  test.each([
    [check(2, 'a. A', { reply: 'QR AD' }), 'DNSSEC validation'],
    [
      check(2, 'a. A', { reply: 'QR DO', authority: 'a. NSEC b. A' }),
      'DNSSEC records for clients that ask for them (DO)',
    ],
    [check(2, 'a. NSEC', { reply: 'QR DO', answer: 'a. NSEC b. A' }), ''],
    [check(2, 'a. A', { reply: 'QR', authority: 'a. NSEC b. A' }), ''],
    [
      'STEP 2 CHECK_TEMPFILE x\nFILE_BEGIN\nFILE_END\n',
      'zone transfers into a file (CHECK_TEMPFILE)',
    ],
    [
      check(2, 'a. A', { reply: 'QR RA', answer: '. NS ns.' }),
      'referrals for clients that ask without RD',
    ],
    [check(2, '. NS', { reply: 'QR RA', answer: '. NS ns.' }), ''],
    ['STEP 2 ASSIGN x = 1\n', 'variables in steps (ASSIGN)'],
    ['STEP 2 TIME_PASSES ELAPSE 1251100000\n', 'years that pass between steps'],
    ['STEP 2 FLUSH_MESSAGE x\n', 'the step FLUSH_MESSAGE'],
  ])('%j', (steps, needs) => {
    expect(setupOf('server:', steps).needs.join(', ')).toBe(needs);
  });

  test('skip the scenario, each once', async () => {
    const steps = [query(1, 'a. A'), check(2, 'a. A', { reply: 'QR AD' })];
    const outcome = await run(steps, { config: `server:\n${ANCHOR}\naggressive-nsec: yes` });
    expect(describeOutcome(outcome)).toBe(
      'needs aggressive use of NSEC (RFC 8198), DNSSEC validation',
    );
  });
});

test('a defence that a scenario switches off is a feature that we lack', () => {
  expect(setupOf('server:\nharden-glue: no').needs).toEqual([
    'glue out of bailiwick (harden-glue: no)',
  ]);
  expect(setupOf('server:\nharden-glue: yes').needs).toEqual([]);
});

describe('options that we have', () => {
  test('root servers, address families, cache limits, access', () => {
    const { recursion } = setupOf(
      [
        'server:',
        'do-ip6: no',
        'do-not-query-localhost: no',
        'do-not-query-address: 192.0.2.9',
        'cache-max-ttl: 100',
        'cache-max-negative-ttl: 10',
        'access-control: 192.0.2.0/24 allow_snoop',
        'access-control: 203.0.113.5/32 refuse',
        'stub-zone: name: "." stub-addr: 192.0.2.1 stub-addr: 2001:db8::1@53',
      ].join('\n'),
    );
    expect(recursion).toMatchObject({
      useIPv6: false,
      allowLoopback: true,
      doNotQuery: ['192.0.2.9'],
      cacheLimits: { ttlSeconds: 100, negativeTtlSeconds: 10 },
      rootHints: [{ addresses: ['192.0.2.1', '2001:db8::1'] }],
    });
    expect(recursion.allow.map(({ octets, bits }) => `${octets.join('.')}/${bits}`)).toEqual([
      '127.0.0.0/8',
      '0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1/128',
      '192.0.2.0/24',
    ]);
  });

  test('the root of Deckard has a name, and everybody may ask', () => {
    const { recursion } = setupOf('stub-addr: 192.0.2.1\nstub-name: ns.test');
    expect(recursion.rootHints[0]!.name.toString()).toBe('ns.test.');
    expect(recursion.allow[0]!.bits).toBe(0);
  });

  test('limits of one query, who is refused, cookies and NSID', () => {
    const { recursion, clients, identity } = setupOf(
      [
        'server:',
        'outbound-msg-retry: 2',
        'max-global-quota: 120',
        'max-query-restarts: 3',
        'prefetch: yes',
        'access-control: 192.0.2.0/24 deny',
        'access-control: 192.0.2.128/25 refuse',
        'answer-cookie: yes',
        'cookie-secret: "000102030405060708090a0b0c0d0e0f"',
        'nsid: 00ff',
      ].join('\n'),
    );
    expect(recursion.limits).toEqual({
      triesPerAddress: 2,
      triesUnproven: 2,
      sends: 120,
      aliases: 3,
      popularHits: 1,
    });
    expect(clients).toMatchObject({
      drop: [{ bits: 24 }],
      refuse: [{ bits: 25 }],
      cookies: 'answer',
    });
    expect(clients.cookieSecrets![0]).toHaveLength(16);
    expect(identity.nsid).toEqual(Uint8Array.of(0, 0xff));
  });

  test('an identity that is hidden is not told', () => {
    const config = 'server:\nidentity: x\nversion: y\nhide-version: yes\nhide-identity: no';
    expect(setupOf(config).identity).toEqual({ id: 'x' });
  });
});

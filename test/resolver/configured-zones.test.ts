/** Stub and forward zones: who is asked, with which flags, and what their servers may not say. */
import { describe, expect, test } from 'vitest';
import { nameOf } from '../../src/wire/name-text.ts';
import { KeptStory } from '../../src/query/explanation.ts';
import { Rcode } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import type { ForwardZone, StubZone } from '../../src/resolver/configured-zones.ts';
import type { Resolver } from '../../src/resolver/resolver.ts';
import {
  EXAMPLE,
  type Internet,
  plainInternet,
  questionOf,
  records,
  reply,
  type Responder,
  zone,
} from './fixture.ts';

const INSIDE = '192.0.2.53';
const OTHER = '192.0.2.54';
const CORP = nameOf('corp.example.com.');

const CORP_ZONE = `
  @   3600 SOA   ns hostmaster 1 1800 900 604800 60
  @   3600 NS    ns
  ns  3600 A     ${INSIDE}
  www 300  A     10.0.0.80
  out 300  CNAME www.example.com.
  sub 3600 NS    ns.sub
  ns.sub 3600 A  ${OTHER}
`;

/** What a resolver says to whoever may use it. */
function recursive(text: string): Responder {
  const answer = zone('corp.example.com.', text);
  return (query, via) => {
    const plain = answer(query, via) as ReturnType<typeof reply>;
    return { ...plain, aa: false, ra: true, rd: query.rd };
  };
}

async function setUp(options: {
  readonly stubs?: readonly StubZone[];
  readonly forwards?: readonly ForwardZone[];
  readonly inside?: Responder;
}): Promise<{ internet: Internet; resolver: Resolver }> {
  const internet = await plainInternet();
  await internet.serve(INSIDE, options.inside ?? zone('corp.example.com.', CORP_ZONE));
  const { stubs = [], forwards = [] } = options;
  return { internet, resolver: internet.resolver({ stubs, forwards }) };
}

describe('a stub zone', () => {
  const stubs = [{ zone: CORP, addresses: [INSIDE] }];

  test('is asked without RD in place of whom the parent names', async () => {
    const { internet, resolver } = await setUp({ stubs });
    expect(await internet.ask(resolver, 'www.corp.example.com.')).toBe(
      'NOERROR: www.corp.example.com. 300 A 10.0.0.80',
    );
    expect(internet.takeAsked()).toEqual([`${INSIDE} www.corp.example.com. A`]);
    expect(internet.received[0]!.message.rd).toBe(false);
  });

  test('may delegate further down, and the cut that it grants is used', async () => {
    const { internet, resolver } = await setUp({ stubs });
    const sub = 'a 60 A 10.0.0.1\n b 60 A 10.0.0.2';
    await internet.serve(OTHER, zone('sub.corp.example.com.', sub));
    await internet.ask(resolver, 'a.sub.corp.example.com.');
    internet.takeAsked();
    await internet.ask(resolver, 'b.sub.corp.example.com.');
    expect(internet.takeAsked()).toEqual([`${OTHER} b.sub.corp.example.com. A`]);
  });

  test('has servers that are known by name', async () => {
    const names = [nameOf('ns.example.com.')];
    const { internet, resolver } = await setUp({ stubs: [{ zone: nameOf('alias.org.'), names }] });
    expect(await internet.ask(resolver, 'www.alias.org.')).toContain('192.0.2.90');
    expect(internet.takeAsked()).toContain(`${EXAMPLE} ns.example.com. A`);
  });

  test('leaves the DS record at its top to the parent (RFC 4035 §3.1.4.1)', async () => {
    const { internet, resolver } = await setUp({ stubs });
    await internet.ask(resolver, 'corp.example.com.', 'DS');
    expect(internet.takeAsked()).not.toContain(`${INSIDE} corp.example.com. DS`);
  });

  test('that fails is the end, unless it is to be tried first only', async () => {
    const inside: Responder = (query) => reply(query, { rcode: Rcode.SERVFAIL });
    const own = { zone: nameOf('example.com.'), addresses: [INSIDE] };
    const strict = await setUp({ stubs: [own], inside });
    expect(await strict.internet.ask(strict.resolver, 'www.example.com.')).toMatch(
      /^failure: no stub server of example.com. gave an answer: stub server 1 said SERVFAIL/,
    );
    const lax = await setUp({ stubs: [{ ...own, first: true }], inside });
    expect(await lax.internet.ask(lax.resolver, 'www.example.com.')).toContain('192.0.2.80');
  });

  test('below a forward zone, and above one: the longest match wins', async () => {
    const forwards = [{ zone: nameOf('example.com.'), addresses: [OTHER] }];
    const { internet, resolver } = await setUp({ stubs, forwards });
    await internet.serve(OTHER, (query) =>
      reply(query, { ra: true, answers: records('www.example.com. 60 A 10.9.9.9') }),
    );
    expect(await internet.ask(resolver, 'www.corp.example.com.')).toContain('10.0.0.80');
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('10.9.9.9');
  });
});

describe('a forward zone', () => {
  const forwards = [{ zone: CORP, addresses: [INSIDE] }];

  test('is asked with RD, and believed without AA', async () => {
    const { internet, resolver } = await setUp({ forwards, inside: recursive(CORP_ZONE) });
    expect(await internet.ask(resolver, 'www.corp.example.com.')).toContain('10.0.0.80');
    expect(await internet.ask(resolver, 'no.corp.example.com.')).toMatch(/^NXDOMAIN/);
    expect(await internet.ask(resolver, 'www.corp.example.com.', 'MX')).toMatch(/^NOERROR \//);
    expect(internet.received.map(({ message }) => message.rd)).toEqual([true, true, true]);
  });

  test('may be one for everything', async () => {
    const all = [{ zone: nameOf('.'), addresses: [INSIDE] }];
    const inside: Responder = (query) =>
      reply(query, { ra: true, answers: records('www.example.com. 60 A 10.1.1.1') });
    const { internet, resolver } = await setUp({ forwards: all, inside });
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('10.1.1.1');
    expect(internet.takeAsked()).toEqual([`${INSIDE} www.example.com. A`]);
  });

  test('over TCP alone, on a port of its own', async () => {
    const tcp = [{ zone: CORP, addresses: [INSIDE], tcp: true }];
    const { internet, resolver } = await setUp({ forwards: tcp, inside: recursive(CORP_ZONE) });
    expect(await internet.ask(resolver, 'www.corp.example.com.')).toContain('10.0.0.80');
    expect(internet.takeAsked()).toEqual([`${INSIDE} www.corp.example.com. A tcp`]);
    const elsewhere = internet.resolver({ forwards: [{ ...tcp[0]!, port: 5353 }] });
    const { clock } = internet.resolverHost.runtime;
    const story = new KeptStory(clock, clock.monotonic());
    const asked = questionOf('www.corp.example.com.');
    const message = createMessage({ rd: true, questions: [asked] });
    const client = { address: '127.0.0.1', port: 5353 };
    const query = { message, question: asked, client, receivedAtMs: 0, transport: 'udp' } as const;
    const { signal } = new AbortController();
    await internet.world.run(
      Promise.resolve(elsewhere.answer({ ...query, story: story.root }, signal)),
    );
    const facts = story.explanation.steps.find(({ kind }) => kind === 'asked')?.facts;
    expect(facts).toMatchObject({ server: INSIDE, port: 5353 });
    expect(facts).not.toHaveProperty('serverName');
  });

  test("that fails is told by its place: its address is nobody else's business", async () => {
    const everything = [{ zone: nameOf('.'), addresses: [INSIDE, '192.0.2.99', '192.0.2.98'] }];
    const { internet, resolver } = await setUp({
      forwards: everything,
      inside: (query) => reply(query, { rcode: Rcode.SERVFAIL }),
    });
    internet.world.host({ addresses: ['192.0.2.99'] });
    const told = await internet.ask(resolver, 'www.example.org.');
    expect(told).toMatch(/^failure: no forwarder of \. gave an answer: /);
    expect(told).toContain('forwarder 1 said SERVFAIL');
    expect(told).toContain('forwarder 2 refused the connection');
    expect(told).toContain('forwarder 3 did not answer in time');
    expect(told).not.toMatch(/192\.0\.2|ECONN|recv/);
  });

  test('that is not to be kept is asked every time', async () => {
    const uncached = [{ zone: CORP, addresses: [INSIDE], isCached: false }];
    const { internet, resolver } = await setUp({
      forwards: uncached,
      inside: recursive(CORP_ZONE),
    });
    await internet.ask(resolver, 'www.corp.example.com.');
    await internet.ask(resolver, 'www.corp.example.com.');
    expect(internet.takeAsked()).toHaveLength(2);
  });

  test('answers for nothing outside: aliases are resolved anew (MaginotDNS)', async () => {
    const inside: Responder = (query) =>
      reply(query, {
        ra: true,
        answers: records(`
          out.corp.example.com. 300 CNAME www.example.com.
          www.example.com.      300 A     203.0.113.66
          example.com.          300 DNAME taint.attacker.test.
        `),
        authorities: records('com. 300 NS ns.attacker.test.'),
        additionals: records('ns.attacker.test. 300 A 203.0.113.66'),
      });
    const { internet, resolver } = await setUp({ forwards, inside });
    expect(await internet.ask(resolver, 'out.corp.example.com.')).toBe(
      'NOERROR: out.corp.example.com. 300 CNAME www.example.com.; www.example.com. 300 A 192.0.2.80',
    );
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.80');
  });

  test('does not refer: what looks like a referral is no answer', async () => {
    const inside: Responder = (query) =>
      reply(query, {
        ra: true,
        authorities: records('sub.corp.example.com. 300 NS ns.sub.corp.example.com.'),
        additionals: records('ns.sub.corp.example.com. 300 A 203.0.113.66'),
      });
    const { internet, resolver } = await setUp({ forwards, inside });
    expect(await internet.ask(resolver, 'www.sub.corp.example.com.')).toContain('a referral');
    expect([...resolver.cache.delegations.entries()]).toEqual([]);
  });

  test('to ourselves ends', async () => {
    const { internet, resolver } = await setUp({
      forwards: [{ zone: CORP, addresses: ['203.0.113.1'] }],
    });
    await internet.serveOnResolver(async (query) => {
      const { name, type } = query.questions[0]!;
      await resolver.resolve({ name, type, class: 1 });
      return reply(query, { rcode: Rcode.SERVFAIL, ra: true });
    });
    const before = resolver.counters.sends;
    expect(await internet.ask(resolver, 'www.corp.example.com.')).toMatch(/^failure/);
    expect(resolver.counters.sends - before).toBeLessThanOrEqual(17);
    const refusing = internet.resolver({
      forwards: [{ zone: CORP, addresses: ['203.0.113.1'] }],
      doNotQuery: ['203.0.113.1'],
    });
    expect(await internet.ask(refusing, 'www.corp.example.com.')).toContain('no address is known');
    expect(refusing.counters.sends).toBe(0);
  });

  test('is silent, and a walk from the root helps when it is to be tried first only', async () => {
    const inside: Responder = () => undefined;
    const first = [{ zone: nameOf('example.com.'), addresses: [INSIDE], first: true }];
    const { internet, resolver } = await setUp({ forwards: first, inside });
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.80');
    expect(internet.leftOpen).toBe(0);
    expect(resolver.cache.failures.get(questionOf('www.example.com.'))).toBeUndefined();
  });
});

/** The tree that a query's explanation shows, for each thing that may happen on its way. */
import { describe, expect, test } from 'vitest';
import { KeptStory } from '../../src/query/explanation.ts';
import type { Resolver } from '../../src/resolver/resolver.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  COM,
  COM_ZONE,
  EXAMPLE,
  EXAMPLE_ZONE,
  Internet,
  plainInternet,
  questionOf,
  records,
  reply,
  ROOT,
  ROOT_ZONE,
  zone,
  type Responder,
} from './fixture.ts';

/** The plain internet with evil.com., whose server is `evil`. */
async function withEvil(evil: Responder): Promise<Internet> {
  const internet = new Internet();
  const com = `${COM_ZONE}\n evil 3600 NS ns.evil\n ns.evil 3600 A 192.0.2.66`;
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve('192.0.2.66', evil);
  return internet;
}

/** Lines of `time text`, indented by depth; details in brackets are left out. */
async function explain(
  internet: Internet,
  resolver: Resolver,
  asked: string | Omit<Asking, 'story'>,
): Promise<string[]> {
  const { clock } = internet.resolverHost.runtime;
  const story = new KeptStory(clock, clock.monotonic());
  const asking = typeof asked === 'string' ? { name: asked, story } : { ...asked, story };
  await internet.world.run(Promise.resolve(ask(internet, resolver, asking)));
  return linesOf(story);
}

interface Asking {
  readonly name: string;
  readonly story: KeptStory;
  readonly type?: string;
  readonly rd?: boolean;
}

function ask(
  internet: Internet,
  resolver: Resolver,
  { name, story, type = 'A', rd = true }: Asking,
): unknown {
  const question = questionOf(name, type);
  const query = {
    message: createMessage({ rd, questions: [question] }),
    question,
    transport: 'udp',
    client: { address: '127.0.0.1', port: 5353 },
    receivedAtMs: internet.resolverHost.runtime.clock.monotonic(),
    story: story.root,
  } as const;
  return resolver.answer(query, new AbortController().signal);
}

function linesOf(story: KeptStory): string[] {
  return story.explanation.steps.map(({ depth, at, text }) => {
    return `${'  '.repeat(depth)}${at} ${text}`;
  });
}

const brief = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/ \([^)]*\)$/, ''));

test('a walk from the root: each server with why it was chosen and what it said', async () => {
  const internet = await plainInternet();
  expect(await explain(internet, internet.resolver(), 'www.example.com.')).toEqual([
    '0 looking up www.example.com. A, which is not in the cache',
    '  0 starting at the root, as configured',
    `  0 asked ${ROOT} for com. A: referral to com. in 20.0 ms (a.root., not asked before, TTL 86400)`,
    `  20 asked ${COM} for example.com. A: referral to example.com. in 20.0 ms (ns.com., not asked before, TTL 3600)`,
    `  40 asked ${EXAMPLE} for www.example.com. A: data in 20.0 ms (ns.example.com., not asked before)`,
  ]);
});

test('a cache hit with the TTL that is left, and nobody asked', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  await internet.ask(resolver, 'near.example.com.');
  await internet.world.advance(100_000);
  expect(await explain(internet, resolver, 'near.example.com.')).toEqual([
    expect.stringMatching(
      /^0 cache hit: near\.example\.com\. A, alias of www\.exa.*, TTL (199|200)$/,
    ),
    expect.stringMatching(/^0 cache hit: www\.example\.com\. A, NOERROR, TTL (199|200)$/),
  ]);
  await internet.ask(resolver, 'none.example.com.');
  expect(await explain(internet, resolver, 'none.example.com.')).toEqual([
    expect.stringMatching(/^0 cache hit: none\.example\.com\. A, NXDOMAIN, TTL (59|60)$/),
  ]);
});

test('a known delegation is where the walk starts, with its time left', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.example.com.');
  await internet.world.advance(600_000);
  const lines = await explain(internet, resolver, 'ns.example.com.');
  expect(lines[1]).toMatch(/^ {2}0 starting at example\.com\., delegated for (2999|3000) s more$/);
  expect(lines[2]).toContain('usually 20.0 ms');
});

test('a silent server is waited for and asked again, each time a step with its wait', async () => {
  const internet = new Internet();
  let queries = 0;
  const root = zone('.', ROOT_ZONE);
  await internet.serve(ROOT, (query, via) => (queries++ === 0 ? undefined : root(query, via)));
  await internet.serve(COM, zone('com.', COM_ZONE));
  await internet.serve(EXAMPLE, zone('example.com.', EXAMPLE_ZONE));
  const lines = brief(await explain(internet, internet.resolver(), 'www.example.com.'));
  expect(lines.slice(2, 4)).toEqual([
    `  0 asked ${ROOT} for com. A: timed out in 376.0 ms`,
    `  376 asked ${ROOT} for com. A: referral to com. in 20.0 ms`,
  ]);
});

test('a query that fails ends with the reason, and says what was tried', async () => {
  const internet = new Internet();
  await internet.serve(ROOT, (query) => reply(query, { rcode: 5 }));
  const lines = brief(await explain(internet, internet.resolver(), 'www.example.com.'));
  expect(lines[2]).toBe(`  0 asked ${ROOT} for com. A: lame (REFUSED) in 20.0 ms`);
  expect(lines.at(-1)).toMatch(/^\d+ failed: no server of \. gave an answer: .* said REFUSED$/);
});

test('poison is told under the reply that it came in, with the rule that keeps it out', async () => {
  const internet = await withEvil((query) =>
    reply(query, {
      aa: true,
      answers: records(`
        www.evil.com.    60 A 203.0.113.66
        other.evil.com.  60 A 203.0.113.66
        www.example.com. 60 A 203.0.113.66`),
      additionals: records('ns.example.com. 60 A 203.0.113.66'),
    }),
  );
  const lines = await explain(internet, internet.resolver(), 'www.evil.com.');
  expect(lines.slice(-3)).toEqual([
    '    60 discarded other.evil.com. A: not on the chain of aliases',
    '    60 discarded www.example.com. A: out of bailiwick of the zone asked',
    '    60 discarded ns.example.com. A: out of bailiwick of the zone asked',
  ]);
});

test('a reply full of poison is told in a few lines and a number', async () => {
  const many = Array.from({ length: 50 }, (_, i) => `n${i}.example.com. 60 A 203.0.113.66`);
  const answers = records(`www.evil.com. 60 A 192.0.2.1\n${many.join('\n')}`);
  const internet = await withEvil((query) => reply(query, { aa: true, answers }));
  const lines = await explain(internet, internet.resolver(), 'www.evil.com.');
  expect(lines.filter((line) => line.includes('discarded'))).toHaveLength(9);
  expect(lines.at(-1)).toBe('    60 discarded 42 more: for such reasons');
});

test('glue that must not be asked and name servers beyond the limit are told', async () => {
  const nsSet = Array.from(
    { length: 15 },
    (_, i) => `sub.twisted.com. 60 NS n${i}.sub.twisted.com.`,
  );
  const com = `${COM_ZONE}\n twisted 60 NS ns.twisted\n ns.twisted 60 A 192.0.2.68`;
  const twisted = new Internet();
  await twisted.serve(ROOT, zone('.', ROOT_ZONE));
  await twisted.serve(COM, zone('com.', com));
  await twisted.serve('192.0.2.68', (query) =>
    reply(query, {
      authorities: records(nsSet.join('\n')),
      additionals: records('n1.sub.twisted.com. 60 A 127.0.0.1'),
    }),
  );
  const lines = await explain(twisted, twisted.resolver(), 'www.sub.twisted.com.');
  expect(lines.filter((line) => line.includes('discarded'))).toEqual([
    '  60 discarded 2 name servers of sub.twisted.com.: no more than 13 of a delegation are used',
    '  60 discarded address 127.0.0.1 of n1.sub.twisted.com.: it must not be asked',
  ]);
});

test('the address of a name server without glue is a tree of its own inside', async () => {
  const internet = await plainInternet();
  const lines = brief(await explain(internet, internet.resolver(), 'www.glueless.com.'));
  const at = lines.findIndex((line) => line.includes('address of ns.alias.org.'));
  expect(lines[at]).toBe(`  40 address of ns.alias.org., a server of glueless.com.: ${EXAMPLE}`);
  expect(lines.slice(at + 1, at + 3)).toEqual([
    '    40 looking up ns.alias.org. A, which is not in the cache',
    '      40 starting at the root, as configured',
  ]);
});

test('who joins a lookup under way sees what it does from then on', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  const { clock } = internet.resolverHost.runtime;
  const name = 'www.example.com.';
  // The first one asks for no explanation, so nothing is told until the second one comes.
  const first = resolver.resolve(questionOf(name));
  await internet.world.advance(30);
  const story = new KeptStory(clock, clock.monotonic());
  await internet.world.run(Promise.resolve(ask(internet, resolver, { name, story })));
  await internet.world.run(first);
  expect(brief(linesOf(story))).toEqual([
    `0 waiting for the lookup of ${name} A that is under way`,
    `  10 asked ${EXAMPLE} for ${name} A: data in 20.0 ms`,
  ]);
});

test('data whose time is over are told as stale, behind what failed', async () => {
  const internet = new Internet();
  let isBroken = false;
  const example = zone('example.com.', 'www 300 A 192.0.2.80');
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', COM_ZONE));
  await internet.serve(EXAMPLE, (query, via) => (isBroken ? undefined : example(query, via)));
  const resolver = internet.resolver({ serveStale: {} });
  await explain(internet, resolver, 'www.example.com.');
  await internet.world.advance(301_000);
  isBroken = true;
  const told = (await explain(internet, resolver, 'www.example.com.')).join('\n');
  expect(told).toContain('cache hit: www.example.com. A, NOERROR, stale');
});

describe('a name that is answered here', () => {
  test('is told with the zone that answers, which is no cache hit', async () => {
    const internet = await plainInternet();
    const resolver = internet.resolver({
      localZones: [
        { name: nameOf('corp.'), kind: 'static' },
        { name: nameOf('mute.'), kind: 'deny' },
      ],
      localData: records('www.corp. 60 CNAME localhost.'),
    });
    expect(await explain(internet, resolver, 'www.corp.')).toEqual([
      '0 local zone corp. (static) has for www.corp. A: alias of localhost.',
      '0 special-use zone localhost. (redirect) has for localhost. A: NOERROR',
    ]);
    expect(await explain(internet, resolver, 'none.corp.')).toEqual([
      '0 local zone corp. (static) has for none.corp. A: NXDOMAIN',
    ]);
    expect(await explain(internet, resolver, 'x.mute.')).toEqual([
      '0 local zone mute. (deny) has for x.mute. A: no reply',
    ]);
  });

  test('is told so at the end of an alias from elsewhere too', async () => {
    const internet = new Internet();
    await internet.serve(ROOT, zone('.', 'www.to. 60 CNAME printer.corp.'));
    const resolver = internet.resolver({ localZones: [{ name: nameOf('corp.'), kind: 'static' }] });
    const lines = await explain(internet, resolver, 'www.to.');
    expect(lines.at(-1)).toBe('40 local zone corp. (static) has for printer.corp. A: NXDOMAIN');
  });
});

test('a refusal is told with its rule', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver({
    allowSnoop: [parsePrefix('127.0.0.0/8')!],
  });
  const name = 'www.example.com.';
  expect(await explain(internet, internet.resolver(), { name, rd: false })).toEqual([
    '0 refused: recursion was not asked for, and the cache is not for this address to search',
  ]);
  expect(await explain(internet, resolver, { name, rd: false })).toEqual([
    '0 refused: recursion was not asked for, and the cache does not know',
  ]);
  expect(await explain(internet, resolver, { name, type: 'TYPE251' })).toEqual([
    '0 refused: IXFR is not resolved',
  ]);
});

test('private addresses that are taken out are told under the reply that had them', async () => {
  const internet = await withEvil(
    zone('evil.com.', 'www 60 A 10.0.0.1\n www 60 A 192.0.2.1\n in 60 A 10.0.0.2'),
  );
  const prefix = parsePrefix('10.0.0.0/8')!;
  const resolver = internet.resolver({ privateAddresses: [prefix] });
  const rule = 'a private address, which names of this domain must not have';
  expect((await explain(internet, resolver, 'www.evil.com.')).slice(-2)).toEqual([
    expect.stringContaining('for www.evil.com. A: data'),
    `    60 discarded www.evil.com. A 10.0.0.1: ${rule}`,
  ]);
  expect((await explain(internet, resolver, 'in.evil.com.')).at(-1)).toBe(
    `    20 discarded in.evil.com. A 10.0.0.2: ${rule}`,
  );
});

/** Servers that are dead, lame, lossy, old or confused, and what the resolver makes of them. */
import { expect, test } from 'vitest';

import { decodeMessage } from '../../src/wire/decode.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { Rcode, rcodeText } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import {
  COM,
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

const SECOND = '192.0.2.2';

/** com. with two servers for example.com.: `first` at EXAMPLE and `second` at SECOND. */
async function twoServers(first: Responder, second?: Responder, seed = 1): Promise<Internet> {
  const internet = new Internet({ seed });
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  const com = `
    @       900  SOA ns hostmaster 1 1800 900 604800 900
    example 3600 NS  ns1.example
    example 3600 NS  ns2.example
    ns1.example 3600 A ${EXAMPLE}
    ns2.example 3600 A ${SECOND}
  `;
  await internet.serve(COM, zone('com.', com));
  await internet.serve(EXAMPLE, first);
  if (second) await internet.serve(SECOND, second);
  return internet;
}

const good = zone('example.com.', EXAMPLE_ZONE);
const WWW = 'NOERROR: www.example.com. 300 A 192.0.2.80';

const LAME: Readonly<Record<string, Responder>> = {
  REFUSED: (query) => reply(query, { rcode: Rcode.REFUSED }),
  'an upward referral': (query) => reply(query, { authorities: records('. 3600 NS a.root.') }),
  'a referral to the zone itself': (query) =>
    reply(query, { authorities: records('example.com. 3600 NS evil.example.com.') }),
  'a sideways referral': (query) =>
    reply(query, { authorities: records('org. 3600 NS ns.evil.org.') }),
  'a referral to a neighbour below': (query) =>
    reply(query, { authorities: records('zzz.example.com. 3600 NS ns.example.com.') }),
  'an answer out of a resolver': (query) =>
    reply(query, { ra: true, answers: records('www.example.com. 300 A 203.0.113.66') }),
  'nothing, without authority': (query) => reply(query, {}),
};

for (const [what, respond] of Object.entries(LAME)) {
  test(`a lame server that sends ${what} is skipped, and remembered`, async () => {
    let toLame = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const internet = await twoServers(respond, good, seed);
      const resolver = internet.resolver();
      for (const name of ['www', 'near', 'ns', 'zero', 'nix', 'none']) {
        expect(await internet.ask(resolver, `${name}.example.com.`)).not.toMatch(/^failure|66/);
      }
      const asked = internet.takeAsked().filter((line) => line.startsWith(EXAMPLE)).length;
      expect(asked).toBeLessThanOrEqual(1);
      toLame += asked;
    }
    // Or else the other server always came first, and nothing was shown.
    expect(toLame).toBeGreaterThan(0);
  });
}

test('a referral from a server that offers recursion too is followed', async () => {
  const internet = new Internet({ seed: 1 });
  const both = (respond: Responder): Responder => {
    return (query, via) => {
      const answer = respond(query, via);
      if (answer === undefined || !('rcode' in answer)) throw new Error('one reply expected');
      return { ...answer, ra: true };
    };
  };
  await internet.serve(ROOT, both(zone('.', ROOT_ZONE)));
  const com = `
    @       900  SOA ns hostmaster 1 1800 900 604800 900
    example 3600 NS  ns1.example
    ns1.example 3600 A ${EXAMPLE}
  `;
  await internet.serve(COM, both(zone('com.', com)));
  await internet.serve(EXAMPLE, both(good));
  expect(await internet.ask(internet.resolver(), 'www.example.com.')).toBe(WWW);
});

test('a zone with lame servers only is still asked again, some time', async () => {
  let isRepaired = false;
  const flaky: Responder = (query, via) =>
    isRepaired ? good(query, via) : reply(query, { rcode: Rcode.REFUSED });
  const internet = await twoServers(flaky, flaky);
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.example.com.')).toMatch(/REFUSED/);
  isRepaired = true;
  await internet.world.advance(5001);
  expect(await internet.ask(resolver, 'www.example.com.')).toBe(WWW);
});

test('SERVFAIL from one server is made good by the other', async () => {
  const internet = await twoServers((query) => reply(query, { rcode: Rcode.SERVFAIL }), good);
  expect(await internet.ask(internet.resolver(), 'www.example.com.')).toBe(WWW);
});

test('a dead server costs one wait; the live one is asked from then on', async () => {
  const internet = await twoServers(() => [], good);
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.example.com.');
  internet.takeAsked();
  for (const name of ['ns', 'near', 'far']) await internet.ask(resolver, `${name}.example.com.`);
  expect(internet.takeAsked().filter((line) => line.startsWith(EXAMPLE)).length).toBeLessThan(2);
});

test('dead servers: SERVFAIL within 6 s, and the failure is remembered for 5 s', async () => {
  const internet = await twoServers(() => []);
  const resolver = internet.resolver();
  const startMs = internet.world.nowMs;
  expect(await internet.ask(resolver, 'www.example.com.')).toMatch(
    /^failure: .*192\.0\.2\.\d did not answer in time/,
  );
  expect(internet.world.nowMs - startMs).toBeLessThanOrEqual(6000);
  const sent = internet.takeAsked().length;
  expect(sent).toBeLessThan(20);
  expect(await internet.ask(resolver, 'www.example.com.')).toMatch(/^failure/);
  expect(internet.takeAsked()).toEqual([]);
  await internet.world.advance(5000);
  await internet.ask(resolver, 'www.example.com.');
  expect(internet.takeAsked().length).toBeGreaterThan(0);
  await internet.world.advance(7000);
  expect(internet.leftOpen).toBe(0);
  expect(resolver.pending).toBe(0);
});

test('hosts that refuse are a network error, at once', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver({ upstreamPort: 5353 });
  const resolution = await internet.resolve(resolver, 'www.example.com.');
  expect(resolution).toMatchObject({ kind: 'failure', code: 23 });
  expect(internet.leftOpen).toBe(0);
});

test('with 30 % of all packets lost, most questions are answered, and all when repeated', async () => {
  let answered = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const internet = await plainInternet({ seed, link: { delayMs: 10, jitterMs: 5, loss: 0.3 } });
    const resolver = internet.resolver();
    let outcome = await internet.ask(resolver, 'www.example.com.');
    if (outcome === WWW) answered++;
    for (let again = 0; again < 3 && outcome !== WWW; again++) {
      await internet.world.advance(20_000);
      outcome = await internet.ask(resolver, 'www.example.com.');
    }
    expect(outcome).toBe(WWW);
    await internet.world.settle(10_000);
    expect(internet.leftOpen).toBe(0);
  }
  expect(answered).toBeGreaterThanOrEqual(34);
});

test('a truncated answer is fetched over TCP', async () => {
  const internet = await twoServers((query, via) =>
    via === 'udp' ? reply(query, { tc: true, aa: true }) : good(query, via),
  );
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.example.com.')).toBe(WWW);
  expect(resolver.counters.tcpSends).toBe(1);
});

test('a server that does not know EDNS is asked without, and from then on at once', async () => {
  const old: Responder = (query, via) =>
    query.edns ? reply(query, { rcode: Rcode.FORMERR }) : good(query, via);
  const internet = await twoServers(old, old);
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.example.com.')).toBe(WWW);
  internet.takeAsked();
  await internet.ask(resolver, 'ns.example.com.');
  await internet.ask(resolver, 'zero.example.com.');
  expect(internet.takeAsked().length).toBeLessThanOrEqual(3);
});

test('a TTL with the top bit set counts as 0 (RFC 2181 §8)', async () => {
  const internet = await twoServers((query) =>
    reply(query, {
      aa: true,
      answers: records('www.example.com. 2147483648 A 192.0.2.80'),
    }),
  );
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.example.com.')).toContain(' 0 A ');
  internet.takeAsked();
  await internet.ask(resolver, 'www.example.com.');
  expect(internet.takeAsked()).toHaveLength(1);
});

test('an abandoned question stops at once, and one that others wait for goes on', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  const question = questionOf('www.example.com.');
  const controller = new AbortController();
  const abandoned = resolver.resolve(question, controller.signal);
  const waiting = resolver.resolve(question);
  internet.world.at(internet.world.nowMs + 25, () => controller.abort());
  expect(await internet.world.run(abandoned)).toMatchObject({ reason: 'cancelled' });
  expect(await internet.world.run(waiting)).toMatchObject({ kind: 'resolved' });
  expect(internet.takeAsked()).toHaveLength(3);

  const alone = new AbortController();
  const stopped = resolver.resolve(questionOf('www.alias.org.'), alone.signal);
  internet.world.at(internet.world.nowMs + 5, () => alone.abort());
  await internet.world.run(stopped);
  expect(internet.leftOpen).toBe(0);
  await internet.world.settle();
  expect(internet.takeAsked()).toHaveLength(1);
  expect(await internet.ask(resolver, 'www.alias.org.')).toContain('192.0.2.90');
});

test('the pipeline gets answers with AA clear, SERVFAIL with reasons, REFUSED without RD', async () => {
  const internet = await plainInternet();
  const client = { address: '192.0.2.200', port: 4000 };
  const allowSnoop = [parsePrefix(client.address)!];
  const resolver = internet.resolver({ allowSnoop });
  const ask = (name: string, parts: object = {}): ReturnType<typeof resolver.answer> => {
    const question = { ...questionOf(name), ...parts };
    const sent = createMessage({ id: 1, rd: true, questions: [question], ...parts });
    const decoded = decodeMessage(encodeMessage(sent));
    if (!decoded.ok) throw new Error(decoded.error.reason);
    const message = decoded.value;
    const query = {
      message,
      question: message.questions[0]!,
      transport: 'udp',
      client,
      receivedAtMs: 1,
    } as const;
    return resolver.answer(query, new AbortController().signal);
  };
  const run = async (name: string, parts?: object): ReturnType<typeof internet.world.run> =>
    internet.world.run(Promise.resolve(ask(name, parts)));
  expect(await run('www.example.com.', { rd: false })).toMatchObject({ rcode: Rcode.REFUSED });
  expect(internet.takeAsked()).toEqual([]);
  expect(await run('www.example.com.')).toMatchObject({ rcode: 0, authoritative: false });
  expect(await run('far.example.com.')).toMatchObject({ answers: [{ type: 5 }, { type: 1 }] });
  internet.takeAsked();
  expect(await run('www.example.com.', { rd: false })).toMatchObject({ rcode: 0 });
  expect(await run('www.example.com.', { class: 3 })).toMatchObject({ rcode: Rcode.REFUSED });
  expect(await run('www.example.com.', { type: 252 })).toMatchObject({ rcode: Rcode.NOTIMP });
  expect(internet.takeAsked()).toEqual([]);
  expect(await run('www.glueless.com.')).toMatchObject({
    rcode: Rcode.SERVFAIL,
    extendedErrors: [{ code: 22 }],
  });
  expect(await run('www.glueless.com.')).toMatchObject({
    extendedErrors: [{ code: 22 }, { code: 13 }],
  });
});

test('DNAME moves the whole subtree, and what grows too long is YXDOMAIN (RFC 6672 §2.2)', async () => {
  const internet = await twoServers((query, via) => {
    const { name } = query.questions[0]!;
    if (!name.toString().includes('old.')) return good(query, via);
    const longer = name.toString().includes('very-old.') ? `${'a'.repeat(60)}.`.repeat(3) : '';
    const owner = name.ancestor(3).toString();
    return reply(query, {
      aa: true,
      answers: [
        ...records(`${owner} 300 DNAME ${longer}example.com.`),
        // Not what the DNAME says: it is made anew, not believed.
        ...records(`${name.toString()} 300 CNAME evil.example.com.`),
      ],
    });
  });
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.old.example.com.')).toBe(
    'NOERROR: old.example.com. 300 DNAME example.com.; www.old.example.com. 300 CNAME ' +
      'www.example.com.; www.example.com. 300 A 192.0.2.80',
  );
  const long = `${'b'.repeat(60)}.www.very-old.example.com.`;
  for (const ttl of ['300', '\\d+']) {
    const expected = new RegExp(String.raw`^YXDOMAIN: very-old\.example\.com\. ${ttl} DNAME`);
    expect(await internet.ask(resolver, long)).toMatch(expected);
  }
});

test('a CNAME that a DNAME made never comes without it, from servers or the cache (RFC 6672 §3.1)', async () => {
  let asked = 0;
  const internet = await twoServers((query, via) => {
    const { name } = query.questions[0]!;
    if (!name.toString().includes('old.')) return good(query, via);
    asked++;
    return reply(query, {
      aa: true,
      answers: [
        ...records('old.example.com. 300 DNAME example.com.'),
        ...records(`${name.toString()} 300 CNAME evil.example.com.`),
      ],
    });
  });
  const resolver = internet.resolver();
  const made = (name: string): string =>
    'NOERROR: old.example.com. 300 DNAME example.com.; ' +
    `${name}.old.example.com. 300 CNAME ${name}.example.com.`;
  const fresh = await internet.ask(resolver, 'www.old.example.com.', 'CNAME');
  expect(fresh).toBe(made('www'));
  const before = asked;
  const kept = await internet.ask(resolver, 'www.old.example.com.', 'CNAME');
  expect(kept.replaceAll(' 299 ', ' 300 ')).toBe(made('www'));
  expect(await internet.ask(resolver, 'www.old.example.com.')).toMatch(
    /^NOERROR: old\S+ \d+ DNAME/,
  );
  expect(asked).toBe(before);
  // Another name below is not to be taken away by the reply to this one.
  expect(await internet.ask(resolver, 'a.b.old.example.com.', 'CNAME')).toContain(
    'a.b.example.com.',
  );
  expect(asked).toBeGreaterThan(before);
});

for (const rcode of [Rcode.YXDOMAIN, Rcode.NXDOMAIN]) {
  test(`data of the very name under ${rcodeText(rcode)} are an error of that server`, async () => {
    const forged = records('www.example.com. 300 A 203.0.113.66');
    const confused: Responder = (query) => reply(query, { aa: true, rcode, answers: forged });
    const internet = await twoServers(confused, confused);
    const resolver = internet.resolver();
    expect(await internet.ask(resolver, 'www.example.com.')).toMatch(/^failure/);
    expect([...resolver.cache.records.entries()]).toEqual([]);
    const mended = await twoServers(confused, good);
    expect(await mended.ask(mended.resolver(), 'www.example.com.')).toBe(WWW);
  });
}

test('an alias under NXDOMAIN stands, and the data at its end are asked for anew (RFC 6604 §3)', async () => {
  const confused: Responder = (query, via) => {
    const answers = records(`near.example.com. 300 CNAME www.example.com.
      www.example.com. 300 A 203.0.113.66`);
    const isNear = query.questions[0]!.name.toString().startsWith('near.');
    return isNear ? reply(query, { aa: true, rcode: Rcode.NXDOMAIN, answers }) : good(query, via);
  };
  const internet = await twoServers(confused, confused);
  expect(await internet.ask(internet.resolver(), 'near.example.com.')).toBe(
    'NOERROR: near.example.com. 300 CNAME www.example.com.; www.example.com. 300 A 192.0.2.80',
  );
});

test('NXDOMAIN with the SOA of a neighbour is an answer, and is not kept', async () => {
  const internet = await twoServers((query) =>
    reply(query, {
      aa: true,
      rcode: Rcode.NXDOMAIN,
      authorities: records('zzz.example.com. 300 SOA . . 1 1 1 1 300'),
    }),
  );
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.example.com.')).toBe('NXDOMAIN');
  internet.takeAsked();
  expect(await internet.ask(resolver, 'www.example.com.')).toBe('NXDOMAIN');
  expect(internet.takeAsked()).toHaveLength(1);
});

/**
 * Family A: packets of somebody who is not on the way, who does not see our queries and may send
 * with any source address; and servers whose replies look like his.
 */
import { expect, test, vi } from 'vitest';

import { SeededRandom } from '../../src/sim/random.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { Rcode } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  COM,
  EXAMPLE,
  EXAMPLE_ZONE,
  questionOf,
  records,
  reply,
  zone,
  type Responder,
} from '../resolver/fixture.ts';
import { BenignClient, TAINT } from './oracles.ts';
import { attack, FUZZ_RUNS, Stage, victims } from './stage.ts';

const SOURCE = { address: EXAMPLE, port: 53 };
const WWW = 'NOERROR: www.example.com. 300 A 192.0.2.80';

/** What a forger wants to be believed: an answer, and the whole zone with it. */
function forgery(query: Message): Message {
  const { name } = query.questions[0]!;
  return reply(query, {
    aa: true,
    answers: records('www.example.com. 86400 A 203.0.113.1').map((rr) => ({ ...rr, name })),
    authorities: records('example.com. 86400 NS ns.taint.'),
    additionals: records('ns.taint. 86400 A 203.0.113.1\nns.example.com. 86400 A 203.0.113.1'),
  });
}

/** Of one query's window: what a forger can send in the time of a round trip. */
const FORGERIES_PER_QUERY = 500;

attack(
  {
    row: 'A1',
    name: 'Kaminsky: of all replies forged for names that nobody asked before, none counts',
  },
  async (stage) => {
    const random = new SeededRandom('1', 'forger');
    let forged = 0;
    stage.onQuery((query, { from, to }) => {
      if (to.address !== EXAMPLE) return;
      const octets = encodeMessage(forgery(createMessage({ questions: query.questions })), 512);
      for (let guess = 0; guess < FORGERIES_PER_QUERY; guess++) {
        const id = random.uint16();
        const port = 1024 + random.below(64_512);
        // Both right is what one of four thousand million forgeries would be.
        if (id === query.id && port === from.port) continue;
        forged++;
        octets.set([id >> 8, id & 0xff]);
        stage.forge(SOURCE, { address: from.address, port }, octets);
      }
    });
    for (let round = 0; forged < FUZZ_RUNS; round++) {
      const outcome = await stage.ask(`r${round}.example.com.`);
      expect(outcome).toMatch(/^NXDOMAIN/);
    }
    expect(await stage.ask('www.example.com.')).toBe(WWW);
  },
);

attack(
  {
    row: 'A10',
    name: 'the first reply with a wrong id at the right port ends UDP for this question',
  },
  async (stage) => {
    let forged = 0;
    stage.onQuery((query, { from, to }) => {
      if (to.address !== EXAMPLE) return;
      for (let guess = 1; guess <= 1000; guess++) {
        forged++;
        stage.forge(SOURCE, from, forgery({ ...query, id: (query.id + guess) & 0xffff }));
      }
    });
    expect(await stage.ask('www.example.com.')).toBe(WWW);
    expect(forged).toBe(1000);
    expect(stage.resolver.counters.wrongIds).toBe(1);
    expect(stage.countAsked(EXAMPLE, 'www.example.com.')).toBeLessThanOrEqual(2);
  },
);

const confused: Responder = (query, via) =>
  via === 'tcp' ? victims(query, via) : forgery({ ...query, id: query.id ^ 0x55 });

attack(
  {
    row: 'A10',
    name: 'a server that always sends wrong ids over UDP is asked over TCP',
    setting: { victim: confused },
  },
  async (stage) => {
    expect(await stage.ask('www.example.com.')).toBe(WWW);
    expect(stage.resolver.counters.wrongIds).toBe(1);
  },
);

attack(
  { row: 'A5', name: 'what comes from another address, or another port, is not seen at all' },
  async (stage) => {
    stage.onQuery((query, { from, to }) => {
      if (to.address !== EXAMPLE) return;
      stage.forge({ address: '192.0.2.9', port: 53 }, from, forgery(query));
      stage.forge({ address: EXAMPLE, port: 54 }, from, forgery(query));
      stage.forge({ address: EXAMPLE, port: 0 }, from, forgery(query));
    });
    expect(await stage.ask('www.example.com.')).toBe(WWW);
    expect(stage.resolver.counters.ignored).toBe(0);
  },
);

attack({ row: 'A3', name: 'every datagram has a port and an id of its own' }, async (stage) => {
  const ports = new Map<number, number>();
  const ids = new Set<number>();
  const pairs = new Set<string>();
  let datagrams = 0;
  stage.onQuery(({ id }, { from }) => {
    datagrams++;
    ids.add(id);
    ports.set(from.port, (ports.get(from.port) ?? 0) + 1);
    pairs.add(`${from.port} ${id}`);
  });
  for (let i = 0; i < 500; i++) await stage.ask(`n${i}.example.com.`);
  expect(pairs.size).toBe(datagrams);
  // 500 draws out of some 64,000 ports: no port comes up again and again.
  expect(Math.max(...ports.values())).toBeLessThanOrEqual(3);
  expect(ports.size).toBeGreaterThan(0.95 * datagrams);
  expect(ids.size).toBeGreaterThan(0.95 * datagrams);
});

attack({ row: 'A2', name: 'nothing random comes from Math.random' }, async (stage) => {
  const spy = vi.spyOn(Math, 'random').mockImplementation(() => {
    throw new Error('predictable');
  });
  try {
    expect(await stage.ask('www.example.com.')).toBe(WWW);
    expect(await stage.ask('www.glueless.com.')).not.toMatch(TAINT);
  } finally {
    spy.mockRestore();
  }
});

attack(
  { row: 'A6', name: 'birthday: a crowd that asks the same, in any letter case, is one packet' },
  async (stage) => {
    await stage.ask('ns.example.com.');
    const outstanding = new Map<string, number>();
    stage.onQuery((query) => {
      const key = query.questions[0]!.name.key;
      outstanding.set(key, (outstanding.get(key) ?? 0) + 1);
    });
    const crowd = Array.from({ length: 100 }, (_, i): readonly [string] => {
      const text = 'www.example.com.';
      const letters = Array.from(text, (letter, at) =>
        ((i >> (at % 7)) & 1) === 1 ? letter.toUpperCase() : letter,
      );
      return [letters.join('')];
    });
    const outcomes = await stage.askTogether(crowd);
    expect(outcomes.every(({ kind }) => kind === 'resolved')).toBe(true);
    expect([...outstanding.values()]).toEqual([1]);
  },
);

/** What a reply can be that is none, by somebody who knows the id: the worst case. */
const BROKEN: Readonly<Record<string, (query: Message) => Message | Uint8Array>> = {
  'a query': (query) => ({ ...forgery(query), qr: false }),
  'another opcode': (query) => ({ ...forgery(query), opcode: 4 }),
  'no question': (query) => ({ ...forgery(query), questions: [] }),
  'two questions': (query) => ({
    ...forgery(query),
    questions: [...query.questions, ...query.questions],
  }),
  'another name': (query) => ({
    ...forgery(query),
    questions: [questionOf('other.example.com.')],
  }),
  'another type': (query) => ({
    ...forgery(query),
    questions: [{ ...query.questions[0]!, type: 28, name: query.questions[0]!.name, class: 1 }],
  }),
  'another class': (query) => ({
    ...forgery(query),
    questions: [{ name: query.questions[0]!.name, type: query.questions[0]!.type, class: 3 }],
  }),
  'an octet': () => Uint8Array.of(0),
  'half a header': (query) => encodeMessage(forgery(query)).subarray(0, 5),
  'a header alone': (query) => encodeMessage(forgery(query)).subarray(0, 12),
  'half a question': (query) => encodeMessage(forgery(query)).subarray(0, 20),
  'half a record': (query) => encodeMessage(forgery(query)).subarray(0, 55),
  'octets behind the end': (query) => Uint8Array.of(...encodeMessage(forgery(query)), 0, 1, 2),
  'counts that lie': (query) => {
    const octets = encodeMessage(forgery(query));
    octets.fill(0xff, 6, 12);
    return octets;
  },
  'a pointer to itself': (query) => {
    const octets = encodeMessage(forgery(query));
    octets.set([0xc0, 12], 12);
    return octets;
  },
  'FORMERR without question': (query) => ({ ...reply(query, { rcode: 1 }), questions: [] }),
  'NOTIMP without question': (query) => ({ ...reply(query, { rcode: 4 }), questions: [] }),
  'SERVFAIL without question': (query) => ({ ...reply(query, { rcode: 2 }), questions: [] }),
  'REFUSED without question': (query) => ({ ...reply(query, { rcode: 5 }), questions: [] }),
  'REFUSED about another name': (query) => ({
    ...reply(query, { rcode: 5 }),
    questions: [questionOf('other.example.com.')],
  }),
  'truncation of another': (query) => ({
    ...reply(query, { tc: true }),
    questions: [questionOf('other.example.com.')],
  }),
};

for (const [what, make] of Object.entries(BROKEN)) {
  for (const order of ['before', 'after'] as const) {
    const victim: Responder = (query, via) => {
      const good = victims(query, via) as Message;
      return order === 'before' ? [make(query), good] : [good, make(query)];
    };
    attack(
      { row: 'A13', name: `${what} ${order} the good reply changes nothing`, setting: { victim } },
      async (stage) => {
        expect(await stage.ask('www.example.com.')).toBe(WWW);
        expect(stage.countAsked(EXAMPLE)).toBeLessThanOrEqual(2);
        const state = [...stage.resolver.servers()].find(({ address }) => address === EXAMPLE);
        expect(state).toMatchObject({ silences: 0, isDead: false });
        expect(stage.resolver.counters.lame).toBe(0);
      },
    );
  }
}

attack(
  {
    row: 'A13',
    name: 'every broken kind, one behind another, before the good reply',
    setting: {
      victim: (query, via) => [
        ...Object.values(BROKEN).map((make) => make(query)),
        victims(query, via) as Message,
      ],
    },
  },
  async (stage) => {
    expect(await stage.ask('www.example.com.')).toBe(WWW);
    expect(stage.resolver.counters.ignored).toBeGreaterThan(10);
  },
);

attack(
  {
    row: 'A14',
    name: 'over TCP, replies with a wrong id or question are not taken either',
    setting: {
      victim: (query, via) => {
        if (via === 'udp') return reply(query, { tc: true });
        return [
          forgery({ ...query, id: query.id ^ 1 }),
          { ...forgery(query), questions: [questionOf('other.example.com.')] },
          { ...forgery(query), questions: [] },
          victims(query, via) as Message,
        ];
      },
    },
  },
  async (stage) => {
    expect(await stage.ask('www.example.com.')).toBe(WWW);
  },
);

attack(
  { row: 'A11', name: 'forged errors that do not match make no server look bad' },
  async (stage) => {
    stage.onQuery((query, { from, to }) => {
      if (to.address !== EXAMPLE && to.address !== COM) return;
      const source = { address: to.address, port: 53 };
      for (const rcode of [Rcode.FORMERR, Rcode.SERVFAIL, Rcode.NOTIMP, Rcode.REFUSED]) {
        const other = { ...reply(query, { rcode }), questions: [questionOf('x.')] };
        stage.forge(source, from, other);
        stage.forge(source, { ...from, port: from.port ^ 1 }, reply(query, { rcode }));
      }
    });
    expect(await stage.ask('www.example.com.')).toBe(WWW);
    const { counters } = stage.resolver;
    expect(counters).toMatchObject({ lame: 0, timeouts: 0, wrongIds: 0 });
    for (const state of stage.resolver.servers()) {
      expect(state).toMatchObject({ silences: 0, isDead: false });
    }
    // And EDNS is still believed to be there.
    stage.internet.received.length = 0;
    await stage.ask('zero.example.com.');
    expect(stage.internet.received.at(-1)?.message.edns).toBeDefined();
  },
);

const noise: Responder = (query) => [
  { ...reply(query, { rcode: Rcode.REFUSED }), qr: false },
  { ...reply(query, { rcode: Rcode.REFUSED }), questions: [] },
  { ...reply(query, {}), questions: [questionOf('other.example.com.')] },
  Uint8Array.of(0, 0, 0x80),
];

attack(
  {
    row: 'A11',
    name: 'silence among replies that do not match is not held against the server',
    setting: { victim: noise },
    isFatal: true,
  },
  async (stage) => {
    expect(await stage.ask('www.example.com.')).toMatch(/^failure/);
    const state = [...stage.resolver.servers()].find(({ address }) => address === EXAMPLE);
    expect(state).toMatchObject({ silences: 0, rttMs: undefined });
    expect(stage.resolver.counters.lame).toBe(0);
  },
);

attack(
  {
    row: 'A13',
    name: 'a flood of replies that do not match ends that wait, not the wits',
    setting: {
      victim: (query, via) => {
        if (via === 'tcp') return victims(query, via);
        const other = { ...forgery(query), questions: [questionOf('other.example.com.')] };
        return Array.from({ length: 1000 }, () => other);
      },
    },
    isFatal: true,
  },
  async (stage) => {
    await stage.ask('ns.com.');
    const startMs = stage.internet.world.nowMs;
    expect(await stage.ask('www.example.com.')).toMatch(/^failure/);
    expect(stage.countAsked(EXAMPLE)).toBeLessThanOrEqual(10);
    // Each wait ends with the hundredth; the seconds that they could last are not waited for.
    expect(stage.internet.world.nowMs - startMs).toBeLessThan(1000);
  },
);

/** More than passes unfragmented: the tail of such a reply could be anybody's. */
const BIG = [EXAMPLE_ZONE, ...Array.from({ length: 200 }, (_, i) => `big 300 A 192.0.2.${i}`)].join(
  '\n',
);

attack(
  {
    row: 'A9',
    name: 'a reply over UDP that is larger than was asked for is fetched over TCP',
    setting: {
      victim: (query, via) => {
        const honest = zone('example.com.', BIG)(query, via) as Message;
        if (via === 'tcp' || honest.answers.length < 100) return honest;
        // The last fragment is the forger's.
        const forged = records('big.example.com. 300 A 203.0.113.1');
        return { ...honest, answers: [...honest.answers.slice(0, -1), ...forged] };
      },
    },
    isFatal: true,
  },
  async (stage) => {
    const outcome = await stage.ask('big.example.com.');
    expect(outcome).toMatch(/^NOERROR/);
    expect(outcome).not.toMatch(TAINT);
    expect(stage.resolver.counters.tcpSends).toBe(1);
  },
);

attack({ row: 'A9', name: 'no query invites fragments: 1232 octets at most' }, async (stage) => {
  const sizes: number[] = [];
  stage.onQuery(({ edns }) => sizes.push(edns?.udpPayloadSize ?? 512));
  await stage.ask('far.example.com.');
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1232);
});

attack(
  {
    row: 'A9',
    name: 'what a truncated reply holds is not kept',
    setting: {
      victim: (query, via) =>
        via === 'udp' ? { ...forgery(query), tc: true } : victims(query, via),
    },
  },
  async (stage) => {
    expect(await stage.ask('www.example.com.')).toBe(WWW);
    const cut = stage.resolver.cache.delegations.closest(nameOf('www.example.com.'));
    expect(cut?.nameServers.map(({ name }) => name.toString())).toEqual(['ns.example.com.']);
  },
);

attack(
  {
    row: 'A8',
    name: 'BADCOOKIE for ever, even over TCP: five packets at most',
    setting: { victim: (query) => reply(query, { rcode: 23, edns: query.edns! }) },
    isFatal: true,
  },
  async (stage) => {
    await stage.ask('ns.com.');
    const before = stage.countAsked(EXAMPLE);
    expect(await stage.ask('www.example.com.')).toMatch(/^failure/);
    expect(stage.countAsked(EXAMPLE) - before).toBeLessThanOrEqual(5);
  },
);

test('a benign client is served all through a flood of forgeries', async () => {
  const stage = await Stage.set({});
  await stage.ask('www.example.com.');
  stage.onQuery((query, { from, to }) => {
    for (let guess = 1; guess <= 20; guess++) {
      const source = { address: to.address, port: 53 };
      stage.forge(source, from, forgery({ ...query, id: (query.id + guess) & 0xffff }));
    }
  });
  const client = new BenignClient(stage.internet, stage.resolver, 20, 200);
  await stage.internet.world.advance(10_000);
  client.expectServed();
});

attack(
  {
    row: 'A7',
    name: '0x20: who knows port and id, but not the letter case, is not believed',
    setting: { resolver: { randomCase: true } },
  },
  async (stage) => {
    stage.onQuery((query, { from, to }) => {
      if (to.address !== EXAMPLE) return;
      const { name, type } = query.questions[0]!;
      const lowered = nameOf(name.toString().toLowerCase());
      const questions = [{ name: lowered, type, class: 1 }];
      stage.forge(SOURCE, from, { ...forgery(query), questions });
    });
    expect(await stage.ask('www.example.com.')).toBe(WWW);
    for (let i = 0; i < 20; i++) {
      expect(await stage.ask(`forged${i}.example.com.`)).toMatch(/^NXDOMAIN/);
    }
  },
);

{
  const given = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const withCookie: Responder = (query, via) => {
    const honest = victims(query, via) as Message;
    const sent = query.edns?.options.find(({ code }) => code === 10)?.data;
    if (!sent) return honest;
    const data = Uint8Array.of(...sent.subarray(0, 8), ...given);
    return { ...honest, edns: { ...plainEdns(), options: [{ code: 10, data }] } };
  };
  attack(
    {
      row: 'A8',
      name: 'who sees everything of a query but its cookie is not believed',
      setting: { victim: withCookie },
    },
    async (stage) => {
      await stage.ask('ns.example.com.');
      stage.onQuery((query, { from, to }) => {
        if (to.address !== EXAMPLE) return;
        const data = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, ...given);
        const guessed = { ...plainEdns(), options: [{ code: 10, data }] };
        stage.forge(SOURCE, from, { ...forgery(query), edns: guessed });
        stage.forge(SOURCE, from, forgery(query));
      });
      expect(await stage.ask('www.example.com.')).toBe(WWW);
      expect(await stage.ask('other.example.com.')).toMatch(/^NXDOMAIN/);
    },
  );
}

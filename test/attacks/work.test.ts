/** Family D, second half: replies, aliases and connections made to cost more than they should. */
import { expect } from 'vitest';

import { frame } from '../../src/net/framing.ts';
import type { TcpConnection } from '../../src/net/ports.ts';
import { classify, type AnswerMeaning } from '../../src/resolver/classify.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { RRType } from '../../src/wire/iana.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  EXAMPLE,
  EXAMPLE_ZONE,
  questionOf,
  records,
  reply,
  ROOT,
  zone,
  type Responder,
} from '../resolver/fixture.ts';
import { smallCaches } from './oracles.ts';
import { attack, EVIL, type Stage, victims } from './stage.ts';

function list(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('\n');
}

attack(
  {
    row: 'D8',
    name: 'a chain of a hundred CNAMEs, one a reply, ends after eleven',
    setting: {
      evil: (query) => {
        const text = query.questions[0]!.name.toString();
        const n = Number(/^c([0-9]+)\./.exec(text)?.[1] ?? 0);
        return reply(query, {
          aa: true,
          answers: records(`${text} 300 CNAME c${n + 1}.evil.com.`),
        });
      },
    },
  },
  async (stage) => {
    expect(await stage.ask('c0.evil.com.')).toMatch(/^failure/);
    const names = new Set(stage.internet.received.map(({ name }) => name));
    expect([...names].filter((name) => /^c[0-9]/.test(name)).length).toBeLessThanOrEqual(12);
  },
);

attack(
  {
    row: 'D8',
    name: 'a chain of a hundred CNAMEs in one reply is followed for eleven',
    setting: {
      evil: (query) =>
        reply(query, {
          aa: true,
          answers: records(list(100, (i) => `c${i}.evil.com. 300 CNAME c${i + 1}.evil.com.`)),
        }),
    },
  },
  async (stage) => {
    expect(await stage.ask('c0.evil.com.')).toMatch(/^failure/);
    expect(stage.countAsked(EVIL)).toBeLessThanOrEqual(4);
  },
);

attack(
  {
    row: 'D8',
    name: 'DNS Unchained: aliases back and forth between two zones end after eleven',
    setting: {
      com: `evil2 3600 NS ns.evil2\nns.evil2 3600 A 192.0.2.67`,
      ...twoZones(),
    },
    owned: ['evil.com.', 'evil2.com.'],
  },
  async (stage) => {
    expect(await stage.ask('c0.evil.com.')).toMatch(/^failure/);
    expect(stage.countAsked(EVIL) + stage.countAsked('192.0.2.67')).toBeLessThanOrEqual(16);
  },
);

function twoZones(): { evil: Responder; servers: Readonly<Record<string, Responder>> } {
  const hop = (other: string): Responder => {
    return (query) => {
      const text = query.questions[0]!.name.toString();
      const n = Number(/^c([0-9]+)\./.exec(text)?.[1] ?? 0);
      return reply(query, { aa: true, answers: records(`${text} 300 CNAME c${n + 1}.${other}`) });
    };
  };
  return { evil: hop('evil2.com.'), servers: { '192.0.2.67': hop('evil.com.') } };
}

attack(
  {
    row: 'D9',
    name: 'a name of 124 labels costs no packet per label',
    setting: { evil: (query) => reply(query, { aa: true, authorities: soa }) },
  },
  async (stage) => {
    const deep = `${'a.'.repeat(122)}evil.com.`;
    expect(nameOf(deep).labelCount).toBe(124);
    await stage.ask(deep);
    expect(stage.meter.work.mostSends).toBeLessThanOrEqual(14);
  },
);

const soa = records('evil.com. 9 SOA ns h 1 1 1 1 9', '.');

attack(
  {
    row: 'D17',
    name: 'a reply of two thousand records is answered and not kept',
    setting: {
      evil: (query, via) =>
        via === 'udp'
          ? reply(query, { tc: true })
          : reply(query, {
              aa: true,
              answers: records(list(2000, (i) => `www.evil.com. 300 A 192.0.2.${i % 256}`)),
            }),
    },
  },
  async (stage) => {
    expect(await stage.ask('www.evil.com.')).toMatch(/^NOERROR/);
    expect(stage.resolver.cache.records.get(nameOf('www.evil.com.'), RRType.A)).toBeUndefined();
  },
);

/** A name that counts how often its octets are looked at, under the hand of `classify`. */
function lookUps(work: () => void): number {
  const prototype = DnsName.prototype;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'key')!;
  const { isSubdomainOf } = prototype;
  let count = 0;
  Object.defineProperty(prototype, 'key', {
    configurable: true,
    get(this: DnsName): string {
      count++;
      return descriptor.get!.call(this) as string;
    },
  });
  prototype.isSubdomainOf = function counted(this: DnsName, other: DnsName): boolean {
    count++;
    return isSubdomainOf.call(this, other);
  };
  try {
    work();
  } finally {
    Object.defineProperty(prototype, 'key', descriptor);
    prototype.isSubdomainOf = isSubdomainOf;
  }
  return count;
}

const EXPENSIVE: Readonly<Record<string, (n: number) => string>> = {
  'records of one name': (n) => list(n, (i) => `www.evil.com. 300 A 192.0.2.${i % 256}`),
  'distinct names': (n) => list(n, (i) => `n${i}.evil.com. 300 A 192.0.2.1`),
  'types of one name': (n) => list(n, (i) => String.raw`www.evil.com. 300 TYPE${1000 + i} \# 0`),
  'aliases in reverse order': (n) =>
    list(n, (i) => `c${n - i}.evil.com. 300 CNAME c${n - i + 1}.evil.com.`),
  'DNAMEs that lead nowhere': (n) => list(n, (i) => `d${i}.evil.com. 300 DNAME e${i}.evil.com.`),
};

attack({ row: 'D17', name: 'expensive replies: twice the records is twice the work' }, async () => {
  for (const [what, make] of Object.entries(EXPENSIVE)) {
    const cost = (n: number): number => {
      const message = createMessage({
        qr: true,
        aa: true,
        questions: [questionOf('c1.evil.com.')],
        answers: records(make(n)),
        authorities: records(make(n)),
        additionals: records(make(n)),
      });
      const decoded = decodeMessage(encodeMessage(message));
      if (!decoded.ok) throw new Error(decoded.error.reason);
      const context = { zone: nameOf('evil.com.'), question: questionOf('c1.evil.com.') };
      return lookUps(() => classify(decoded.value, { ...context, aliasLimit: 11 }));
    };
    const [one, two] = [cost(400), cost(800)];
    expect(one, what).toBeGreaterThan(100);
    expect(two / one, what).toBeLessThan(2.5);
  }
});

attack({ row: 'D17', name: 'an alias to itself is read eleven times, and no more' }, async () => {
  const question = questionOf('a.evil.com.');
  const answers = records('a.evil.com. 300 CNAME a.evil.com.');
  const message = createMessage({ qr: true, aa: true, questions: [question], answers });
  const context = { zone: nameOf('evil.com.'), question, aliasLimit: 11 };
  const { aliases } = classify(message, context) as AnswerMeaning;
  expect(aliases).toHaveLength(11);
});

attack(
  {
    row: 'D18',
    name: 'fifteen thousand EDNS options in a reply: the first are read, and the server not asked again',
    setting: {
      victim: (query, via) => {
        if (via === 'udp') return reply(query, { tc: true });
        const option = { code: 65001, data: new Uint8Array(0) };
        const options = Array.from({ length: 15_000 }, () => option);
        const honest = victims(query, via) as Message;
        return { ...honest, edns: { ...query.edns!, options } };
      },
    },
  },
  async (stage) => {
    expect(await stage.ask('www.example.com.')).toMatch(/^NOERROR/);
    expect(stage.countAsked(EXAMPLE, 'www.example.com.')).toBe(2);
  },
);

attack(
  {
    row: 'D17',
    name: 'the step to TCP is paid for like any other',
    setting: {
      evil: (query) => reply(query, { tc: true }),
      resolver: { limits: { sendsPerStep: 1 } },
    },
  },
  async (stage) => {
    await stage.ask('www.evil.com.');
    expect(stage.countAsked(EVIL, 'www.evil.com.')).toBeLessThanOrEqual(1);
    expect(stage.resolver.counters.tcpSends).toBe(0);
  },
);

attack(
  {
    row: 'D7',
    name: 'RFC 9520 §2.2: a query that spent its budget at one place speaks against no other',
    setting: {
      evil: (query) => {
        const text = query.questions[0]!.name.toString();
        if (!text.startsWith('c.')) return [];
        return reply(query, { aa: true, answers: records(`${text} 300 CNAME www.example.com.`) });
      },
      resolver: { limits: { sends: 3 } },
    },
    isFatal: true,
  },
  async (stage) => {
    await stage.ask('ns.com.');
    expect(await stage.ask('c.evil.com.')).toMatch(/^failure: gave up/);
    expect(await stage.ask('www.example.com.')).toContain('192.0.2.80');
  },
);

attack(
  {
    row: 'D7',
    name: 'octets are counted as well: large replies end a query before its packets do',
    setting: {
      evil: (query, via) => {
        if (via === 'udp') return reply(query, { tc: true });
        const text = query.questions[0]!.name.toString();
        const n = Number(/^c([0-9]+)\./.exec(text)?.[1] ?? 0);
        return reply(query, {
          aa: true,
          answers: records(`${text} 300 CNAME c${n + 1}.evil.com.`),
          additionals: records(list(900, (i) => `n${i}.evil.com. 300 TXT ${'x'.repeat(40)}`)),
        });
      },
    },
  },
  async (stage) => {
    expect(await stage.ask('c0.evil.com.')).toMatch(/^failure: gave up after 131072 octets/);
    expect(stage.meter.work.octets).toBeLessThan(131_072 * 2);
  },
);

/** What a server does with a TCP connection instead of answering. */
const TCP_TRICKS: Readonly<Record<string, (connection: TcpConnection, stage: Stage) => void>> = {
  'closes it at once': (connection) => connection.end(),
  'resets it at once': (connection) => connection.destroy(),
  'closes it after half a length': (connection) => {
    connection.write(Uint8Array.of(1));
    connection.end();
  },
  'closes it in the middle of the reply': (connection) => {
    connection.write(frame(new Uint8Array(100)).subarray(0, 50));
    connection.end();
  },
  'never says a word': () => {},
  'sends an octet each 100 ms': (connection, { internet }) => {
    const { world } = internet;
    for (let i = 0; i < 100; i++) {
      world.at(world.nowMs + 100 * i, () => connection.write(Uint8Array.of(i === 0 ? 255 : 0)));
    }
  },
  'sends frames of nothing': (connection) => {
    for (let i = 0; i < 1000; i++) connection.write(Uint8Array.of(0, 0));
  },
};

for (const [what, trick] of Object.entries(TCP_TRICKS)) {
  const row = what.includes('octet each') ? 'D21' : 'D15';
  attack(
    {
      row,
      name: `a server that truncates over UDP, accepts TCP and ${what}`,
      setting: { com: 'trick 3600 NS ns.trick\nns.trick 3600 A 192.0.2.70' },
    },
    async (stage) => {
      await stage.serveTcp('192.0.2.70', (connection) => trick(connection, stage));
      let connections = 0;
      stage.internet.world.onPacket(({ kind, to }) => {
        if (kind === 'syn' && to.address === '192.0.2.70') connections++;
      });
      expect(await stage.ask('www.trick.com.')).toMatch(/^failure/);
      expect(connections).toBeGreaterThan(0);
      expect(connections).toBeLessThanOrEqual(5);
    },
  );
}

attack(
  {
    row: 'D23',
    name: 'the root is asked for itself twice a day at most',
    setting: { resolver: { priming: true } },
  },
  async (stage) => {
    const { internet } = stage;
    for (let hour = 0; hour < 48; hour++) {
      await stage.ask(`n${hour}.example.com.`);
      await stage.ask(`n${hour}.alias.org.`);
      await internet.world.advance(3_600_000);
    }
    const priming = internet.asked.filter((line) => line.startsWith(`${ROOT} . NS`));
    expect(priming.length).toBeGreaterThan(0);
    expect(priming.length).toBeLessThanOrEqual(5);
  },
);

attack(
  {
    row: 'D16',
    name: 'CacheFlush: an attacker with fat replies does not push out what others use',
    setting: {
      evil: (query, via) => {
        if (via === 'udp') return reply(query, { tc: true });
        const text = query.questions[0]!.name.toString();
        return reply(query, {
          aa: true,
          answers: records(list(99, (i) => `${text} 300 TXT ${'x'.repeat(100)}${i}`)),
          additionals: records(list(200, (i) => `m${i}.${text} 300 A 192.0.2.1`)),
        });
      },
      resolver: { cacheLimits: { ...smallCaches, recordOctets: 4e5 } },
    },
  },
  async (stage) => {
    await stage.ask('www.example.com.');
    let missed = 0;
    for (let round = 0; round < 6; round++) {
      // More in a round than the cache holds at all would flush any cache: this is half of it.
      for (let i = 0; i < 15; i++) await stage.ask(`f${round}-${i}.evil.com.`, 'TXT');
      const before = stage.countAsked(EXAMPLE);
      await stage.ask('www.example.com.');
      if (stage.countAsked(EXAMPLE) > before) missed++;
    }
    expect(missed).toBe(0);
    // Additional records of such replies are not kept at all.
    const kept = [...stage.resolver.cache.records.entries()].filter(({ name }) =>
      name.toString().startsWith('m0.'),
    );
    expect(kept).toEqual([]);
  },
);

const POPULAR = 40;

attack(
  {
    row: 'D16',
    name: 'cache flooding: a flood of names asked for once leaves what is asked for again',
    setting: {
      victim: zone(
        'example.com.',
        `${EXAMPLE_ZONE}\n${list(POPULAR, (i) => `p${i} 300 A 192.0.2.9`)}`,
      ),
      evil: (query) => {
        const text = query.questions[0]!.name.toString();
        return reply(query, { aa: true, answers: records(`${text} 300 A 192.0.2.1`) });
      },
      // Some 100 RRsets.
      resolver: { cacheLimits: { ...smallCaches, recordOctets: 9e3 } },
    },
    isFatal: true,
  },
  async (stage) => {
    const rounds = 4;
    let flooded = 0;
    let missesBefore = 0;
    // The flood is there before anybody else, and fills the cache anew in each round.
    for (let round = 0; round < rounds; round++) {
      if (round === rounds / 2) missesBefore = stage.countAsked(EXAMPLE);
      for (let i = 0; i < POPULAR; i++) {
        for (let k = 0; k < 3; k++) await stage.ask(`f${flooded++}.evil.com.`);
        await stage.ask(`p${i}.example.com.`);
      }
    }
    const misses = stage.countAsked(EXAMPLE) - missesBefore;
    const hitRatio = 1 - misses / ((POPULAR * rounds) / 2);
    expect(hitRatio).toBeGreaterThan(0.95);
    const { octets, evictions } = stage.resolver.cacheStatistics.records;
    expect(octets).toBeLessThanOrEqual(9e3);
    expect(evictions).toBeGreaterThan(flooded / 2);
    return `${Math.round(hitRatio * 100)} % of the others' answers out of the cache`;
  },
);

attack(
  {
    row: 'D12',
    name: 'water torture: random names at a dead zone, while others are served',
    setting: { com: 'dead 3600 NS ns.dead\nns.dead 3600 A 192.0.2.250' },
    isFatal: false,
  },
  async (stage) => {
    const { world } = stage.internet;
    const { resolver } = stage;
    await stage.ask('www.example.com.');
    let served = 0;
    for (let i = 0; i < 500; i++) {
      world.at(world.nowMs + i * 8, () => void resolver.resolve(questionOf(`r${i}.dead.com.`)));
    }
    for (let i = 0; i < 100; i++) {
      world.at(world.nowMs + i * 40, () => {
        const name = i % 2 === 0 ? 'www.example.com.' : `fresh${i}.example.com.`;
        void resolver.resolve(questionOf(name)).then(({ kind }) => {
          if (kind === 'resolved') served++;
        });
      });
    }
    await world.advance(20_000);
    expect(served).toBeGreaterThanOrEqual(99);
    // The zone's share of what may be open at once bounds what the flood sends.
    expect(resolver.counters.sends).toBeLessThan(500 * 6);
  },
);

attack(
  {
    row: 'D17',
    name: 'a hundred types at one name, and a thousand names, within the octets of the cache',
    setting: {
      evil: zone('evil.com.', '@ 9 SOA ns h 1 1 1 1 9\nwww 300 A 192.0.2.1'),
      resolver: { cacheLimits: { ...smallCaches, negativeOctets: 5e4 } },
    },
  },
  async (stage) => {
    for (let type = 1000; type < 1110; type++) await stage.ask('www.evil.com.', `TYPE${type}`);
    for (let i = 0; i < 300; i++) await stage.ask(`n${i}.evil.com.`);
    expect(stage.resolver.cacheStatistics.negatives.octets).toBeLessThanOrEqual(5e4);
  },
);

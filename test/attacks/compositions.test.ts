/**
 * Families D7 and D14: what single attacks are made of, put together at random or one after the
 * other. Whatever comes of it ends, and within the budget.
 */
import { expect } from 'vitest';

import { SeededRandom } from '../../src/sim/random.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { Rcode } from '../../src/wire/iana.ts';
import { records, reply, type Responder } from '../resolver/fixture.ts';
import { attack, FUZZ_RUNS, Stage } from './stage.ts';

function list(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('\n');
}

/** What a node of a random graph of zones may answer: everything of this family, composed. */
function randomNode(random: SeededRandom, count: number): Responder {
  const other = (): number => random.below(count);
  return (query) => {
    const { name, type } = query.questions[0]!;
    const text = name.toString();
    const at = name.ancestor(Math.min(name.labelCount, 3 + random.below(2))).toString();
    const fan = 1 + random.below(13);
    switch (random.below(9)) {
      case 0:
        return reply(query, {
          aa: true,
          answers: records(`${text} 300 CNAME w${random.below(1000)}.g${other()}.com.`),
        });
      case 1:
        return reply(query, {
          authorities: records(
            list(fan, () => `${at} 300 NS n${random.below(50)}.g${other()}.com.`),
          ),
        });
      case 2:
        return reply(query, {
          authorities: records(list(fan, (i) => `${at} 300 NS n${i}.${at}`)),
          additionals: records(list(fan, (i) => `n${i}.${at} 300 A 192.0.2.${100 + other()}`)),
        });
      case 3:
        return reply(query, { rcode: Rcode.SERVFAIL });
      case 4:
        return [];
      case 5:
        return reply(query, { tc: true });
      case 6:
        return reply(query, { rcode: Rcode.NXDOMAIN, aa: true });
      case 7:
        return reply(query, {
          aa: true,
          answers: type === 1 ? records(`${text} 300 A 192.0.2.${100 + other()}`) : [],
        });
      default:
        return reply(query, {
          aa: true,
          answers: records(`g${other()}.com. 300 DNAME x.g${other()}.com.`),
        });
    }
  };
}

const GRAPHS = Math.ceil(FUZZ_RUNS / 500);
const NODES = 8;

attack(
  {
    row: 'D7',
    name: 'CAMP: aliases, fans, circles, silence and errors composed at random',
  },
  async (stage) => {
    for (let seed = 0; seed < GRAPHS; seed++) {
      const random = new SeededRandom(String(seed), 'graph');
      const graph = await Stage.set({
        seed,
        com: list(NODES, (i) => `g${i} 300 NS ns.g${i}\nns.g${i} 300 A 192.0.2.${100 + i}`),
        servers: Object.fromEntries(
          Array.from({ length: NODES }, (_, i) => [
            `192.0.2.${100 + i}`,
            randomNode(random, NODES),
          ]),
        ),
      });
      for (const name of ['www.g0.com.', 'a.b.c.g1.com.', 'www.g0.com.']) await graph.ask(name);
      await graph.internet.world.settle(60_000);
      expect(graph.internet.leftOpen, `seed ${seed}`).toBe(0);
      stage.meter.add(graph.meter.work);
    }
  },
);

attack(
  {
    row: 'D14',
    name: 'pairs of reply kinds, one after the other, from two servers: it ends',
  },
  async (stage) => {
    const kinds = Object.values(REPLY_KINDS);
    const pairs = kinds.flatMap((first) => kinds.map((second) => [first, second] as const));
    const step = Math.max(1, Math.floor((pairs.length * 500) / FUZZ_RUNS));
    for (let at = 0; at < pairs.length; at += step) {
      const [first, second] = pairs[at]!;
      let turns = 0;
      const server: Responder = (query, via) => (turns++ % 2 === 0 ? first : second)(query, via);
      const one = await Stage.set({
        com: list(2, (i) => `two 300 NS n${i}.two\nn${i}.two 300 A 192.0.2.${120 + i}`),
        servers: { '192.0.2.120': server, '192.0.2.121': server },
      });
      await one.ask('www.two.com.');
      await one.internet.world.settle(60_000);
      expect(one.internet.leftOpen).toBe(0);
      stage.meter.add(one.meter.work);
    }
    expect(stage.meter.work.mostSends).toBeLessThanOrEqual(40);
  },
);

const REPLY_KINDS: Readonly<Record<string, Responder>> = {
  silence: () => [],
  servfail: (query) => reply(query, { rcode: Rcode.SERVFAIL }),
  refused: (query) => reply(query, { rcode: Rcode.REFUSED }),
  formerr: (query) => reply(query, { rcode: Rcode.FORMERR }),
  notimp: (query) => reply(query, { rcode: Rcode.NOTIMP }),
  badvers: (query) => reply(query, { rcode: Rcode.BADVERS, edns: query.edns ?? plainEdns() }),
  badcookie: (query) => reply(query, { rcode: 23, edns: query.edns ?? plainEdns() }),
  truncated: (query) => reply(query, { tc: true }),
  'wrong id': (query) => reply({ ...query, id: query.id ^ 1 }, {}),
  upwards: (query) => reply(query, { authorities: records('. 300 NS a.root.') }),
  'to itself': (query) => reply(query, { authorities: records('two.com. 300 NS n0.two.com.') }),
  empty: (query) => reply(query, {}),
  bare: (query) => ({ ...reply(query, { rcode: Rcode.FORMERR }), questions: [] }),
  broken: (query) => encodeMessage(reply(query, { aa: true }), 512).subarray(0, 20),
};

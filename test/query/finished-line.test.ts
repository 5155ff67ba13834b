/** Lines that end as they did before: nobody may be able to tell, but by the time it took. */
import { expect, test } from 'vitest';

import type { LogFile } from '../../src/net/log-file.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { AnswerCache } from '../../src/query/answer-cache.ts';
import { QueryLog } from '../../src/query/query-log.ts';
import { emptyAnswer, type Answer } from '../../src/query/query.ts';
import { createResponder } from '../../src/query/respond.ts';
import { SeededRandom } from '../../src/sim/random.ts';
import { World } from '../../src/sim/world.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const QUERIES = Number(process.env['FUZZ_RUNS'] ?? 20_000) / 10;
const NAMES = [
  ...['.', 'www.example.com.', 'a.b.c.d.example.com.', 'with\\.dot.example.com.'],
  ...['\\000\\255\\032.example.com.', `${'x'.repeat(63)}.`.repeat(3), 'nothing.example.com.'],
  // Each octet of it is written as four: too long to be kept with its answer.
  '\\007'.repeat(60) + '.example.com.',
];
const TYPES = [RRType.A, RRType.AAAA, RRType.ANY, 65_280];

class Rig {
  text = '';
  /** Answers whose line was finished before. */
  finished = 0;
  readonly cache: AnswerCache;
  readonly log: QueryLog;
  readonly ask: (query: Uint8Array, transport: 'udp' | 'tcp') => Uint8Array;

  constructor(isLogged: boolean, octets?: number) {
    const { clock } = new World({ seed: 1 }).host({ addresses: ['192.0.2.53'] }).runtime;
    const file: LogFile = {
      name: 'query.log',
      append: (written) => {
        this.text += Buffer.from(written).toString('latin1');
        return Promise.resolve({ octets: written.length });
      },
      reopen: () => Promise.resolve({}),
      close: () => Promise.resolve(),
    };
    this.log = new QueryLog({ file, clock, logger: silentLogger });
    const room = octets === undefined ? {} : { octets };
    this.cache = new AnswerCache({ clock, seed: 1, revision: () => 0, rotates: true, isLogged, ...room }); // prettier-ignore
    const responder = createResponder({
      answerer: ({ question }) => answerTo(question.name.toString(), question.type),
      ...{ clock, logger: silentLogger, recursionAvailable: true, queryLog: this.log },
      finished: { cache: this.cache, viewOf: () => 0 },
    });
    const out = new Uint8Array(65_535);
    const client = { address: '192.0.2.7', port: 53124 };
    const source = { clientOctets: Uint8Array.of(192, 0, 2, 7), clientPort: 53124, client };
    const silent = { sendLater: () => {}, dropped: () => {} };
    this.ask = (query, transport) => {
      const length = responder.respond(query, { ...source, ...silent, transport }, out);
      if (this.cache.logText.end > 0) this.finished++;
      return out.slice(0, length);
    };
  }
}

function answerTo(text: string, type: number): Answer {
  const repeatableUntilMs = Infinity;
  if (text.startsWith('nothing')) return { ...emptyAnswer(Rcode.NXDOMAIN), repeatableUntilMs };
  const octets = type === RRType.AAAA ? 16 : 4;
  const rdatas = [new Uint8Array(octets).fill(1), new Uint8Array(octets).fill(2)];
  const records = { name: nameOf('www.example.com.'), type, class: DnsClass.IN, ttl: 300, rdatas };
  return { ...emptyAnswer(Rcode.NOERROR), answers: [records], repeatableUntilMs };
}

/** Flips the case of letters of the question, often of none. */
function inSomeCase(query: Uint8Array, random: SeededRandom): Uint8Array {
  if (random.below(2) === 0) return query;
  return query.map((octet, at) => {
    const isLetter = at >= 12 && /[a-z]/i.test(String.fromCharCode(octet));
    return isLetter && random.below(20) === 0 ? octet ^ 0x20 : octet;
  });
}

function someQuery(random: SeededRandom): Uint8Array {
  const name = nameOf(NAMES[random.below(NAMES.length)]!);
  const questions = [{ name, type: TYPES[random.below(TYPES.length)]!, class: DnsClass.IN }];
  const bit = (): boolean => random.below(2) === 1;
  const flags = { rd: bit(), ad: bit(), cd: bit() };
  const edns = bit() ? { edns: { ...plainEdns(), do: bit() } } : {};
  const query = encodeMessage(createMessage({ id: random.below(65_536), questions, ...flags, ...edns })); // prettier-ignore
  return inSomeCase(query, random);
}

test.each([
  ['in a cache that holds all', undefined, 0.4],
  ['in one that forgets and moves them', 30_000, 0.02],
])(
  'a line that is kept with its answer is the line that would be written: %s',
  async (_, octets, least) => {
    const random = new SeededRandom('lines', 'queries');
    const kept = new Rig(true, octets);
    const written = new Rig(false, octets);
    for (let i = 0; i < QUERIES; i++) {
      const query = someQuery(random);
      const transport = random.below(8) === 0 ? 'tcp' : 'udp';
      expect(kept.ask(query, transport)).toEqual(written.ask(query, transport));
    }
    await Promise.all([kept.log.close(), written.log.close()]);
    const lines = kept.text.split('\n');
    expect(lines).toHaveLength(QUERIES + 1);
    // Answers are forgotten sooner where their lines take room, too.
    const plain = (text: string): string => text.replaceAll(/ (hit -|made 0)$/gm, '');
    expect(plain(kept.text)).toBe(plain(written.text));
    expect(kept.finished).toBeGreaterThan(least * QUERIES);
    expect(written.finished).toBe(0);
  },
);

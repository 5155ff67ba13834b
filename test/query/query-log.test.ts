/** The query log: what a line says, what a client cannot make it say, and what is lost when. */
import { beforeEach, describe, expect, it, test } from 'vitest';

import { bytesToAddress } from '../../src/net/address.ts';
import type { Appended, LogFile, Reopened } from '../../src/net/log-file.ts';
import { silentLogger } from '../../src/net/logger.ts';
import type { Clock, Runtime } from '../../src/net/ports.ts';
import { AnswerCache } from '../../src/query/answer-cache.ts';
import { Way, type Ending } from '../../src/query/query-line.ts';
import { QueryLog, queryLogLimits } from '../../src/query/query-log.ts';
import { emptyAnswer, type Answer, type Answerer } from '../../src/query/query.ts';
import { createResponder, type HeavyQueries } from '../../src/query/respond.ts';
import type { ReplyStream } from '../../src/query/reply-stream.ts';
import type { Source } from '../../src/query/source.ts';
import { SeededRandom } from '../../src/sim/random.ts';
import { World } from '../../src/sim/world.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, Opcode, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';

/** A file that is full, slow or gone as a test says it. */
class TestFile implements LogFile {
  readonly name = 'query.log';
  text = '';
  readonly blocks: number[] = [];
  opened = 0;
  closed = 0;
  problem: string | undefined;
  /** Octets that it still takes. */
  room = Infinity;
  #gate: Promise<void> = Promise.resolve();

  /** Nothing is taken until what this returns was called. */
  stall(): () => void {
    let go = (): void => {};
    this.#gate = new Promise((resolve) => (go = resolve));
    return go;
  }

  async append(octets: Uint8Array): Promise<Appended> {
    await this.#gate;
    const taken = Math.min(this.room, octets.length);
    this.room -= taken;
    this.text += Buffer.from(octets.subarray(0, taken)).toString('latin1');
    this.blocks.push(taken);
    return taken === octets.length
      ? { octets: taken }
      : { octets: taken, problem: 'cannot write to query.log: the disk is full (ENOSPC)' };
  }

  async reopen(): Promise<Reopened> {
    await this.#gate;
    if (this.problem !== undefined) return { problem: this.problem };
    this.opened++;
    return {};
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

interface Told {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const WALL_MS = Date.UTC(2026, 7, 28, 12, 34, 56, 789);
const HIT: Ending = { way: Way.HIT, rcode: Rcode.NOERROR, octets: 61, microseconds: -1 };

let world: World;
let runtime: Runtime;
let file: TestFile;
let told: Told[];
let log: QueryLog;
let clock: Clock;
/** What the machine has worked, which takes no virtual time. */
let workMs: number;

beforeEach(() => {
  world = new World({ seed: 1 });
  ({ runtime } = world.host({ addresses: ['192.0.2.53'] }));
  file = new TestFile();
  told = [];
  const tell =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      void told.push({ level, message, fields });
  const logger = {
    ...silentLogger,
    ...{ info: tell('info'), warn: tell('warn'), error: tell('error') },
  };
  workMs = 0;
  const { clock: idle } = runtime;
  const monotonic = (): number => idle.monotonic() + workMs;
  clock = { ...idle, monotonic, wall: () => WALL_MS };
  log = new QueryLog({ file, clock, logger });
});

const CLIENT = { transport: 'udp', clientOctets: Uint8Array.of(192, 0, 2, 7), clientPort: 53124 } as const; // prettier-ignore
const question = { name: nameOf('www.Example.com.'), type: RRType.A, class: DnsClass.IN };

function octetsOf(parts: Partial<Message> = {}): Uint8Array {
  return encodeMessage(createMessage({ id: 7, rd: true, questions: [question], ...parts }));
}

/** The lines of what `note` writes, without their ends. */
async function linesOf(note: () => void | Promise<void>): Promise<readonly string[]> {
  await note();
  await log.close();
  return file.text.split('\n').slice(0, -1);
}

/** The fields of the one line about this query. */
async function fieldsOf(query: Uint8Array, ending = HIT): Promise<readonly string[]> {
  const lines = await linesOf(() => log.note(query, CLIENT, ending));
  expect(lines).toHaveLength(1);
  const fields = lines[0]!.split(' ');
  expect(fields).toHaveLength(11);
  return fields;
}

describe('a line', () => {
  it('says who asked what when, and what came of it', async () => {
    const lines = await linesOf(() => {
      log.note(octetsOf(), CLIENT, HIT);
      const later = { way: Way.LATER, rcode: Rcode.BADVERS, octets: 1232, microseconds: 1234567 };
      log.note(octetsOf({ edns: plainEdns() }), { ...CLIENT, transport: 'tcp' }, later);
    });
    expect(lines).toEqual([
      '2026-08-28T12:34:56.789Z 192.0.2.7 53124 udp www.Example.com. A R NOERROR 61 hit -',
      '2026-08-28T12:34:56.789Z 192.0.2.7 53124 tcp www.Example.com. A RE BADVERS 1232 later 1234567',
    ]);
  });

  it.each<[string, Partial<Message>]>([
    ['-', { rd: false }],
    ['RAC', { ad: true, cd: true }],
    ['RE', { edns: plainEdns() }],
    ['RED', { edns: { ...plainEdns(), dnssecOk: true } }],
    ['-/NOTIFY', { rd: false, opcode: Opcode.NOTIFY }],
    ['-/RESERVED15', { rd: false, opcode: 15 }],
  ])('has the flags of the query: %s', async (flags, parts) => {
    expect((await fieldsOf(octetsOf(parts)))[6]).toBe(flags);
  });

  it.each([
    ['TXT/CH', RRType.TXT, DnsClass.CH],
    ['TYPE65400', 65400, DnsClass.IN],
    ['ANY/CLASS4660', RRType.ANY, 0x1234],
  ])('has type and class: %s', async (text, type, dnsClass) => {
    const questions = [{ ...question, type, class: dnsClass }];
    expect((await fieldsOf(octetsOf({ questions })))[5]).toBe(text);
  });

  it.each([0, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 65_535, 1_000_000, 999_999_999])(
    'has numbers as they are: %d',
    async (octets) => {
      const fields = await fieldsOf(octetsOf(), { ...HIT, octets, microseconds: octets });
      expect([fields[8], fields[10]]).toEqual([String(octets), String(octets)]);
    },
  );

  it('has addresses as everybody writes them (RFC 5952)', async () => {
    const random = new SeededRandom('1', 'addresses');
    // Zeros in most groups: runs of them are what is difficult.
    const group = (): number[] => (random.below(3) === 0 ? [random.below(3), random.below(256)] : [0, 0]); // prettier-ignore
    const addresses = Array.from({ length: 300 }, (_, i) =>
      i < 20
        ? Uint8Array.from({ length: 4 }, () => random.below(256))
        : Uint8Array.from(Array.from({ length: 8 }, group).flat()),
    );
    const mapped = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1);
    const all = [...addresses, mapped, new Uint8Array(16)];
    const lines = await linesOf(() => {
      for (const clientOctets of all) log.note(octetsOf(), { ...CLIENT, clientOctets }, HIT);
    });
    expect(lines.map((line) => line.split(' ')[1])).toEqual(all.map(bytesToAddress));
  });

  it('has the time of day as it goes on, and as it is set back', async () => {
    const stamps: number[] = [];
    let wallMs = WALL_MS;
    log = new QueryLog({ file, clock: { ...clock, wall: () => wallMs }, logger: silentLogger });
    const lines = await linesOf(async () => {
      for (const stepMs of [0, 1, 210, 0.5, 999, 86_400_000, -3_600_000, -7]) {
        wallMs += stepMs;
        stamps.push(Math.floor(wallMs));
        log.note(octetsOf(), CLIENT, HIT);
        // What is answered in one go has one time.
        await Promise.resolve();
      }
    });
    expect(lines.map((line) => Date.parse(line.split(' ')[0]!))).toEqual(stamps);
  });
});

describe('a name', () => {
  const wire = (...labels: readonly string[]): Uint8Array =>
    Uint8Array.from([
      ...labels.flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]),
      0,
    ]);

  it('with a newline, a space or a control cannot forge a line or a field', async () => {
    const forged = '\n2026-08-28T00:00:00.000Z 192.0.2.1 1 udp x. A\r';
    const name = DnsName.fromWire(wire(forged, 'a b\u001b[2J\u0085', 'c.d\\"'));
    const [, , , , text] = await fieldsOf(octetsOf({ questions: [{ ...question, name }] }));
    expect(text).toBe(name.toString());
    expect(text).toContain('\\0102026-08-28T00:00:00\\.000Z\\032192');
    expect(text).toMatch(/^[!-~]*$/);
  });

  it.each([
    ['.', wire()],
    ['every octet', wire(String.fromCharCode(...Array.from({ length: 63 }, (_, i) => 4 * i + 1)))],
    ['255 octets', wire(...[63, 63, 63, 61].map((length) => '\u0000'.repeat(length)))],
    ['127 labels', wire(...Array.from({ length: 127 }, () => '*'))],
  ])('is written as `DnsName` prints it: %s', async (_what, octets) => {
    const name = DnsName.fromWire(octets);
    const [, , , , text] = await fieldsOf(octetsOf({ questions: [{ ...question, name }] }));
    expect(text).toBe(name.toString());
  });
});

describe('no line comes of', () => {
  const pointer = octetsOf().slice();
  pointer[12] = 0xc0;
  const response = octetsOf().slice();
  response[2]! |= 0x80;
  const long = Uint8Array.from([
    ...octetsOf().subarray(0, 12),
    ...Array.from({ length: 10 }, () => [63, ...new Uint8Array(63).fill(0x61)]).flat(),
    ...[0, 0, 1, 0, 1],
  ]);
  it.each([
    ['nothing', new Uint8Array(0)],
    ['half of a header', octetsOf().subarray(0, 11)],
    ['a header alone', octetsOf().subarray(0, 12)],
    ['no question', octetsOf({ questions: [] })],
    ['half of a name', octetsOf().subarray(0, 20)],
    ['a question without its class', octetsOf().subarray(0, -1)],
    ['a compressed name', pointer],
    ['a name of more than 255 octets', long],
    ['a response', response],
  ])('%s', async (_what, octets) => {
    const lines = await linesOf(() => {
      log.note(octets, CLIENT, HIT);
      log.note(octetsOf(), CLIENT, HIT);
    });
    expect(lines).toHaveLength(1);
  });

  it('random octets, other than one whole line each at most', async () => {
    const random = new SeededRandom('2', 'octets');
    const lines = await linesOf(() => {
      for (let i = 0; i < 5000; i++) {
        const octets = Uint8Array.from({ length: random.below(80) }, () => random.below(256));
        // Else few would get beyond the header.
        if (octets.length > 14) octets.set([random.below(2), 0, 0, 1], 2);
        if (octets.length > 14) octets[12] = random.below(12);
        log.note(octets, CLIENT, HIT);
      }
    });
    expect(lines.length).toBeGreaterThan(100);
    const form =
      /^[0-9T:.Z-]{24} 192\.0\.2\.7 53124 udp [!-~]+ [A-Z0-9/-]+ [A-Z0-9/-]+ NOERROR 61 hit -$/;
    expect(lines.filter((line) => !form.test(line))).toEqual([]);
  });
});

/** So many lines about one query. */
function noteMany(count: number): void {
  for (let i = 0; i < count; i++) log.note(octetsOf(), CLIENT, HIT);
}

const LINE_OCTETS = 83;
const PER_BLOCK = Math.floor(queryLogLimits.blockOctets / LINE_OCTETS);

describe('the file', () => {
  it('has a lone line a second later, without another query', async () => {
    log.note(octetsOf(), CLIENT, HIT);
    await world.advance(990);
    expect(file.text).toBe('');
    await world.advance(20);
    expect(file.text).toHaveLength(LINE_OCTETS);
  });

  it('gets whole lines in large blocks', async () => {
    noteMany(2.5 * PER_BLOCK);
    await log.close();
    expect(file.blocks.length).toBe(3);
    expect(file.blocks.every((octets) => octets % LINE_OCTETS === 0)).toBe(true);
    expect(file.text).toHaveLength(Math.ceil(2.5 * PER_BLOCK) * LINE_OCTETS);
    expect(log.statistics).toEqual({ lines: Math.ceil(2.5 * PER_BLOCK), lost: 0 });
    expect(file.closed).toBe(1);
  });

  it('that is slow costs lines, not time or memory, and they are counted and told of', async () => {
    const go = file.stall();
    const count = 2 * queryLogLimits.blocks * PER_BLOCK;
    noteMany(count);
    const { lost } = log.statistics;
    expect(lost).toBeGreaterThan(count / 3);
    await world.advance(1100);
    expect(told).toEqual([
      {
        level: 'warn',
        message: 'lines of the query log were lost: its file is slower than the queries',
        fields: { file: 'query.log', lost },
      },
    ]);
    go();
    await world.advance(1100);
    noteMany(1);
    await log.close();
    expect(log.statistics).toEqual({ lines: count + 1 - lost, lost });
    expect(file.text).toHaveLength((count + 1 - lost) * LINE_OCTETS);
  });

  it('that is full is told of once, with its lines, and once when it is not any more', async () => {
    file.room = 10.5 * LINE_OCTETS;
    for (let second = 0; second < 30; second++) {
      noteMany(4);
      await world.advance(1000);
      if (second === 20) file.room = Infinity;
    }
    await log.close();
    const errors = told.filter(({ level }) => level === 'error');
    expect(errors).toEqual([
      {
        level: 'error',
        message: 'the query log loses lines until this is over',
        fields: { problem: 'cannot write to query.log: the disk is full (ENOSPC)' },
      },
    ]);
    expect(told.filter(({ level }) => level === 'info')).toHaveLength(1);
    const { lines, lost } = log.statistics;
    expect(lines + lost).toBe(120);
    expect(lost).toBeGreaterThan(60);
    const warnings = told.filter(({ level }) => level === 'warn');
    // Every ten seconds at most.
    expect(warnings.length).toBeLessThan(5);
    const sum = warnings.reduce((so, { fields }) => so + Number(fields['lost']), 0);
    expect(sum).toBe(lost);
  });

  it('is opened anew behind the lines of before, or goes on when that fails', async () => {
    log.note(octetsOf(), CLIENT, HIT);
    const go = file.stall();
    const reopened = log.reopen();
    log.note(octetsOf(), CLIENT, HIT);
    expect([file.opened, file.text]).toEqual([0, '']);
    go();
    await reopened;
    expect([file.opened, file.text.length]).toEqual([1, LINE_OCTETS]);
    file.problem = 'cannot open query.log: permission denied (EACCES)';
    await log.reopen();
    await log.close();
    expect(file.text).toHaveLength(2 * LINE_OCTETS);
    expect(told.map(({ message }) => message)).toEqual([
      'query log reopened',
      'query log not reopened: it goes on where it was',
    ]);
  });

  it('gets nothing after its end', async () => {
    await log.close();
    noteMany(2 * PER_BLOCK);
    await world.advance(5000);
    expect(file.blocks).toEqual([]);
  });
});

const records = { name: question.name, type: RRType.A, class: DnsClass.IN, ttl: 300, rdatas: [Uint8Array.of(192, 0, 2, 1)] }; // prettier-ignore
const found: Answer = { ...emptyAnswer(Rcode.NOERROR), authoritative: true, answers: [records], repeatableUntilMs: Infinity }; // prettier-ignore
const silent = { sendLater: () => {}, dropped: () => {} };

interface Asking {
  readonly answerer: Answerer;
  readonly heavy?: HeavyQueries;
}

function asker({ answerer, heavy }: Asking): (query: Uint8Array, source?: Partial<Source>) => void {
  const cache = new AnswerCache({ clock, seed: 1, revision: () => 0, rotates: false });
  const responder = createResponder({
    ...{ answerer, clock, logger: silentLogger, recursionAvailable: true, queryLog: log },
    finished: { cache, viewOf: () => 0 },
    ...(heavy && { heavy }),
  });
  const out = new Uint8Array(65_535);
  const client = { address: '192.0.2.7', port: 53124 };
  return (query, source) => {
    const octets = Buffer.from(query);
    responder.respond(octets, { ...CLIENT, client, ...silent, ...source }, out);
    // The socket's buffer is used again at once.
    octets.fill(0xff);
  };
}

/** Type, rcode, octets, way and time of the lines so far. */
async function endings(): Promise<readonly string[]> {
  await log.close();
  return file.text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').slice(5).join(' '));
}

describe('what becomes of a query is in its line:', () => {
  test('an answer that is made, and the same when it is finished', async () => {
    const ask = asker({ answerer: () => found });
    for (let i = 0; i < 3; i++) ask(octetsOf());
    expect(await endings()).toEqual([
      'A R NOERROR 49 made 0',
      'A R NOERROR 49 hit -',
      'A R NOERROR 49 hit -',
    ]);
  });

  test('one that comes later, with the time that it took', async () => {
    const answerer = (): Promise<Answer> =>
      new Promise((resolve) => runtime.clock.schedule(40, () => resolve(found)));
    asker({ answerer })(octetsOf());
    await world.advance(100);
    expect(await endings()).toEqual(['A R NOERROR 49 later 40000']);
  });

  test('errors of the form, with the upper bits of their rcode', async () => {
    const ask = asker({ answerer: () => found });
    ask(octetsOf({ edns: { ...plainEdns(), version: 1 } }));
    ask(octetsOf({ opcode: 15 }));
    ask(Uint8Array.from([...octetsOf(), 0]));
    expect(await endings()).toEqual([
      'A RE BADVERS 44 made 0',
      'A R/RESERVED15 NOTIMP 12 made 0',
      'A R FORMERR 12 made 0',
    ]);
  });

  test('an error of our own', async () => {
    const ask = asker({
      answerer() {
        throw new Error('a bug');
      },
    });
    ask(octetsOf());
    expect(await endings()).toEqual(['A R SERVFAIL 33 made 0']);
  });

  test('a reply that is not sent', async () => {
    const ask = asker({ answerer: () => ({ ...found, isDropped: true }) });
    ask(octetsOf());
    expect(await endings()).toEqual(['A R - 0 dropped 0']);
  });

  test('what is shed since too much waits', async () => {
    const ask = asker({
      answerer() {
        workMs++;
        return new Promise(() => {});
      },
      heavy: { isHeavy: () => true, shed: () => {} },
    });
    for (let i = 0; i < 5000; i++) ask(octetsOf());
    await world.advance(5000);
    const lines = await endings();
    // Some at once, some when they had waited for too long.
    const isUntimed = (line: string): boolean => line === 'A R - 0 shed -';
    expect(lines.filter(isUntimed).length).toBeGreaterThan(100);
    expect(lines.filter((line) => !isUntimed(line)).length).toBeGreaterThan(100);
    expect(lines.filter((line) => !/^A R - 0 shed (-|[0-9]+)$/.test(line))).toEqual([]);
  });

  test.each([
    [true, 'AXFR R NOERROR 98 streamed 0'],
    [false, 'AXFR R NOERROR 98 broken 0'],
  ])('a transfer of two messages: %s', async (isWhole, line) => {
    function* parts(): Iterable<readonly (typeof records)[]> {
      yield [records];
      yield [records];
      if (!isWhole) throw new Error('no more');
    }
    const stream = { parts: parts(), timeMs: 1000, finish: () => {} };
    const ask = asker({ answerer: () => ({ ...found, stream }) });
    const connection: ReplyStream = {
      ...{ write: () => {}, end: () => {}, break: () => {} },
      taken: () => Promise.resolve(true),
    };
    const questions = [{ ...question, type: RRType.AXFR }];
    ask(octetsOf({ questions }), { transport: 'tcp', stream: connection });
    await world.advance(1);
    expect(await endings()).toEqual([line]);
  });
});

/** A responder with more to do than it has time for, on a machine whose clock is moved by work. */
import { beforeEach, expect, it } from 'vitest';

import { silentLogger } from '../../src/net/logger.ts';
import { backlogLimits } from '../../src/query/backlog.ts';
import { emptyAnswer, type Answer, type Query } from '../../src/query/query.ts';
import { createResponder, type Responder } from '../../src/query/respond.ts';
import type { Source } from '../../src/query/source.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const KNOWN = nameOf('known.test.');
const CLIENT = { address: '198.51.100.1', port: 5353 };

let nowMs = 1;
let turns: (() => void)[] = [];
let begun: Query[] = [];
let waiting: ((answer: Answer) => void)[] = [];
let sheds = 0;
let responder: Responder;
/** By id, and in the order in which they came. */
let replies: number[] = [];
let drops: number[] = [];

beforeEach(() => {
  nowMs = 1;
  [turns, begun, waiting, replies, drops] = [[], [], [], [], []];
  sheds = 0;
  responder = createResponder({
    // What is not known takes a millisecond to begin, and waits for servers.
    answerer(query) {
      begun.push(query);
      if (query.question.name.equals(KNOWN)) return emptyAnswer(Rcode.NOERROR);
      nowMs++;
      return new Promise((resolve) => void waiting.push(resolve));
    },
    clock: {
      monotonic: () => nowMs,
      wall: () => 0,
      schedule(_delayMs, callback) {
        turns.push(callback);
        return { cancel: () => {} };
      },
    },
    logger: silentLogger,
    recursionAvailable: true,
    heavy: { isHeavy: ({ name }) => !name.equals(KNOWN), shed: () => void sheds++ },
  });
});

interface Asking {
  readonly name?: string;
  readonly rd?: boolean;
  readonly transport?: 'udp' | 'tcp';
}

function ask(
  id: number,
  { name = `n${id}.test.`, rd = true, transport = 'udp' }: Asking = {},
): void {
  const questions = [{ name: nameOf(name), type: RRType.A, class: DnsClass.IN }];
  const octets = Buffer.from(encodeMessage(createMessage({ id, rd, questions })));
  const source: Source = {
    transport,
    client: CLIENT,
    clientPort: CLIENT.port,
    clientOctets: Uint8Array.of(198, 51, 100, 1),
    sendLater: (reply) => void replies.push((reply[0]! << 8) | reply[1]!),
    dropped: () => void drops.push(id),
  };
  if (responder.respond(octets, source, new Uint8Array(65535)) > 0) replies.push(id);
  // The socket's buffer is used again at once.
  octets.fill(0xff);
}

/** As many as make the responder put off what follows. */
function fill(): number {
  const count = backlogLimits.few + backlogLimits.beginMs + 1;
  for (let id = 0; id < count; id++) ask(id);
  expect(begun).toHaveLength(count);
  return count;
}

function turn(): void {
  for (const callback of turns.splice(0)) callback();
}

it('what takes long waits for its turn, and is answered in it', async () => {
  const first = fill();
  ask(1000);
  expect(begun).toHaveLength(first);
  expect(responder.pending).toBe(first + 1);
  turn();
  expect(begun.at(-1)!.question.name.toString()).toBe('n1000.test.');
  waiting.at(-1)!(emptyAnswer(Rcode.NOERROR));
  await Promise.resolve();
  expect(replies).toEqual([1000]);
  expect(responder.pending).toBe(first);
});

it('what is known, needs no servers, or came over TCP waits for nobody', () => {
  const first = fill();
  ask(1000, { name: 'known.test.' });
  expect(replies).toEqual([1000]);
  ask(1001, { rd: false });
  ask(1002, { transport: 'tcp' });
  expect(begun).toHaveLength(first + 3);
});

it('a query counts its age from when it came, not from when it was begun', () => {
  fill();
  ask(1000);
  const arrivedMs = nowMs;
  nowMs += 100;
  turn();
  expect(begun.at(-1)!.receivedAtMs).toBe(arrivedMs);
});

it('of too many that wait the oldest are dropped, and counted', () => {
  fill();
  const { queries, safeMs } = backlogLimits;
  for (let id = 1000; id < 1000 + queries; id++) ask(id);
  ask(2000);
  expect(drops).toEqual([2000]);
  nowMs += safeMs;
  for (let id = 2001; id < 2004; id++) ask(id);
  expect(drops).toEqual([2000, 1000, 1001, 1002]);
  expect(sheds).toBe(4);
  ask(2004, { name: 'known.test.' });
  expect(replies).toEqual([2004]);
});

it('what waits when the search is ended is dropped', () => {
  const first = fill();
  ask(1000);
  responder.stop();
  responder.abort();
  turn();
  expect(drops).toEqual([1000]);
  expect(begun).toHaveLength(first);
});

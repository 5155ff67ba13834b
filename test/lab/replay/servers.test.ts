/** Which reply a query gets, and what the two dialects make of the same ranges. */
import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../../src/lab/replay/parse-scenario.ts';
import { replay, type Outcome } from '../../../src/lab/replay/replay.ts';
import { repliesTo } from '../../../src/lab/replay/replies.ts';
import { DnsClass, RRType } from '../../../src/wire/iana.ts';
import { createMessage } from '../../../src/wire/message.ts';
import { nameOf } from '../../../src/wire/name-text.ts';
import {
  check,
  entry,
  EXAMPLE,
  query,
  range,
  reply,
  ROOT,
  run,
  scenario,
  verdict,
  WWW,
} from './scenes.ts';

const QUESTION = 'www.example. IN A';
const OTHER = 'www.example. IN A 198.51.100.9';
const says = (steps: string, answer: string): string => {
  return range(steps, EXAMPLE, reply(QUESTION, { answer }));
};
const asking = (id: number, answer: string): string => {
  return query(id, QUESTION) + check(id + 5, QUESTION, { answer });
};

describe('ranges that overlap', () => {
  const both = [ROOT, says('0 100', WWW), says('0 100', OTHER)];

  test('testbound takes the last one in the file', async () => {
    expect(await verdict([...both, asking(1, OTHER)])).toBe('passed');
    expect(await verdict([...both, asking(1, WWW)])).toContain('step 6: expected answer');
  });

  test('Deckard takes the first one in the file', async () => {
    const dialect = 'deckard';
    expect(await verdict([...both, asking(1, WWW)], { dialect })).toBe('passed');
    expect(await verdict([...both, asking(1, OTHER)], { dialect })).toContain('step 6');
  });

  const split = [ROOT, range('0 100', EXAMPLE, reply('else.example. IN A')), says('0 100', WWW)];

  test('testbound goes on to the next range when no entry matches', async () => {
    const parts = [ROOT, says('0 100', WWW), range('0 100', EXAMPLE, reply('else.example. IN A'))];
    expect(await verdict([...parts, asking(1, WWW)])).toBe('passed');
  });

  test('Deckard does not', async () => {
    expect(await run([...split, asking(1, WWW)], { dialect: 'deckard' })).toMatchObject({
      kind: 'failed',
      unscripted: ['192.0.2.2 www.example. A'],
    });
  });
});

describe('a query goes with a step', () => {
  const turns = [ROOT, says('0 5', WWW), says('6 100', OTHER)];

  test('testbound: the one to come', async () => {
    expect(await verdict([...turns, asking(1, OTHER)])).toBe('passed');
  });

  test('Deckard: the one just done', async () => {
    expect(await verdict([...turns, asking(1, WWW)], { dialect: 'deckard' })).toBe('passed');
  });
});

describe('entries', () => {
  test('a range without an address is every address', async () => {
    const anybody = range('0 100', undefined, reply(QUESTION, { answer: WWW }));
    expect(await verdict([ROOT, anybody, asking(1, WWW)])).toBe('passed');
  });

  test('a reply without copy_id has the id 0, which is believed in testbound only', async () => {
    const anonymous = range(
      '0 100',
      EXAMPLE,
      reply(QUESTION, { adjust: 'copy_query', answer: WWW }),
    );
    expect(await verdict([ROOT, anonymous, asking(1, WWW)])).toBe('passed');
    const dialect = 'deckard';
    expect(await verdict([ROOT, anonymous, asking(1, WWW)], { dialect })).toContain(
      'rcode SERVFAIL',
    );
  });

  test('a truncated reply sends the resolver to TCP, which has entries of its own', async () => {
    const cut = reply(QUESTION, { match: 'UDP opcode qtype qname', reply: 'QR AA TC NOERROR' });
    const whole = reply(QUESTION, { match: 'TCP opcode qtype qname', answer: WWW });
    expect(await verdict([ROOT, range('0 100', EXAMPLE, cut, whole), asking(1, WWW)])).toBe(
      'passed',
    );
  });

  test('a reply has the letters of the question that it answers (0x20)', () => {
    const [range1] = parseScenario('f', scenario('', says('0 1', WWW))).ranges;
    const question = { name: nameOf('wWw.ExAmple.'), type: RRType.A, class: DnsClass.IN };
    const asked = createMessage({ id: 7, questions: [question] });
    const [answer] = repliesTo(asked, range1!.entries[0]!, 'testbound');
    expect(answer!.message.questions[0]!.name.toString()).toBe('wWw.ExAmple.');
    expect(answer!.message.id).toBe(7);
  });

  test('octets in hexadecimal are sent as they are, with the id of the query', async () => {
    const hex = [
      'HEX_ANSWER_BEGIN',
      '0000 8400 0001 0001 0000 0000 ; header',
      '03777777 076578616d706c65 00 0001 0001',
      'c00c 0001 0001 00000e10 0004 c6336407',
      'HEX_ANSWER_END',
    ].join('\n');
    const raw = range('0 100', EXAMPLE, reply(QUESTION, { more: hex }));
    expect(await verdict([ROOT, raw, asking(1, WWW)])).toBe('passed');
  });

  test('octets in hexadecimal are a query, too', async () => {
    const hex = [
      'HEX_ANSWER_BEGIN',
      '0000 0100 0001 0000 0000 0000',
      '03777777 076578616d706c65 00 0001 0001',
      'HEX_ANSWER_END',
    ].join('\n');
    const raw = `STEP 1 QUERY\n${entry({ more: hex })}`;
    const parts = [ROOT, says('0 100', WWW), raw, check(2, QUESTION, { answer: WWW })];
    expect(await verdict(parts)).toBe('passed');
  });

  test('further packets of a reply follow the first', async () => {
    const more = `EXTRA_PACKET\nREPLY QR AA NXDOMAIN\nSECTION QUESTION\n${QUESTION}`;
    const server = range('0 100', EXAMPLE, reply(QUESTION, { answer: WWW, more }));
    const outcome = await run([ROOT, server, asking(1, WWW)], { isVerbose: true });
    expect(outcome.kind).toBe('passed');
    expect(transcriptOf(outcome)).toContain('www.example. A NXDOMAIN');
  });

  test('a loopback address is asked only where the configuration allows it', async () => {
    const root = range(
      '0 100',
      '192.0.2.1',
      entry({
        match: 'subdomain',
        adjust: 'copy_id copy_query',
        reply: 'QR',
        question: 'example. IN A',
        authority: 'example. IN NS ns.example.',
        additional: 'ns.example. IN A 127.0.0.9',
      }),
    );
    const parts = [
      root,
      range('0 100', '127.0.0.9', reply(QUESTION, { answer: WWW })),
      asking(1, WWW),
    ];
    expect(await verdict(parts)).toContain('rcode SERVFAIL');
    expect(await verdict(parts, { config: 'server:\n do-not-query-localhost: no' })).toBe('passed');
  });
});

describe('Deckard', () => {
  const dialect = 'deckard';

  test('a REPLY step answers once, where no range is eligible', async () => {
    // With TTL 0 the resolver has to ask again.
    const brief = WWW.replace('IN', '0 IN');
    const once = `STEP 3 REPLY\n${reply(QUESTION, { answer: brief })}`;
    const first = [ROOT, query(1, QUESTION)];
    const answered = check(4, QUESTION, { answer: brief });
    expect(await verdict([...first, once, answered], { dialect })).toBe('passed');
    const twice = [...first, query(2, QUESTION), once, answered];
    expect(await run(twice, { dialect })).toMatchObject({
      kind: 'failed',
      unscripted: ['192.0.2.2 www.example. A'],
    });
  });

  test('client and servers speak EDNS', async () => {
    const outcome = await run([ROOT, says('0 100', WWW), asking(1, WWW)], {
      dialect,
      isVerbose: true,
    });
    expect(transcriptOf(outcome)).toMatch(/client 127\.0\.0\.1 → resolver, udp {2}.* edns$/m);
    expect(transcriptOf(outcome)).toMatch(/192\.0\.2\.2 → resolver .* edns$/m);
  });

  test('only the last answer is looked at', async () => {
    const twice = [query(1, QUESTION), query(2, 'else.example. IN A')];
    const parts = [ROOT, says('0 100', WWW), ...twice, check(3, QUESTION, { answer: WWW })];
    expect(await verdict(parts, { dialect })).toContain('step 3: expected');
  });
});

function transcriptOf(outcome: Outcome): string {
  return 'transcript' in outcome ? outcome.transcript.join('\n') : '';
}

test('a server that stands on loopback needs no range to be asked', async () => {
  const config = [
    'server:',
    'do-not-query-localhost: no',
    'stub-zone: name: "example." stub-addr: 127.0.0.2',
  ].join('\n');
  const answer = `STEP 2 REPLY\n${reply(QUESTION, { answer: WWW })}`;
  const parts = [query(1, QUESTION), answer, check(3, QUESTION, { answer: WWW })];
  expect(await verdict(parts, { config })).toBe('passed');
});

test('the root of Deckard may stand on loopback', async () => {
  const root = range('0 100', '127.0.0.10', reply(QUESTION, { answer: WWW }));
  const text = scenario('stub-addr: 127.0.0.10\nquery-minimization: off', root, asking(1, WWW));
  expect((await replay('f.rpl', text)).kind).toBe('passed');
});

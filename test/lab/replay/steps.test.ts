/** Every kind of step, in both outcomes: a runner that cannot fail proves nothing. */
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/lab/replay/replay.ts';
import { check, entry, EXAMPLE, query, range, reply, ROOT, run, verdict, WWW } from './scenes.ts';

const QUESTION = 'www.example. IN A';
const SERVER = range('0 100', EXAMPLE, reply(QUESTION, { answer: WWW }));
/** Example's server says nothing until step 50. */
const LATE_SERVER = range('50 100', EXAMPLE, reply(QUESTION, { answer: WWW }));

describe('QUERY and CHECK_ANSWER', () => {
  test('the expected answer passes', async () => {
    const parts = [ROOT, SERVER, query(1, QUESTION), check(2, QUESTION, { answer: WWW })];
    expect(await verdict(parts)).toBe('passed');
  });

  test('another answer fails, and says what was expected and what came', async () => {
    const wanted = 'www.example. IN A 198.51.100.8';
    const outcome = await run([
      ROOT,
      SERVER,
      query(1, QUESTION),
      check(2, QUESTION, { answer: wanted }),
    ]);
    expect(outcome).toMatchObject({
      kind: 'failed',
      step: 2,
      line: 50,
      expected: 'answer www.example. 3600 IN A 198.51.100.8',
      got: 'answer www.example. 3600 IN A 198.51.100.7',
    });
    const said = transcriptOf(outcome);
    expect(said).toContain('client 127.0.0.1 → resolver, udp  www.example. A [rd]');
    expect(said).toContain('resolver → 192.0.2.1, udp  www.example. A');
    expect(said).toContain('192.0.2.2 → resolver (line 34)  www.example. A NOERROR [qr aa]');
  });

  test('an rcode that was not expected fails', async () => {
    const parts = [
      ROOT,
      SERVER,
      query(1, QUESTION),
      check(2, QUESTION, { reply: 'QR RD RA NXDOMAIN' }),
    ];
    expect(await verdict(parts)).toBe('step 2: expected rcode NXDOMAIN, got rcode NOERROR');
  });

  test('an answer that nobody checks fails in testbound, and passes in Deckard', async () => {
    const parts = [ROOT, SERVER, query(1, QUESTION)];
    expect(await verdict(parts)).toBe(
      'step undefined: expected every answer to be checked, got none for step 1',
    );
    expect(await verdict(parts, { dialect: 'deckard' })).toBe('passed');
  });

  test('a client goes on over the connection that it was told may stay', async () => {
    // The option (RFC 7828) without a time, and with 30 s. What asks without it is told all the same,
    // which it only is where the connection is the same.
    const options = (hex: string): string => `HEX_EDNSDATA_BEGIN\n${hex}\nHEX_EDNSDATA_END`;
    const more = (hex: string): { additional: string } => ({ additional: options(hex) });
    const asked = (id: number, hex: string): string =>
      query(id, QUESTION, { match: 'TCP', ...more(hex) });
    const told = (id: number): string =>
      check(id, QUESTION, { match: 'TCP ednsdata', answer: WWW, ...more('000b 0002 012c') });
    const config = 'server:\n  edns-tcp-keepalive-timeout: 30000';
    const parts = [ROOT, SERVER, asked(1, '000b 0000'), told(2), asked(3, ''), told(4)];
    expect(await verdict(parts, { config })).toBe('passed');
    const strangers = [ROOT, SERVER, asked(1, ''), told(2)];
    expect(await verdict(strangers, { config })).toContain('step 2');
  });

  test('a check without a query fails', async () => {
    expect(await verdict([ROOT, check(2, QUESTION)])).toBe(
      'step 2: expected an answer, got none asked for',
    );
  });

  test('answers may be checked in any order', async () => {
    const other = 'other.example. IN A';
    const server = range('0 100', EXAMPLE, reply(QUESTION, { answer: WWW }), reply(other));
    const checks = [check(3, other), check(4, QUESTION, { answer: WWW })];
    expect(await verdict([ROOT, server, query(1, QUESTION), query(2, other), ...checks])).toBe(
      'passed',
    );
  });

  test('a query from an address that may not use recursion is refused', async () => {
    const stranger = `STEP 1 QUERY ADDRESS 203.0.113.5\n${entry({ reply: 'RD', question: QUESTION })}`;
    const refused = check(2, QUESTION, { reply: 'QR RD RA REFUSED' });
    expect(await verdict([ROOT, SERVER, stranger, refused])).toBe('passed');
  });

  test('MATCH TCP in a query sends it over TCP', async () => {
    const parts = [
      ROOT,
      SERVER,
      query(1, QUESTION, { match: 'TCP' }),
      check(2, QUESTION, { match: 'TCP all', answer: WWW }),
    ];
    expect(await verdict(parts)).toBe('passed');
    expect(transcriptOf(await run(parts, { isVerbose: true }))).toContain(
      '127.0.0.1 → resolver, tcp',
    );
  });
});

describe('an answer too large for UDP', () => {
  const many = Array.from({ length: 60 }, (_, i) => `www.example. IN A 198.51.100.${i}`).join('\n');
  const server = range('0 100', EXAMPLE, reply(QUESTION, { answer: many }));

  test('is fetched over TCP', async () => {
    const parts = [ROOT, server, query(1, QUESTION), check(2, QUESTION, { answer: many })];
    expect(await verdict(parts)).toBe('passed');
  });

  test('is not when the script expects it to be cut', async () => {
    const cut = check(2, QUESTION, { match: 'flags', reply: 'QR TC RD RA NOERROR' });
    expect(await verdict([ROOT, server, query(1, QUESTION), cut])).toBe('passed');
  });
});

describe('TIME_PASSES', () => {
  const later = (seconds: string, ttl: number): readonly string[] => [
    ROOT,
    SERVER,
    query(1, QUESTION),
    check(2, QUESTION, { answer: WWW }),
    `STEP 3 TIME_PASSES ELAPSE ${seconds}\n`,
    query(4, QUESTION),
    check(5, QUESTION, { match: 'all ttl', answer: `www.example. ${ttl} IN A 198.51.100.7` }),
  ];

  test('TTLs count down', async () => {
    expect(await verdict(later('100', 3500))).toBe('passed');
    expect(await verdict(later('100', 3499))).toBe(
      'step 5: expected answer www.example. 3499 IN A 198.51.100.7, ' +
        'got answer www.example. 3500 IN A 198.51.100.7',
    );
  });

  test('fractions of a second pass, and blur TTLs by one', async () => {
    expect(await verdict(later('0.4', 3600))).toBe('passed');
    expect(await verdict(later('0.4', 3601))).toContain('step 5');
  });
});

describe('TRAFFIC and NOTHING', () => {
  test('do no harm when there is nothing under way', async () => {
    const parts = [ROOT, SERVER, query(1, QUESTION), 'STEP 2 TRAFFIC\nSTEP 3 NOTHING\n'];
    expect(await verdict([...parts, check(4, QUESTION, { answer: WWW })])).toBe('passed');
  });

  test('TRAFFIC waits for the resolver to be done', async () => {
    // Nobody answers, so it takes the resolver until its deadline.
    const silent = range('0 100', EXAMPLE, reply(QUESTION, { adjust: 'copy_id do_not_answer' }));
    const parts = [ROOT, silent, query(1, QUESTION), 'STEP 2 TRAFFIC\n'];
    const outcome = await run([...parts, check(4, QUESTION, { reply: 'QR RD RA SERVFAIL' })], {
      isVerbose: true,
    });
    expect(outcome.kind).toBe('passed');
    const times = transcriptOf(outcome).match(/^ *(\d+\.\d+) s {2}resolver → client/m);
    expect(Number(times?.[1])).toBeGreaterThan(1);
  });
});

describe('CHECK_OUT_QUERY, REPLY, TIMEOUT and ERROR', () => {
  const out = (id: number, parts: Parameters<typeof entry>[0] = {}): string =>
    `STEP ${id} CHECK_OUT_QUERY\n${entry({ match: 'qname qtype opcode', question: QUESTION, ...parts })}`;
  const answered = check(60, QUESTION, { answer: WWW });

  test('a query that goes out is seen, kept, and answered by a step', async () => {
    const answer = `STEP 3 REPLY\n${reply(QUESTION, { answer: WWW })}`;
    const steps = [query(1, QUESTION), out(2, { match: 'qname qtype opcode' }), answer];
    // The root refers at step 2 only for queries that the step does not take.
    const root = range('0 100', '192.0.2.1', reply(QUESTION, { match: 'TCP' }));
    const forwarded = await verdict([root, ...steps, answered]);
    expect(forwarded).toBe('passed');
  });

  test('with copy_id the step answers at once', async () => {
    const step = out(2, { adjust: 'copy_id', reply: 'QR AA NOERROR', answer: WWW });
    expect(await verdict([query(1, QUESTION), step, answered])).toBe('passed');
  });

  test('a query that does not go out fails', async () => {
    const parts = [ROOT, SERVER, query(1, QUESTION), out(2, { question: 'else.example. IN A' })];
    expect(await verdict(parts)).toBe(
      'step 2: expected a query for else.example. A, got waiting queries: none',
    );
  });

  test('REPLY without a waiting query fails', async () => {
    const parts = [ROOT, SERVER, query(1, QUESTION), check(2, QUESTION, { answer: WWW })];
    const late = `STEP 3 REPLY\n${reply(QUESTION)}`;
    expect(await verdict([...parts, late])).toBe(
      'step 3: expected a waiting query to reply to, got none',
    );
  });

  test('after a TIMEOUT the resolver asks again', async () => {
    const parts = [ROOT, LATE_SERVER, query(1, QUESTION), 'STEP 40 TIMEOUT\n', answered];
    const outcome = await run(parts, { isVerbose: true });
    expect(outcome.kind).toBe('passed');
    const asked = transcriptOf(outcome).match(/resolver → 192\.0\.2\.2, udp/g);
    expect(asked).toHaveLength(2);
    expect(transcriptOf(outcome)).toContain('0.376 s  resolver → 192.0.2.2');
  });

  test('an ERROR reaches the resolver without a wait', async () => {
    const failed = check(60, QUESTION, { reply: 'QR RD RA SERVFAIL' });
    const parts = [ROOT, LATE_SERVER, query(1, QUESTION), 'STEP 40 ERROR\n', failed];
    const outcome = await run(parts, { isVerbose: true });
    expect(outcome.kind).toBe('passed');
    expect(transcriptOf(outcome)).toContain('0.000 s  resolver → client 127.0.0.1');
  });

  test('more ERRORs than the resolver cares to see do no harm', async () => {
    const failed = check(60, QUESTION, { reply: 'QR RD RA SERVFAIL' });
    const errors = Array.from({ length: 20 }, (_, i) => `STEP ${20 + i} ERROR\n`);
    expect(await verdict([ROOT, LATE_SERVER, query(1, QUESTION), ...errors, failed])).toBe(
      'passed',
    );
  });

  test('a REPLY answers a query however often it was sent meanwhile', async () => {
    const late = 'STEP 3 TIME_PASSES ELAPSE 1\n';
    const answer = `STEP 4 REPLY\n${reply(QUESTION, { answer: WWW })}`;
    const parts = [ROOT, query(1, QUESTION), late, answer, answered];
    const outcome = await run(parts, { isVerbose: true });
    expect(outcome).toMatchObject({ kind: 'passed', unscripted: [] });
    const asked = transcriptOf(outcome).match(/resolver → 192\.0\.2\.2, udp/g);
    expect(asked!.length).toBeGreaterThan(1);
  });

  test('the root is asked who serves it, where a step looks for that', async () => {
    expect(
      await verdict([ROOT, SERVER, query(1, QUESTION), out(2, { question: '. IN NS' }), answered]),
    ).toBe('passed');
  });

  test('TIMEOUT and ERROR without a waiting query fail', async () => {
    for (const word of ['TIMEOUT', 'ERROR']) {
      expect(await verdict([ROOT, `STEP 3 ${word}\n`])).toBe(
        'step 3: expected a waiting query to fail, got none',
      );
    }
  });
});

describe('queries that the scenario does not know', () => {
  test('are answered SERVFAIL and listed', async () => {
    const failed = check(2, QUESTION, { reply: 'QR RD RA SERVFAIL' });
    expect(await run([ROOT, query(1, QUESTION), failed])).toMatchObject({
      kind: 'passed',
      unscripted: ['192.0.2.2 www.example. A'],
    });
  });

  test('are left without an answer when the scenario fails otherwise', async () => {
    const patient = (seconds: number): readonly string[] => [
      ROOT,
      LATE_SERVER,
      query(1, QUESTION),
      `STEP 40 TIME_PASSES ELAPSE ${seconds}\n`,
      check(60, QUESTION, { answer: WWW }),
    ];
    // SERVFAIL ends the search; after a silence the resolver asks again, when the server is there.
    expect(await verdict(patient(1))).toBe('passed');
    // Without that chance, it is the first failure that is told.
    expect(await verdict([ROOT, query(1, QUESTION), check(60, QUESTION, { answer: WWW })])).toBe(
      'step 60: expected rcode NOERROR, got rcode SERVFAIL',
    );
  });
});

function transcriptOf(outcome: Outcome): string {
  return 'transcript' in outcome ? outcome.transcript.join('\n') : '';
}

/** Files as they are written, and what is wrong with those that are not. */
import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../../src/lab/replay/parse-scenario.ts';
import { printRecord } from '../../../src/lab/replay/print.ts';
import type { Entry } from '../../../src/lab/replay/scenario.ts';
import { CONFIG, DECKARD_CONFIG, entry, query, scenario } from './scenes.ts';

function entryOf(text: string): Entry {
  const [step] = parseScenario('f', scenario('', `STEP 1 QUERY\n${text}`)).steps;
  if (step?.kind !== 'query') throw new Error('no query');
  return step.entry;
}

function recordsOf(lines: string): readonly string[] {
  return entryOf(entry({ answer: lines })).packets[0]!.message.answers.map(printRecord);
}

describe('the dialect', () => {
  test.each([
    ['clauses', CONFIG, 'testbound'],
    ['nothing', '', 'testbound'],
    ['only a directive', 'TEMPFILE_NAME x', 'testbound'],
    ['keys without a clause', DECKARD_CONFIG, 'deckard'],
    ['a clause that is a comment', `; server:\n# server:\n${DECKARD_CONFIG}`, 'deckard'],
  ])('%s', (_what, config, dialect) => {
    expect(parseScenario('f', scenario(config)).dialect).toBe(dialect);
  });

  test('can be given', () => {
    expect(parseScenario('f', scenario(CONFIG), 'deckard').dialect).toBe('deckard');
  });
});

describe('the configuration', () => {
  const settingsOf = (config: string): readonly string[] =>
    parseScenario('f', scenario(config)).settings.map(
      ({ clause, clauseNumber, key, values }) =>
        `${clause}${clauseNumber} ${key}=${values.join('|')}`,
    );

  test('holds keys in clauses, several on a line, values in quotes, comments', () => {
    const config = [
      'server: # of all',
      '\tlocal-zone: "a b" static ; not this',
      'forward-zone: name: "." forward-addr: 192.0.2.1',
      '  private-address: fd00::/8',
      'stub-zone:',
      'stub-addr:192.0.2.2',
    ].join('\n');
    expect(settingsOf(config)).toEqual([
      'server1 =',
      'server1 local-zone=a b|static',
      'forward-zone2 =',
      'forward-zone2 name=.',
      'forward-zone2 forward-addr=192.0.2.1',
      'forward-zone2 private-address=fd00::/8',
      'stub-zone3 =',
      'stub-zone3 stub-addr=192.0.2.2',
    ]);
  });

  test('passes over the files that it brings along', () => {
    const config = 'auth-zone:\nTEMPFILE_CONTENTS x\nserver:\nTEMPFILE_END\nname: x';
    expect(settingsOf(config)).toEqual([
      'auth-zone1 =',
      '0 TEMPFILE_CONTENTS=x',
      'auth-zone1 name=x',
    ]);
  });
});

describe('records', () => {
  test.each([
    ['a. IN A 192.0.2.1', 'a. 3600 IN A 192.0.2.1'],
    ['a. 7 IN A 192.0.2.1', 'a. 7 IN A 192.0.2.1'],
    ['a. IN 7 A 192.0.2.1', 'a. 7 IN A 192.0.2.1'],
    ['a A 192.0.2.1 ; why', 'a. 3600 IN A 192.0.2.1'],
    ['a. CH TXT "x;y (z)"', 'a. 3600 CH TXT "x;y (z)"'],
    ['a. TYPE65280 \\# 2 abcd', 'a. 3600 IN TYPE65280 \\# 2 ABCD'],
    ['a. SOA a. b. ( 1 2 3 4 5 )', 'a. 3600 IN SOA a. b. 1 2 3 4 5'],
    ['a. MX 1 b. too much', 'a. 3600 IN MX 1 b.'],
    ['in A 192.0.2.1', 'in. 3600 IN A 192.0.2.1'],
  ])('%s', (text, printed) => {
    expect(recordsOf(text)).toEqual([printed]);
  });

  test('a line that begins with a blank may leave out its owner', () => {
    expect(recordsOf('a. 7 IN A 192.0.2.1\n\tIN A 192.0.2.2\n\tb. A 192.0.2.3')).toEqual([
      'a. 7 IN A 192.0.2.1',
      'a. 3600 IN A 192.0.2.2',
      'b. 3600 IN A 192.0.2.3',
    ]);
  });

  test('$ORIGIN completes names', () => {
    expect(recordsOf('$ORIGIN b.\na A 192.0.2.1')).toEqual(['a.b. 3600 IN A 192.0.2.1']);
  });

  test('$ORIGIN may stand in a range, and holds for all that follows', () => {
    const one = entry({ question: 'a IN A', answer: 'x A 192.0.2.1' });
    const text = scenario('', `RANGE_BEGIN 0 1\n$ORIGIN b.\n${one}RANGE_END\n`);
    const { message } = parseScenario('f', text).ranges[0]!.entries[0]!.packets[0]!;
    expect(message.questions[0]!.name.toString()).toBe('a.b.');
    expect(printRecord(message.answers[0]!)).toBe('x.b. 3600 IN A 192.0.2.1');
  });

  test('octets of a known type may have any form', () => {
    expect(recordsOf('a. A \\# 3 030405')).toEqual(['a. 3600 IN A \\# 3 030405']);
    expect(() => recordsOf('a. A \\# 4 030405')).toThrow('4 octets');
  });

  test('a digest may be too short for its type', () => {
    expect(recordsOf('a. DS 1 8 2 00000000')[0]).toContain('\\# 8 0001080200000000');
  });

  test('a class that is a type as well is a class where a type follows', () => {
    expect(recordsOf('a. ANY TXT x')).toEqual(['a. 3600 ANY TXT "x"']);
  });

  test('a signature may lack its padding', () => {
    const signed = 'a. RRSIG A 8 1 3600 20260101000000 20250101000000 1 a. ';
    expect(recordsOf(`${signed}AAA`)).toEqual(recordsOf(`${signed}AAA=`));
  });
});

describe('entries', () => {
  test('EDNS is there when DO or its octets are', () => {
    const ednsOf = (text: string): unknown => entryOf(text).packets[0]!.message.edns;
    expect(ednsOf(entry({ reply: 'RD' }))).toBeUndefined();
    expect(ednsOf(entry({ reply: 'RD DO' }))).toMatchObject({ dnssecOk: true, options: [] });
    const more = 'HEX_EDNSDATA_BEGIN\n000a 0002 ; a cookie\nabcd\nHEX_EDNSDATA_END';
    expect(ednsOf(entry({ reply: 'RD', more }))).toMatchObject({
      dnssecOk: false,
      options: [{ code: 10, data: Uint8Array.of(0xab, 0xcd) }],
    });
  });

  test('RAW has its octets on the same line or on those that follow', () => {
    const rawOf = (more: string): unknown => entryOf(entry({ more })).packets[0]!.octets;
    expect(rawOf('RAW 00ff')).toEqual(Uint8Array.of(0, 255));
    expect(rawOf('RAW\n00ff\n01')).toEqual(Uint8Array.of(0, 255, 1));
  });

  test('a TTL in a question says nothing', () => {
    const { questions } = entryOf(entry({ question: '. 86400 IN NS' })).packets[0]!.message;
    expect(questions[0]).toMatchObject({ type: 2, class: 1 });
  });

  test('MATCH may repeat', () => {
    const { match, extendedErrors } = entryOf(entry({ match: 'all ede=3\nMATCH TTL ede=any' }));
    expect([...match]).toEqual(['all', 'ttl']);
    expect(extendedErrors).toEqual([3, 'any']);
  });
});

test('one RANGE_END too many does no harm, and Deckard needs no end', () => {
  const range = 'RANGE_BEGIN 0 1\nRANGE_END\nRANGE_END\n';
  expect(parseScenario('f', scenario('', range)).ranges).toHaveLength(1);
  const open = 'CONFIG_END\nSCENARIO_BEGIN\nSTEP 1 NOTHING\n';
  expect(parseScenario('f', open, 'deckard').steps).toHaveLength(1);
});

const MISTAKES: readonly (readonly [text: string, line: number, problem: string])[] = [
  ['', 1, 'expected CONFIG_END, the file ends'],
  ['server\n', 1, "expected a key such as 'server:', found 'server'"],
  ['CONFIG_END\nSTEP 1 NOTHING\n', 2, 'expected SCENARIO_BEGIN'],
  ['CONFIG_END\nSCENARIO_BEGIN\n', 2, 'expected SCENARIO_END, the file ends'],
  [scenario('', 'x. IN A 192.0.2.1\n'), 4, 'expected RANGE_BEGIN, STEP or SCENARIO_END'],
  [scenario('', 'STEP 1 DANCE\n'), 4, "there is no step 'DANCE'"],
  [scenario('', 'STEP one NOTHING\n'), 4, "expected the number of a step, found 'one'"],
  [scenario('', 'STEP 2 NOTHING\nSTEP 2 NOTHING\n'), 5, 'step 2 follows step 2: ids must increase'],
  [
    scenario('', 'STEP 2 TIME_PASSES ELAPSE long\n'),
    4,
    "expected 'TIME_PASSES ELAPSE' and seconds",
  ],
  [scenario('', 'STEP 2 QUERY\nSTEP 3 NOTHING\n'), 5, 'the step of line 4 needs ENTRY_BEGIN here'],
  [scenario('', 'RANGE_BEGIN 0 1\nADDRESS x\nRANGE_END\n'), 5, "expected an address, found 'x'"],
  [
    scenario('', 'RANGE_BEGIN 0 1\nSTEP 1 NOTHING\n'),
    5,
    'expected ADDRESS, ENTRY_BEGIN or RANGE_END',
  ],
  [scenario('', query(1, 'a. IN NOTYPE')), 8, "expected 'name class type'"],
  [scenario('', query(1, 'a. XX A')), 8, "'XX' is no class"],
  [scenario('', query(1, 'a. A', { match: 'smell' })), 6, "there is no MATCH word 'smell'"],
  [scenario('', query(1, 'a. A', { adjust: 'smell' })), 6, "there is no ADJUST word 'smell'"],
  [scenario('', query(1, 'a. A', { reply: 'SMELL' })), 6, "there is no REPLY word 'SMELL'"],
  [scenario('', query(1, 'a. A', { more: 'SECTION SMELL' })), 9, "there is no section 'SMELL'"],
  [scenario('', query(1, 'a. A', { answer: 'a. IN A nowhere' })), 10, 'nowhere'],
  [scenario('', query(1, 'a. A', { answer: 'a. IN SMELL x' })), 10, "found 'SMELL'"],
  [
    scenario('', query(1, 'a. A', { more: 'HEX_ANSWER_BEGIN\n0\nHEX_ANSWER_END' })),
    9,
    'octets of two',
  ],
];

test.each(MISTAKES.map(([text, line, problem]) => ({ text, line, problem })))(
  'a mistake names its line: $problem',
  ({ text, line, problem }) => {
    expect(() => parseScenario('f.rpl', text)).toThrow(
      expect.objectContaining({ line, problem: expect.stringContaining(problem) as string }),
    );
    expect(() => parseScenario('f.rpl', text)).toThrow(`f.rpl:${line}: `);
  },
);

/** What each MATCH word holds against a message, and what it does not. */
import { describe, expect, test } from 'vitest';
import {
  findDifference,
  type CompareContext,
  type Difference,
} from '../../../src/lab/replay/compare.ts';
import { parseScenario } from '../../../src/lab/replay/parse-scenario.ts';
import type { Entry } from '../../../src/lab/replay/scenario.ts';
import { entry, scenario, type EntryParts } from './scenes.ts';

const context: CompareContext = {
  dialect: 'testbound',
  transport: 'udp',
  isStrict: false,
  ttlToleranceSeconds: 0,
};

const BASE: EntryParts = { reply: 'QR RD RA NOERROR', question: 'www.a. IN A' };
const A1 = 'www.a. 60 IN A 192.0.2.1';
const A2 = 'www.a. 60 IN A 192.0.2.2';
const SOA = 'a. SOA a. b. 1 2 3 4 5';

function entryFrom(parts: EntryParts): Entry {
  const [step] = parseScenario('f', scenario('', `STEP 1 QUERY\n${entry(parts)}`)).steps;
  if (step?.kind !== 'query') throw new Error('no query');
  return step.entry;
}

/** Holds what came (`got`) against what was expected, both on top of a plain answer. */
function differ(
  expected: EntryParts,
  got: EntryParts,
  options: Partial<CompareContext> = {},
): Difference | undefined {
  const message = entryFrom({ ...BASE, ...got }).packets[0]!.message;
  return findDifference(message, entryFrom({ ...BASE, ...expected }), { ...context, ...options });
}

type Row = readonly [what: string, expected: EntryParts, same: EntryParts, other: EntryParts];
const edns = (hex: string): string => `HEX_EDNSDATA_BEGIN\n${hex}\nHEX_EDNSDATA_END`;
const bare = { reply: 'QR' };

const ROWS: readonly Row[] = [
  ['opcode', { match: 'opcode', ...bare }, bare, { reply: 'QR NOTIFY' }],
  ['qtype', { match: 'qtype' }, { question: 'b. IN A' }, { question: 'www.a. IN AAAA' }],
  ['qname', { match: 'qname' }, { question: 'WWW.a. IN MX' }, { question: 'b. IN A' }],
  ['qcase', { match: 'qcase' }, {}, { question: 'WWW.a. IN A' }],
  [
    'subdomain',
    { match: 'subdomain', question: 'a. IN A' },
    { question: 'x.A. IN MX' },
    { question: 'xa. IN A' },
  ],
  ['question', { match: 'question' }, { question: 'WWW.A. IN A' }, { question: 'www.a. CH A' }],
  ['rcode', { match: 'rcode' }, bare, { reply: 'QR NXDOMAIN' }],
  ['flags', { match: 'flags' }, { reply: 'RA QR RD NXDOMAIN DO' }, { reply: 'QR RD RA AD' }],
  ['answer', { match: 'answer', answer: A1 }, { answer: A1.toUpperCase() }, { answer: A2 }],
  ['authority', { match: 'authority', authority: SOA }, { authority: SOA }, {}],
  ['additional', { match: 'additional', additional: A1 }, { additional: A1 }, { additional: A2 }],
  ['DO', { match: 'DO' }, { reply: 'QR DO' }, { more: edns('') }],
  ['noedns', { match: 'noedns' }, {}, { reply: 'DO' }],
  ['ede=9', { match: 'ede=9' }, { more: edns('000f 0002 0009') }, { more: edns('000f 0002 0008') }],
  ['ede=any', { match: 'ede=any' }, { more: edns('000f 0003 0008 41') }, { reply: 'QR DO' }],
  [
    'ednsdata',
    { match: 'ednsdata', more: edns('0003 0001 41') },
    { more: edns('0003 0001 41') },
    { more: edns('0003 0001 42') },
  ],
  [
    'client_cookie',
    { match: 'client_cookie' },
    { more: edns('000a 0008 0102030405060708') },
    { more: edns('000a 0004 01020304') },
  ],
  ['all: rcode', { match: 'all' }, {}, { reply: 'QR RD RA SERVFAIL' }],
  ['all: AD', { match: 'all' }, {}, { reply: 'QR RD RA AD NOERROR' }],
  ['all: question', { match: 'all' }, {}, { question: 'www.a. IN AAAA' }],
  [
    'all: answer as a set',
    { match: 'all', answer: `${A1}\n${A2}` },
    { answer: `${A2}\n${A1}` },
    { answer: A1 },
  ],
  [
    'all: a record too many',
    { match: 'all', answer: A1 },
    { answer: A1 },
    { answer: `${A1}\n${A2}` },
  ],
  [
    'all: names in rdata without case',
    { match: 'all', answer: 'www.a. NS X.b.' },
    { answer: 'www.a. NS x.B.' },
    { answer: 'www.a. NS xx.b.' },
  ],
  [
    'all: text with case',
    { match: 'all', answer: 'www.a. TXT "x"' },
    { answer: 'www.a. TXT "x"' },
    { answer: 'www.a. TXT "X"' },
  ],
  [
    'all: a proof with an NS set beside it',
    { match: 'all', authority: `${SOA}\na. NS b.` },
    { authority: SOA },
    { authority: 'a. NS b.' },
  ],
  ['all: a proof', { match: 'all', authority: SOA }, { authority: SOA }, { authority: 'a. NS b.' }],
  [
    'all: no name servers beside an answer',
    { match: 'all', answer: A1, authority: 'a. NS b.', additional: 'b. A 192.0.2.3' },
    { answer: A1 },
    { answer: A2 },
  ],
  ['all: EDNS', { match: 'all' }, {}, { more: edns('') }],
  ['all: TTLs', { match: 'all', answer: A1 }, { answer: A1.replace('60', '59') }, {}],
  ['all ttl', { match: 'all ttl', answer: A1 }, { answer: A1 }, { answer: A1.replace('60', '59') }],
];

describe('MATCH', () => {
  test.each(ROWS)('%s', (_what, expected, same, other) => {
    expect(differ(expected, same)).toBeUndefined();
    expect(differ(expected, other)).toBeDefined();
  });

  test('nothing: everything matches', () => {
    expect(differ({}, { question: 'b. IN MX', reply: 'QR REFUSED' })).toBeUndefined();
  });

  test('UDP and TCP', () => {
    expect(differ({ match: 'UDP' }, {})).toBeUndefined();
    expect(differ({ match: 'TCP' }, {})).toEqual({
      expected: 'transport tcp',
      got: 'transport udp',
    });
    expect(differ({ match: 'TCP' }, {}, { transport: 'tcp' })).toBeUndefined();
  });

  test('TTLs may be off by the time that replies took', () => {
    const expected = { match: 'all ttl', answer: A1 };
    const late = (ttl: number, ttlToleranceSeconds: number): Difference | undefined =>
      differ(expected, { answer: A1.replace('60', String(ttl)) }, { ttlToleranceSeconds });
    expect(late(58, 2)).toBeUndefined();
    expect(late(57, 2)).toBeDefined();
  });

  test("Deckard's all leaves EDNS out", () => {
    expect(differ({ match: 'all' }, { more: edns('') }, { dialect: 'deckard' })).toBeUndefined();
  });
});

describe('strict', () => {
  const isStrict = true;
  const two = { match: 'all', answer: `${A1}\n${A2}` };

  test('the order counts for testbound', () => {
    expect(differ(two, { answer: `${A2}\n${A1}` }, { isStrict })).toBeDefined();
    expect(
      differ(two, { answer: `${A2}\n${A1}` }, { isStrict, dialect: 'deckard' }),
    ).toBeUndefined();
  });

  test('authority, additional and EDNS options count', () => {
    const full = { match: 'all', authority: 'a. NS b.', additional: 'b. A 192.0.2.3' };
    expect(differ(full, full, { isStrict })).toBeUndefined();
    expect(differ(full, { ...full, additional: '' }, { isStrict })).toBeDefined();
    expect(differ(full, { ...full, authority: '' }, { isStrict })).toBeDefined();
    const plain = { match: 'all', reply: 'QR DO' };
    const more = edns('0003 0001 41');
    expect(differ(plain, { reply: 'QR DO', more }, { isStrict })).toBeDefined();
    expect(differ(plain, { reply: 'QR DO', more })).toBeUndefined();
  });
});

test('RA and the question do not matter where a query is refused, unless strictly', () => {
  const refused = { match: 'all', reply: 'QR RD REFUSED' };
  const got = { reply: 'QR RD RA REFUSED' };
  expect(differ(refused, got)).toBeUndefined();
  expect(differ({ ...refused, question: '' }, got)).toBeUndefined();
  expect(differ(refused, got, { isStrict: true })?.expected).toBe('flags qr rd');
  expect(differ(refused, { reply: 'QR REFUSED' })?.expected).toBe('flags qr rd');
  const served = { match: 'all', reply: 'QR RD NOERROR' };
  expect(differ(served, { reply: 'QR RD RA NOERROR' })?.expected).toBe('flags qr rd');
});

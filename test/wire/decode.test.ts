import { describe, expect, test } from 'vitest';
import { decodeHeader, decodeMessage } from '../../src/wire/decode.ts';
import { RRType } from '../../src/wire/iana.ts';
import { isWellFormed, printRdata } from '../../src/wire/rdata/rdata.ts';
import { decoded, hex, join, rawMessage, rawRecord, reasonOf } from './support.ts';

const ROOT = Uint8Array.of(0);
const QUESTION = hex('0161 00 0001 0001');
const opt = (rdata = '', owner = '00', ttl = '00000000'): Uint8Array =>
  hex(`${owner} 0029 04d0 ${ttl} ${(rdata.length / 2).toString(16).padStart(4, '0')} ${rdata}`);

describe('the header', () => {
  test('every bit is where RFC 1035 §4.1.1 and RFC 4035 §3 put it', () => {
    const flags = {
      qr: 0x8000,
      aa: 0x400,
      tc: 0x200,
      rd: 0x100,
      ra: 0x80,
      z: 0x40,
      ad: 0x20,
      cd: 0x10,
    };
    for (const [name, bit] of Object.entries(flags)) {
      const header = decodeHeader(
        join(Uint8Array.of(0, 0, bit >> 8, bit & 0xff), new Uint8Array(8)),
      );
      const set = Object.entries(header!).filter(([, value]) => value !== 0 && value !== false);
      expect(set).toEqual([[name, true]]);
    }
    expect(decodeHeader(hex('abcd 780f 0000 0000 0000 0000'))).toMatchObject({
      id: 0xabcd,
      opcode: 15,
      rcode: 15,
    });
  });

  test('a message of fewer than 12 octets is malformed', () => {
    for (let length = 0; length < 12; length++) {
      expect(reasonOf(new Uint8Array(length))).toBe('short header');
    }
    expect(reasonOf(new Uint8Array(12))).toBe('well-formed');
  });
});

describe('sections', () => {
  test('a message that ends early is malformed, wherever it ends', () => {
    const body = [QUESTION, rawRecord(hex('c00c'), 15, hex('000a 046d61696c c00c'))];
    const whole = rawMessage([1, 1, 0, 1], ...body, opt('000a0002abcd'));
    expect(reasonOf(whole)).toBe('well-formed');
    for (let length = 0; length < whole.length; length++) {
      expect(reasonOf(whole.subarray(0, length))).not.toBe('well-formed');
    }
  });

  test('octets behind the last record are malformed', () => {
    expect(reasonOf(rawMessage([1, 0, 0, 0], QUESTION, ROOT))).toBe(
      'octets behind the last record',
    );
    expect(reasonOf(rawMessage([0, 0, 0, 0], ROOT))).toBe('octets behind the last record');
  });

  test.each([[[1, 0, 0, 0]], [[0, 1, 0, 0]], [[0, 0, 65535, 0]], [[65535, 65535, 65535, 65535]]])(
    'counts %j that lie are seen before anything is read',
    (counts) => {
      expect(reasonOf(rawMessage(counts))).toBe('counts exceed the message');
    },
  );

  test('sixteen questions are read, more are refused', () => {
    const many = (n: number): Uint8Array =>
      rawMessage([n, 0, 0, 0], ...new Array<Uint8Array>(n).fill(QUESTION));
    expect(decoded(many(16)).questions.length).toBe(16);
    expect(reasonOf(many(17))).toBe('too many questions');
  });

  test('TTLs with the top bit set are 0, RFC 2181 §8', () => {
    const ttlOf = (ttl: string): number =>
      decoded(rawMessage([0, 1, 0, 0], hex(`00 0001 0001 ${ttl} 0004 c0000201`))).answers[0]!.ttl;
    expect(['7fffffff', '80000000', 'ffffffff', '00010000'].map(ttlOf)).toEqual([
      0x7fffffff, 0, 0, 65536,
    ]);
  });

  test('records are read in any order, any number of times', () => {
    const message = decoded(
      rawMessage(
        [1, 2, 0, 0],
        QUESTION,
        rawRecord(hex('c00c'), 1, hex('c0000201')),
        rawRecord(hex('0162c00c'), 2, hex('c00c')),
      ),
    );
    const [a, b] = message.answers;
    expect(b!.name.toString()).toBe('b.a.');
    expect(a!.name).toBe(message.questions[0]!.name);
    expect(b!.rdata).toEqual(hex('016100'));
    expect(b!.name.toString()).toBe('b.a.');
    expect(a!.rdata).toBe(a!.rdata);
  });
});

describe('names in rdata', () => {
  test.each([
    ['NS', '0162 c00c', '0162 0161 00'],
    ['MX', '000a c00c', '000a 0161 00'],
    [
      'SOA',
      'c00c c00c 0000000100000002000000030000000400000005',
      '0161 00 0161 00 0000000100000002000000030000000400000005',
    ],
    ['SRV', '0000 0000 0035 c00c', '0000 0000 0035 0161 00'],
    ['RP', 'c00c 0162 c00c', '0161 00 0162 0161 00'],
  ])('%s is expanded, RFC 3597 §4', (type, sent, expanded) => {
    const number = RRType[type as keyof typeof RRType];
    const bytes = rawMessage([1, 1, 0, 0], QUESTION, rawRecord(ROOT, number, hex(sent)));
    expect(decoded(bytes).answers[0]!.rdata).toEqual(hex(expanded));
  });

  test.each([
    ['NS that is empty', 2, ''],
    ['NS with an octet behind it', 2, 'c00c 00'],
    ['NS that runs out of the rdata', 2, '0461'],
    ['MX without a name', 15, '000a'],
    ['SOA without numbers', 6, 'c00c c00c'],
    ['NS that points at itself', 2, 'c01e'],
    ['SRV that points forward', 33, '0000 0000 0035 c0ff'],
  ])('%s: the message is malformed', (_, type, rdata) => {
    const bytes = rawMessage([1, 1, 0, 0], QUESTION, rawRecord(ROOT, type, hex(rdata)));
    expect(reasonOf(bytes)).toBe('bad record data');
  });

  test.each([
    ['A of three octets', RRType.A, 'c00002'],
    ['DNAME with a pointer', RRType.DNAME, 'c00c'],
    ['TXT that overruns', RRType.TXT, '0561'],
    ['NSEC with a bitmap of no octets', RRType.NSEC, '00 0000'],
    ['CAA with an escape sequence as its tag', RRType.CAA, '00 03 1b5b6d 00'],
    ['SVCB with a pointer', RRType.SVCB, '0001 c00c'],
  ])('%s spoils itself only, and is printed as octets', (_, type, rdata) => {
    const bytes = rawMessage([1, 1, 0, 0], QUESTION, rawRecord(ROOT, type, hex(rdata)));
    const record = decoded(bytes).answers[0]!;
    expect(isWellFormed(type, record.rdata)).toBe(false);
    expect(printRdata(type, record.rdata)).toMatch(/^\\# [0-9]+( [0-9A-F]+)?$/);
  });

  test('in classes ANY and NONE no rdata stand for all, RFC 2136 §2.5', () => {
    for (const dnsClass of ['00ff', '00fe']) {
      const bytes = rawMessage([0, 0, 1, 0], hex(`0161 00 0006 ${dnsClass} 00000000 0000`));
      expect(decoded(bytes).authorities[0]!.rdata.length).toBe(0);
    }
  });
});

describe('EDNS, RFC 6891 §6.1', () => {
  test('everything in the OPT record is kept', () => {
    const bytes = rawMessage(
      [0, 0, 0, 1],
      opt('000a0004deadbeef fde90000'.replace(' ', ''), '00', 'ab01 c001'.replace(' ', '')),
    );
    const message = decoded(bytes);
    expect(message.rcode).toBe(0xab0);
    expect(message.additionals).toEqual([]);
    expect(message.edns).toEqual({
      udpPayloadSize: 1232,
      version: 1,
      dnssecOk: true,
      flags: 0x4001,
      options: [
        { code: 10, data: hex('deadbeef') },
        { code: 0xfde9, data: new Uint8Array(0) },
      ],
    });
  });

  test('other records may stand on both sides of it', () => {
    const a = rawRecord(ROOT, 1, hex('c0000201'));
    const message = decoded(rawMessage([0, 0, 0, 3], a, opt(), a));
    expect([message.additionals.length, message.edns?.version]).toEqual([2, 0]);
  });

  test.each([
    ['two of them', [0, 0, 0, 2], [opt(), opt()], 'several OPT records'],
    ['one in the answer section', [0, 1, 0, 0], [opt()], 'OPT record out of place'],
    ['one in the authority section', [0, 0, 1, 0], [opt()], 'OPT record out of place'],
    ['an owner that is not the root', [0, 0, 0, 1], [opt('', '016100')], 'OPT record out of place'],
    ['an option that overruns', [0, 0, 0, 1], [opt('000a0005deadbeef')], 'bad EDNS options'],
    ['half an option', [0, 0, 0, 1], [opt('000a00')], 'bad EDNS options'],
    [
      'an option that overruns behind 32 others',
      [0, 0, 0, 1],
      [opt(`${'000a0000'.repeat(32)}000a0005dead`)],
      'bad EDNS options',
    ],
  ] as const)('%s: malformed', (_, counts, parts, reason) => {
    expect(reasonOf(rawMessage(counts, ...parts))).toBe(reason);
  });

  test.each([32, 33, 1000])('of %i options the first 32 are read', (count) => {
    const message = decoded(rawMessage([0, 0, 0, 1], opt('000a0000'.repeat(count))));
    expect(message.edns?.options.length).toBe(32);
  });
});

const CLASSES = [0, 1, 3, 254, 255, 256, 0x8001, 0xffff];

test('all types in eight classes, with rdata of any form, return', () => {
  const rdatas = [hex(''), hex('00'), hex('0000 c00c'), new Uint8Array(40).fill(1)];
  for (let type = 0; type < 65536; type++) {
    const rdata = rdatas[type % rdatas.length]!;
    const bytes = rawMessage([0, 1, 0, 0], rawRecord(ROOT, type, rdata));
    // All classes for the types that mean something, one each for the others.
    for (const dnsClass of type < 300 ? CLASSES : [CLASSES[type & 7]!]) {
      bytes[15] = dnsClass >> 8;
      bytes[16] = dnsClass & 0xff;
      const result = decodeMessage(bytes);
      if (result.ok && (type < 300 || type % 251 === 0))
        printRdata(type, result.value.answers[0]?.rdata ?? rdata);
    }
  }
});

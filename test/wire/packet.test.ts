import type * as dnsPacket from 'dns-packet';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainEdns } from '../../src/wire/edns.ts';
import { Rcode } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { fromPacket, printPacket, toPacket, type PacketInput } from '../../src/wire/packet.ts';
import { message } from './arbitraries.ts';
import { expectSame, hex, recordOf } from './support.ts';

function back(packet: PacketInput): Message {
  const result = fromPacket(packet);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

const errorOf = (packet: unknown): string | undefined => {
  const result = fromPacket(packet as PacketInput);
  return result.ok ? undefined : result.error;
};

const answer = (type: string, data: unknown): PacketInput => ({
  answers: [{ name: 'a.test', type, data }],
});

describe('a message as a packet', () => {
  test('and back is the same message, octet by octet, also through JSON', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expectSame(back(toPacket(sent)), sent, true);
        expectSame(back(JSON.parse(JSON.stringify(toPacket(sent))) as PacketInput), sent, true);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['A', '192.0.2.1', '192.0.2.1'],
    ['CNAME', 'a\\.b.example.', 'a\\.b.example'],
    ['NS', '.', '.'],
    ['MX', '10 mail.example.', { preference: 10, exchange: 'mail.example' }],
    ['TXT', '"a" "\\255"', [Buffer.from('a'), Buffer.of(255)]],
    [
      'CAA',
      '128 issue "ca.test"',
      { flags: 128, tag: 'issue', value: 'ca.test', issuerCritical: true },
    ],
    ['DNSKEY', '257 3 13 AQID', { flags: 257, algorithm: 13, key: Buffer.of(1, 2, 3) }],
    [
      'NSEC',
      'b.test. A HTTPS TYPE65280',
      { nextDomain: 'b.test', rrtypes: ['A', 'HTTPS', 'UNKNOWN_65280'] },
    ],
    [
      'HTTPS',
      '1 . mandatory=port alpn="h2,h3" port=8443 ipv4hint=192.0.2.1 key667="x"',
      {
        priority: 1,
        target: '.',
        params: {
          mandatory: ['port'],
          alpn: ['h2', 'h3'],
          port: 8443,
          ipv4hint: ['192.0.2.1'],
          key667: Buffer.from('x'),
        },
      },
    ],
    ['OPENPGPKEY', 'AQID', Buffer.of(1, 2, 3)],
  ])('%s %s', (type, text, data) => {
    const record = recordOf('a.test.', type, text);
    expect(toPacket(createMessage({ answers: [record] })).answers).toEqual([
      { name: 'a.test', type, ttl: 300, class: 'IN', flush: false, data },
    ]);
  });

  test.each([
    ['HINFO', 13, 'strings that are not UTF-8', '01ff 0161'],
    ['HINFO', 13, 'a long string that is not', `ff${'ff'.repeat(255)} 00`],
    ['DNSKEY', 48, 'a protocol other than 3', '0101 04 0d 010203'],
    ['A', 1, 'three octets', 'c00002'],
    ['TXT', 16, 'no string', ''],
    ['SVCB', 64, 'a protocol id that is not UTF-8', '0001 00 0001 0002 01ff'],
  ])('%s with %s has no shape: its octets are given', (_, type, _why, rdata) => {
    const record = { ...recordOf('a.test.', 'A', '0.0.0.0'), type, rdata: hex(rdata) };
    const packet = toPacket(createMessage({ answers: [record] }));
    expect(packet.answers[0]).toMatchObject({
      type: `UNKNOWN_${type}`,
      data: Buffer.from(hex(rdata)),
    });
    expect(back(packet).answers[0]).toMatchObject({ type, rdata: hex(rdata) });
  });

  test('EDNS is an OPT record; the rcode includes its upper bits', () => {
    const options = [
      { code: 8, data: hex('0001 18 00 c00002') },
      { code: 11, data: hex('0064') },
      { code: 65001, data: hex('01') },
    ];
    const edns = { ...plainEdns(true), options };
    const packet = toPacket(createMessage({ rcode: Rcode.BADVERS, edns }));
    expect(packet.rcode).toBe('BADVERS');
    expect(packet.additionals).toEqual([
      {
        name: '.',
        type: 'OPT',
        udpPayloadSize: 1232,
        extendedRcode: 1,
        ednsVersion: 0,
        flags: 0x8000,
        flag_do: true,
        options: [
          {
            code: 8,
            type: 'CLIENT_SUBNET',
            data: Buffer.from(hex('0001 18 00 c00002')),
            family: 1,
            sourcePrefixLength: 24,
            scopePrefixLength: 0,
            ip: '192.0.2.0',
          },
          { code: 11, type: 'TCP_KEEPALIVE', data: Buffer.of(0, 100), timeout: 100 },
          { code: 65001, type: 'OPTION_65001', data: Buffer.of(1) },
        ],
      },
    ]);
  });

  test('as JSON for people, Buffers are base64', () => {
    const answers = [recordOf('a.test.', 'TXT', '"hello"')];
    expect(printPacket(toPacket(createMessage({ answers })))).toContain('"data":["aGVsbG8="]');
  });
});

describe('a packet as a message', () => {
  test('what is missing is what dns-packet takes for it', () => {
    const packet: dnsPacket.Packet = {
      type: 'query',
      id: 7,
      questions: [{ type: 'A', name: 'a.test' }],
    };
    const got = back(packet);
    expect(got.questions[0]).toEqual({ name: nameOf('a.test.'), type: 1, class: 1 });
    expect([got.qr, got.id, got.rd, got.answers]).toEqual([false, 7, false, []]);
    expect(back({ additionals: [{ type: 'OPT', name: '.' }] }).edns?.udpPayloadSize).toBe(4096);
    expect(back(answer('MX', { exchange: 'b.test' })).answers[0]?.rdata[1]).toBe(0);
    expect(back(answer('TXT', 'a')).answers[0]?.rdata).toEqual(hex('0161'));
    expect(back({ questions: [{ name: '@', type: '*' }] }).questions[0]).toMatchObject({
      type: 255,
    });
  });

  test('flags alone count; without, their names do', () => {
    expect(back({ flags: 0x0100, flag_rd: false, flag_aa: true, rcode: 'REFUSED' })).toMatchObject({
      rd: true,
      aa: false,
      rcode: 0,
    });
    expect(
      back({ flag_qr: true, flag_aa: true, opcode: 'NOTIFY', rcode: 'RCODE_12' }),
    ).toMatchObject({
      qr: true,
      aa: true,
      opcode: 4,
      rcode: 12,
    });
  });

  test('options are made from what they say', () => {
    const options = [
      { code: 'CLIENT_SUBNET', ip: '192.0.2.77', sourcePrefixLength: 24 },
      { code: 12, length: 3 },
      { code: 'KEY_TAG', tags: [1, 258] },
      { code: 11, timeout: 5 },
    ];
    const got = back({ additionals: [{ name: '.', type: 'OPT', options } as never] });
    expect(got.edns?.options.map(({ data }) => Buffer.from(data).toString('hex'))).toEqual([
      '00011800c00002',
      '000000',
      '00010102',
      '0005',
    ]);
  });

  test.each([
    [
      'a name with an empty label',
      { questions: [{ name: 'a..b', type: 'A' }] },
      'questions[0]: expected a domain name',
    ],
    [
      'a label of 64 octets',
      { questions: [{ name: 'a'.repeat(64), type: 'A' }] },
      '63 are allowed',
    ],
    [
      'a type that is none',
      { questions: [{ name: 'a', type: 'NOPE' }] },
      "a record type, found 'NOPE'",
    ],
    ['a class that is none', { questions: [{ name: 'a', type: 'A', class: 'XX' }] }, 'a class'],
    [
      'an address with five parts',
      answer('A', '1.2.3.4.5'),
      'answers[0]: expected an IPv4 address',
    ],
    [
      'a number that is too large',
      answer('MX', { preference: 65536, exchange: 'b' }),
      '0 to 65535',
    ],
    ['a number with a fraction', answer('MX', { preference: 0.5, exchange: 'b' }), '0 to 65535'],
    ['a string of 256 octets', answer('TXT', ['x'.repeat(256)]), '255 fit'],
    ['a string where octets belong', answer('DS', { digest: 'ff' }), 'an object'],
    ['no data', answer('A', undefined), 'a string'],
    ['null', answer('SOA', null), 'an object, found null'],
    [
      'a service parameter of no name',
      answer('SVCB', { target: '.', params: { nope: 1 } }),
      'a service parameter',
    ],
    [
      'two OPT records',
      {
        additionals: [
          { name: '.', type: 'OPT' },
          { name: '.', type: 'OPT' },
        ],
      },
      'several OPT',
    ],
    [
      'OPT among the answers',
      { answers: [{ name: '.', type: 'OPT' }] },
      'among the additionals only',
    ],
    ['OPT of another name', { additionals: [{ name: 'a', type: 'OPT' }] }, 'named "."'],
    ['an id beyond 65535', { id: 65536 }, '0 to 65535'],
    ['sections that are no arrays', { answers: {} }, 'an array'],
    ['an rcode that needs EDNS', { rcode: 'BADVERS' }, 'OPT'],
    ['records that are no objects', { answers: [7] }, 'answers[0]: expected an object, found 7'],
  ])('%s is an error that says where', (_, packet, why) => {
    expect(errorOf(packet)).toContain(why);
  });
});

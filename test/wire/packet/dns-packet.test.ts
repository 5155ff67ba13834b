/**
 * Agreement with dns-packet, an independent codec, on what it handles: names of letters, digits and
 * hyphens, types that it knows, messages that are in order. Known disagreements, left out here:
 *
 * - names: it has no escapes, so dots and odd octets in labels change the name;
 * - types beyond its table: it reads 'HTTPS' as 'UNKNOWN_65' and writes it as type 0;
 * - class: the top bit is mDNS's flush flag to it, NONE and unknown ones it writes as 0;
 * - rcode: its text has four bits only; opcode 6 and rcode 11 have names here;
 * - TTL above 2^31-1: kept by it, 0 for us (RFC 2181 §8);
 * - ::ffff:0:0/96: it prints hexadecimal groups.
 */
import * as dnsPacket from 'dns-packet';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeMessage } from '../../../src/wire/encode.ts';
import { parseType } from '../../../src/wire/iana.ts';
import { createMessage, type Message } from '../../../src/wire/message.ts';
import { fromPacket, toPacket } from '../../../src/wire/packet.ts';
import { hostName } from '../arbitraries.ts';
import { EXAMPLES } from '../rdata/examples.ts';
import { decoded, expectSame, rdataOf } from '../support.ts';

const TYPES = [
  ...[
    'A',
    'AAAA',
    'NS',
    'CNAME',
    'PTR',
    'DNAME',
    'SOA',
    'MX',
    'TXT',
    'HINFO',
    'SRV',
    'NAPTR',
    'DS',
  ],
  ...['DNSKEY', 'RRSIG', 'NSEC', 'CAA', 'SSHFP', 'TLSA', 'RP', 'KX', 'AFSDB', 'CDS', 'CDNSKEY'],
];
const PLAIN = /^[\w .:+="!^*$;@/-]+$/;
const examples = EXAMPLES.filter(
  ([type, text]) => TYPES.includes(type) && PLAIN.test(text) && !text.includes('::ffff:'),
).map(([type, text]) => ({ type: parseType(type)!, rdata: rdataOf(type, text) }));

const record = fc
  .tuple(hostName, fc.constantFrom(...examples), fc.nat(0x7fffffff))
  .map(([name, example, ttl]) => ({ name, class: 1, ttl, ...example }));
const section = fc.array(record, { maxLength: 5 });
const message: fc.Arbitrary<Message> = fc
  .record({
    id: fc.nat(0xffff),
    opcode: fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 15),
    rcode: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 10),
    flags: fc.nat(255),
    questions: fc.array(
      fc.record({
        name: hostName,
        type: fc.constantFrom(1, 2, 16, 28, 255),
        class: fc.constantFrom(1, 3, 255),
      }),
      { maxLength: 1 },
    ),
    answers: section,
    authorities: section,
    additionals: section,
    edns: fc.option(
      fc.record({
        udpPayloadSize: fc.integer({ min: 1, max: 0xffff }),
        version: fc.nat(255),
        dnssecOk: fc.boolean(),
        flags: fc.nat(0x7fff),
        options: fc.array(
          fc.record({ code: fc.constantFrom(3, 10, 65001), data: fc.uint8Array({ maxLength: 9 }) }),
          {
            maxLength: 3,
          },
        ),
      }),
      { nil: undefined },
    ),
  })
  .map(({ flags, edns, ...parts }) =>
    createMessage({
      ...parts,
      qr: (flags & 1) !== 0,
      aa: (flags & 2) !== 0,
      tc: (flags & 4) !== 0,
      rd: (flags & 8) !== 0,
      ra: (flags & 16) !== 0,
      z: (flags & 32) !== 0,
      ad: (flags & 64) !== 0,
      cd: (flags & 128) !== 0,
      ...(edns && { edns }),
    }),
  );

describe('dns-packet agrees', () => {
  test('it knows every type that is compared', () => {
    expect(new Set(examples.map(({ type }) => type)).size).toBe(TYPES.length);
  });

  test('what we encode it decodes to our packet', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(dnsPacket.decode(Buffer.from(encodeMessage(sent)))).toEqual(toPacket(sent));
      }),
      { numRuns: 500 },
    );
  });

  test('what it encodes we decode', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const packet = toPacket(sent) as dnsPacket.Packet;
        expectSame(decoded(dnsPacket.encode(packet)), sent, true);
      }),
      { numRuns: 500 },
    );
  });

  test('its packets are taken as they are', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const packet = dnsPacket.decode(dnsPacket.encode(toPacket(sent) as dnsPacket.Packet));
        const result = fromPacket(packet);
        if (!result.ok) throw new Error(result.error);
        expectSame(result.value, sent, true);
      }),
      { numRuns: 200 },
    );
  });
});

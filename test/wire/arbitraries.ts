/** Arbitrary names, records and messages for property tests. */
import * as fc from 'fast-check';
import { RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';
import { rdataOf } from './support.ts';
import { EXAMPLES } from './rdata/examples.ts';

const anyLabel = fc.uint8Array({ minLength: 1, maxLength: 63 });
const shortLabel = fc.uint8Array({ minLength: 1, maxLength: 3 });
const word = fc.constantFrom('www', 'mail', 'example', 'EXAMPLE', 'com', 'a', 'b', 'xn--4ca');
const wordLabel = word.map((text) => new TextEncoder().encode(text));

/** Any octets in labels; often words that repeat, so that there is something to compress. */
export const dnsName: fc.Arbitrary<DnsName> = fc
  .array(fc.oneof({ weight: 6, arbitrary: wordLabel }, shortLabel, anyLabel), { maxLength: 8 })
  .map((labels) => DnsName.fromLabels(labels) ?? DnsName.root);

export const hostName: fc.Arbitrary<DnsName> = fc
  .array(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/), { maxLength: 5 })
  .map((labels) => nameOf(`${labels.join('.')}.`));

const u16 = fc.nat(0xffff);
const described = fc.constantFrom(...EXAMPLES.map(([type, text]) => [type, rdataOf(type, text)]));
const knownRdata = described.map(([type, rdata]): [number, Uint8Array] => [
  RRType[type as keyof typeof RRType],
  rdata as Uint8Array,
]);
const opaqueRdata = fc.tuple(
  fc.integer({ min: 65280, max: 65534 }),
  fc.uint8Array({ maxLength: 40 }),
);

const record: fc.Arbitrary<ResourceRecord> = fc
  .tuple(dnsName, fc.oneof(knownRdata, opaqueRdata), u16, fc.nat(0x7fffffff))
  .map(([name, [type, rdata], dnsClass, ttl]) => ({ name, type, class: dnsClass, ttl, rdata }));

const section = fc.array(record, { maxLength: 6 });
const edns = fc.record({
  udpPayloadSize: u16,
  version: fc.nat(255),
  dnssecOk: fc.boolean(),
  flags: fc.nat(0x7fff),
  options: fc.array(fc.record({ code: u16, data: fc.uint8Array({ maxLength: 20 }) }), {
    maxLength: 5,
  }),
});

export const message: fc.Arbitrary<Message> = fc
  .record({
    id: u16,
    opcode: fc.nat(15),
    bits: fc.nat(255),
    rcode: fc.nat(0xfff),
    questions: fc.array(fc.record({ name: dnsName, type: u16, class: u16 }), { maxLength: 2 }),
    answers: section,
    authorities: section,
    additionals: section,
    edns: fc.option(edns, { nil: undefined }),
  })
  .map(({ bits, edns: opt, rcode, ...parts }) =>
    createMessage({
      ...parts,
      qr: (bits & 1) !== 0,
      aa: (bits & 2) !== 0,
      tc: (bits & 4) !== 0,
      rd: (bits & 8) !== 0,
      ra: (bits & 16) !== 0,
      z: (bits & 32) !== 0,
      ad: (bits & 64) !== 0,
      cd: (bits & 128) !== 0,
      rcode: opt ? rcode : rcode & 0x0f,
      ...(opt && { edns: opt }),
    }),
  );

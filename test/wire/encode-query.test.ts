/** Queries of one question are the same octets whichever way they are written. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { encodeQuery } from '../../src/wire/encode-query.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { createMessage } from '../../src/wire/message.ts';
import { DnsName } from '../../src/wire/name.ts';

const uint16 = fc.integer({ min: 0, max: 0xffff });
const names = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 6 })
  .map((labels) => DnsName.fromLabels(labels)!);
const flags = fc.record({
  opcode: fc.integer({ min: 0, max: 15 }),
  ...Object.fromEntries(
    ['aa', 'tc', 'rd', 'ra', 'z', 'ad', 'cd'].map((key) => [key, fc.boolean()]),
  ),
});
const option = fc.record({ code: uint16, data: fc.uint8Array({ maxLength: 40 }) });
const edns = fc.record({
  udpPayloadSize: uint16,
  version: fc.constantFrom(0, 1),
  dnssecOk: fc.boolean(),
  flags: fc.integer({ min: 0, max: 0x7fff }),
  options: fc.array(option, { maxLength: 3 }),
});
const query = fc.record({
  id: uint16,
  question: fc.record({ name: names, type: uint16, class: uint16 }),
  flags: fc.option(flags, { nil: undefined }),
  edns: fc.oneof(fc.constant(false as const), edns),
});

test('a query written at once has the octets of the same message', () => {
  fc.assert(
    fc.property(query, (plain) => {
      const { id, question, flags: bits, edns: opt } = plain;
      const parts = { ...bits, id, questions: [question], ...(opt !== false && { edns: opt }) };
      expect([...encodeQuery(plain)]).toEqual([...encodeMessage(createMessage(parts))]);
    }),
  );
});

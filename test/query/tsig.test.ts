import { expect, it } from 'vitest';
import { findTsig } from '../../src/query/tsig.ts';
import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';

/** hmac-sha256., time 1, fudge 300, a MAC of four octets, id 7, no error, no other data. */
const rdata = Uint8Array.of(
  ...nameOf('hmac-sha256.').wire,
  ...[0, 0, 0, 0, 0, 1],
  ...[1, 44],
  ...[0, 4, 9, 9, 9, 9],
  ...[0, 7],
  ...[0, 0, 0, 0],
);
const tsig: ResourceRecord = {
  name: nameOf('key.'),
  type: RRType.TSIG,
  class: DnsClass.ANY,
  ttl: 0,
  rdata,
};
const other = { ...tsig, type: RRType.A, class: DnsClass.IN, rdata: Uint8Array.of(192, 0, 2, 1) };

it('a signature by a key that we do not have gets BADKEY without MAC (RFC 8945 §5.2.1)', () => {
  const finding = findTsig(createMessage({ additionals: [tsig] }));
  if (finding.kind !== 'unknown key') throw new Error(finding.kind);
  expect(finding.reply.name.toString()).toBe('key.');
  expect([...finding.reply.rdata]).toEqual([
    ...nameOf('hmac-sha256.').wire,
    ...[0, 0, 0, 0, 0, 1],
    ...[1, 44],
    ...[0, 0],
    ...[0, 7],
    ...[0, 17, 0, 0],
  ]);
});

it.each([
  ['stands before another record', [tsig, other]],
  ['stands twice', [tsig, tsig]],
  ['is not of class ANY', [{ ...tsig, class: DnsClass.IN }]],
  ['is cut short', [{ ...tsig, rdata: rdata.subarray(0, rdata.length - 8) }]],
  ['has no octets', [{ ...tsig, rdata: new Uint8Array(0) }]],
])('a signature that %s is malformed (RFC 8945 §5.1)', (_what, additionals) => {
  expect(findTsig(createMessage({ additionals })).kind).toBe('malformed');
});

it('a message without one is unsigned', () => {
  expect(findTsig(createMessage({ additionals: [other] })).kind).toBe('unsigned');
});

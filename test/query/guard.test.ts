import { describe, expect, it } from 'vitest';
import { admit } from '../../src/query/guard.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, Opcode, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const question = { name: nameOf('www.example.com.'), type: RRType.A, class: DnsClass.IN };

function octets(parts: Partial<Message>): Uint8Array {
  return encodeMessage(createMessage({ id: 7, rd: true, questions: [question], ...parts }));
}

describe('what is never answered', () => {
  it.each([
    ['nothing', new Uint8Array(0)],
    ['eleven octets', new Uint8Array(11)],
    ['a response', octets({ qr: true })],
    ['a response that is malformed behind its header', octets({ qr: true }).subarray(0, 20)],
    ['a response with an unknown opcode', octets({ qr: true, opcode: 9 })],
  ])('%s', (_what, message) => {
    expect(admit(message)).toEqual({ kind: 'drop' });
  });
});

describe('what is answered with its header alone', () => {
  it.each([
    ['a question cut short', octets({}).subarray(0, 20), Rcode.FORMERR],
    ['counts that lie', Uint8Array.of(0, 7, 1, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0), Rcode.FORMERR],
    ['octets behind the message', Uint8Array.of(...octets({}), 0), Rcode.FORMERR],
    ['STATUS', octets({ opcode: Opcode.STATUS }), Rcode.NOTIMP],
    ['UPDATE', octets({ opcode: Opcode.UPDATE }), Rcode.NOTIMP],
    ['an opcode that nobody assigned', octets({ opcode: 15 }), Rcode.NOTIMP],
  ])('%s', (_what, message, rcode) => {
    const admission = admit(message);
    expect(admission).toMatchObject({ kind: 'malformed', header: { id: 7, rcode } });
  });
});

describe('what is refused before anybody looks for an answer', () => {
  const edns = { ...plainEdns(), version: 1 };
  it.each([
    ['EDNS version 1 (RFC 6891 §6.1.3)', octets({ edns }), Rcode.BADVERS],
    ['no question (RFC 9619 §4)', octets({ questions: [] }), Rcode.FORMERR],
    ['two questions (RFC 9619 §4)', octets({ questions: [question, question] }), Rcode.FORMERR],
    ['QTYPE OPT', octets({ questions: [{ ...question, type: RRType.OPT }] }), Rcode.FORMERR],
    ['QTYPE MAILB', octets({ questions: [{ ...question, type: RRType.MAILB }] }), Rcode.NOTIMP],
  ])('%s', (_what, message, rcode) => {
    expect(admit(message)).toMatchObject({ kind: 'rejected', answer: { rcode } });
  });
});

it('a question of an unknown type is admitted', () => {
  const unknown = { ...question, type: 65280 };
  expect(admit(octets({ questions: [unknown] }))).toMatchObject({ kind: 'admitted' });
});

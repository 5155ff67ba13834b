/** Letter case of questions, as servers of other people repeat it. */
import { expect, test } from 'vitest';

import { withOwner } from '../../src/client/random-case.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

test('an owner that a server wrote in its own case gets ours, and keeps its data', () => {
  const rdata = Uint8Array.of(192, 0, 2, 80);
  const common = { type: RRType.A, class: DnsClass.IN };
  const question = encodeMessage(
    createMessage({ questions: [{ name: nameOf('WWW.example.com.'), ...common }], aa: true }),
  );
  // Not a pointer to the question: the name once more.
  const fixed = [0, RRType.A, 0, DnsClass.IN, 0, 0, 1, 44, 0, rdata.length];
  const octets = Uint8Array.of(...question, ...nameOf('www.example.com.').wire, ...fixed, ...rdata);
  octets[ANSWER_COUNT] = 1;
  const decoded = decodeMessage(octets);
  if (!decoded.ok) throw new Error(decoded.error.reason);
  const { answers, aa, questions } = withOwner(decoded.value, nameOf('WWW.example.com.'));
  expect({ aa, questions: questions.length }).toEqual({ aa: true, questions: 1 });
  const [record] = answers;
  expect(record?.name.toString()).toBe('WWW.example.com.');
  expect(record).toMatchObject({ ...common, ttl: 300 });
  expect([...record!.rdata]).toEqual([...rdata]);
});

/** The low octet of ANCOUNT (RFC 1035 §4.1.1). */
const ANSWER_COUNT = 7;

/** What dig makes of replies that are none, or not ours. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Expected } from '../../src/client/matching.ts';
import { readLeniently } from '../../src/dig/lenient-message.ts';
import { Output } from '../../src/dig/output.ts';
import { ReplyJudge } from '../../src/dig/reply-judge.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { records } from './scene.ts';

const question = { name: nameOf('www.example.'), type: 1, class: 1 };
const expected = { id: 7, opcode: 0, question } as Expected;
const reply = createMessage({
  id: 7,
  qr: true,
  questions: [question],
  answers: records('www.example. 60 A 192.0.2.1', 'www.example. 60 A 192.0.2.2'),
  edns: plainEdns(),
});
const octets = encodeMessage(reply);

function judge(
  bytes: Uint8Array,
  { isUdp = true, isBestEffort = true }: { isUdp?: boolean; isBestEffort?: boolean } = {},
): { kind: string; answers: number | undefined; said: string; judge: ReplyJudge } {
  let said = '';
  const output = new Output(
    { write: (text) => (said += text), writeError: (text) => (said += text) },
    { json: true, yaml: false },
  );
  const judging = new ReplyJudge(output, isBestEffort);
  const judged = judging.judge(bytes, expected, isUdp ? 'udp' : 'tcp');
  const answers = judged.kind === 'reply' ? judged.message.answers.length : undefined;
  return { kind: judged.kind, answers, said, judge: judging };
}

function changed(parts: Partial<Message>): Uint8Array {
  return encodeMessage({ ...reply, ...parts });
}

describe('a reply', () => {
  test('that is one is believed in silence', () => {
    expect(judge(octets)).toMatchObject({ kind: 'reply', answers: 2, said: '' });
  });

  test('without QR is one all the same', () => {
    const { kind, said } = judge(changed({ qr: false }));
    expect([kind, said]).toEqual(['reply', ';; Warning: query response not set\n']);
  });

  test.each([
    ['too short', octets.subarray(0, 11), 'short (< header size) message'],
    ['of another id', changed({ id: 8 }), 'ID mismatch: expected ID 7, got 8'],
    [
      'to another question',
      changed({ questions: [{ ...question, type: 28 }] }),
      'Question section mismatch: got www.example/AAAA/IN',
    ],
  ])('%s is waited behind over UDP, and the end over TCP', (_what, bytes, words) => {
    expect(judge(bytes)).toMatchObject({ kind: 'other', said: expect.stringContaining(words) });
    const overTcp = judge(bytes, { isUdp: false });
    expect(overTcp).toMatchObject({ kind: 'hopeless', said: expect.stringContaining(words) });
    expect(overTcp.judge.isHopeless).toBe(true);
  });

  test('of another opcode is waited behind', () => {
    const { kind, said } = judge(changed({ opcode: 4 }));
    expect([kind, said]).toEqual([
      'other',
      ';; Warning: Opcode mismatch: expected QUERY, got NOTIFY\n',
    ]);
  });

  test('that is cut is shown as far as it goes, and only with +besteffort', () => {
    const cut = octets.subarray(0, 33 + 16 + 4);
    const shown = judge(cut);
    expect(shown).toMatchObject({ kind: 'reply', answers: 1 });
    expect(shown.said).toContain('malformed message packet');
    expect(shown.judge.leniency).toEqual({ counts: [1, 2, 0, 1], extraOctets: 6 });
    const refused = judge(cut, { isBestEffort: false });
    expect(refused.kind).toBe('hopeless');
    expect(refused.said).toContain('Got bad packet: unexpected end of input\n53 bytes\n00 07 ');
  });

  test('with a pointer that leads nowhere is shown in octets', () => {
    const bytes = octets.slice();
    bytes.set([0xff, 0xff], 29);
    expect(judge(bytes)).toMatchObject({
      kind: 'hopeless',
      said: expect.stringContaining('Got bad packet: bad compression pointer'),
    });
  });
});

describe('octets of any kind', () => {
  test('are judged without an exception, in printable words', () => {
    const anything = fc.uint8Array({ maxLength: 300 });
    const damaged = fc
      .array(fc.tuple(fc.nat(octets.length - 1), fc.nat(255)), { maxLength: 8 })
      .map((changes) => {
        const bytes = octets.slice();
        for (const [at, octet] of changes) bytes[at] = octet;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(anything, damaged), fc.boolean(), (bytes, isUdp) => {
        expect(judge(bytes, { isUdp }).said).toMatch(/^[\n\x20-\x7e]*$/);
      }),
      { numRuns: 500 },
    );
  });

  test('that are a message are read leniently as they are strictly', () => {
    const flags = fc.record({ aa: fc.boolean(), tc: fc.boolean(), ra: fc.boolean() });
    fc.assert(
      fc.property(flags, fc.nat(2), (some, count) => {
        const bytes = changed({ ...some, answers: reply.answers.slice(0, count) });
        const lenient = readLeniently(bytes);
        const strict = decodeMessage(bytes);
        expect(strict.ok && encodeMessage(strict.value)).toEqual(encodeMessage(lenient.message));
        expect(lenient).toMatchObject({ extraOctets: 0, mild: undefined, grave: undefined });
      }),
      { numRuns: 50 },
    );
  });
});

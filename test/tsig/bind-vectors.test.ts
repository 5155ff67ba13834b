/** RFC 8945 as BIND does it: its requests and replies are believed, ours have the same octets. */
import { describe, expect, test } from 'vitest';
import { findTsigRecord } from '../../src/tsig/place.ts';
import { unsignedMessage } from '../../src/tsig/mac.ts';
import { ReplySigner, signRequest } from '../../src/tsig/sign.ts';
import { ReplyVerifier, verifyRequest } from '../../src/tsig/verify.ts';
import { readVectors } from './vectors.ts';

const vectors = readVectors();

test('there are vectors of every algorithm, a truncated MAC, other letters, and a stream', () => {
  expect(vectors).toHaveLength(9);
  expect(new Set(vectors.map(({ key }) => key.algorithm.text)).size).toBe(6);
  expect(vectors.filter(({ replies }) => replies.length > 1)).toHaveLength(1);
});

describe.each(vectors)('$what', ({ key, request, replies, timeSeconds }) => {
  const requestMac = macOf(request);

  test('the request is believed', () => {
    const verdict = verifyRequest(request, () => key, timeSeconds);
    expect(verdict).toEqual({ kind: 'valid', key, mac: requestMac });
  });

  test('we sign it with the same octets', () => {
    const signed = signRequest(bare(request), key, timeSeconds);
    expect(Buffer.from(signed.octets)).toEqual(Buffer.from(request));
  });

  test('the replies are believed, in their order', () => {
    const verifier = new ReplyVerifier(key, requestMac);
    for (const reply of replies) {
      expect(verifier.verify(reply, timeSeconds)).toEqual({ kind: 'valid' });
    }
    expect(verifier.isComplete).toBe(true);
  });

  test('we sign the replies with the same octets', () => {
    const signer = new ReplySigner(key, requestMac);
    for (const reply of replies) {
      expect(Buffer.from(signer.sign(bare(reply), timeOf(reply)))).toEqual(Buffer.from(reply));
    }
  });

  test('with any one octet changed, none is believed', () => {
    const reply = replies[0]!;
    for (let at = 0; at < reply.length; at++) {
      const forged = reply.slice();
      forged[at]! ^= 0x01;
      const verdict = new ReplyVerifier(key, requestMac).verify(forged, timeSeconds);
      // The id is not signed itself (RFC 8945 §4.3.2: the original one is), nor is letter case.
      const isUnsigned = at < 2;
      expect(`${at} ${verdict.kind}`).toBe(`${at} ${isUnsigned ? 'valid' : 'failed'}`);
    }
  });
});

function placeOf(
  octets: Uint8Array,
): Extract<ReturnType<typeof findTsigRecord>, { start: number }> {
  const placed = findTsigRecord(octets);
  if (placed.kind !== 'signed') throw new Error(placed.kind);
  return placed;
}

function macOf(octets: Uint8Array): Uint8Array {
  return new Uint8Array(placeOf(octets).fields.mac);
}

function timeOf(octets: Uint8Array): number {
  return placeOf(octets).fields.timeSeconds;
}

function bare(octets: Uint8Array): Uint8Array {
  const { start, fields } = placeOf(octets);
  return unsignedMessage(octets, { start, originalId: fields.originalId });
}

/** What is not believed (RFC 8945 §5.2, §5.3), and why. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TsigKey } from '../../src/tsig/key.ts';
import { findTsigRecord } from '../../src/tsig/place.ts';
import {
  addUnsignedError,
  FUDGE_SECONDS,
  ReplySigner,
  signatureOctets,
  signRequest,
} from '../../src/tsig/sign.ts';
import { MAX_UNSIGNED_IN_STREAM, ReplyVerifier, verifyRequest } from '../../src/tsig/verify.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { keyFrom, SECRET } from './vectors.ts';

const NOW = 1_800_000_000;
const key = keyFrom(`key.example:${SECRET}`);
const sameName = keyFrom(`hmac-sha512:key.example:${SECRET}`);
const sameNameOtherSecret = keyFrom(`key.example:${Buffer.from('other').toString('base64')}`);

const message = (parts: Partial<Message> = {}): Uint8Array =>
  encodeMessage(
    createMessage({
      id: 4711,
      questions: [{ name: nameOf('www.example.'), type: RRType.A, class: DnsClass.IN }],
      ...parts,
    }),
  );
const reply = (id = 4711): Uint8Array => message({ id, qr: true });

function judge(octets: Uint8Array, known: TsigKey | undefined = key, now = NOW): string {
  return verifyRequest(octets, () => known, now).kind;
}

describe('a request (RFC 8945 §5.2)', () => {
  const signed = signRequest(message(), key, NOW).octets;

  test('is believed where the key is ours and the clocks agree', () => {
    expect(judge(signed)).toBe('valid');
    expect(signed).toHaveLength(message().length + signatureOctets(key));
  });

  test('without a signature is unsigned', () => {
    expect(judge(message())).toBe('unsigned');
  });

  test('of a key that we do not have, or have for another algorithm, is of a bad key', () => {
    expect(verifyRequest(signed, () => undefined, NOW).kind).toBe('bad key');
    expect(judge(signed, sameName)).toBe('bad key');
  });

  test('under another secret has a bad signature', () => {
    expect(judge(signed, sameNameOtherSecret)).toBe('bad signature');
  });

  test('may be as old or new as the fudge says, and no second more', () => {
    expect(judge(signed, key, NOW + FUDGE_SECONDS)).toBe('valid');
    expect(judge(signed, key, NOW - FUDGE_SECONDS)).toBe('valid');
    expect(judge(signed, key, NOW + FUDGE_SECONDS + 1)).toBe('bad time');
    expect(judge(signed, key, NOW - FUDGE_SECONDS - 1)).toBe('bad time');
  });

  test('with fewer octets of MAC than agreed has a bad truncation, if it is right', () => {
    const short = signRequest(message(), keyFrom(`hmac-sha256-128:key.example:${SECRET}`), NOW);
    expect(judge(short.octets)).toBe('bad truncation');
    expect(judge(short.octets, sameNameOtherSecret)).toBe('bad signature');
    expect(judge(short.octets, keyFrom(`hmac-sha256-128:key.example:${SECRET}`))).toBe('valid');
  });

  test('with less than half a MAC is malformed (RFC 8945 §5.2.2.1)', () => {
    const least = keyFrom(`hmac-sha256-120:key.example:${SECRET}`);
    expect(judge(signRequest(message(), least, NOW).octets, least)).toBe('malformed');
    const md5 = keyFrom(`hmac-md5-72:key.example:${SECRET}`);
    expect(judge(signRequest(message(), md5, NOW).octets, md5)).toBe('malformed');
  });

  test('with its signature not at the end, twice, or of another class is malformed', () => {
    const more = signed.slice();
    more[11]!++;
    expect(judge(more)).toBe('malformed');
    const twice = signRequest(signed, key, NOW).octets;
    expect(judge(twice)).toBe('malformed');
    const placed = findTsigRecord(signed);
    const start = placed.kind === 'signed' ? placed.start + key.name.wire.length : 0;
    const otherClass = signed.slice();
    otherClass[start + 3] = DnsClass.IN;
    expect(judge(otherClass)).toBe('malformed');
    const withTtl = signed.slice();
    withTtl[start + 7] = 1;
    expect(judge(withTtl)).toBe('malformed');
  });

  test('of any octets gets a verdict, and never one that believes', () => {
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.nat(signed.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
        const forged = signed.slice();
        // The id is not signed: the original one is.
        forged[Math.max(2, at)]! ^= bits;
        return forged;
      }),
      fc.nat(signed.length - 1).map((length) => signed.slice(0, length)),
    );
    fc.assert(
      fc.property(octets, (input) => {
        expect(judge(input)).not.toBe('valid');
      }),
    );
  });
});

describe('a reply (RFC 8945 §5.3)', () => {
  const { mac } = signRequest(message(), key, NOW);

  test('to another request is not believed', () => {
    const signed = new ReplySigner(key, mac).sign(reply(), NOW);
    expect(new ReplyVerifier(key, mac).verify(signed, NOW).kind).toBe('valid');
    const other = signRequest(message({ id: 1 }), key, NOW).mac;
    expect(new ReplyVerifier(key, other).verify(signed, NOW)).toEqual({
      kind: 'failed',
      why: 'bad signature',
    });
  });

  test('without a signature is not believed', () => {
    expect(new ReplyVerifier(key, mac).verify(reply(), NOW)).toEqual({
      kind: 'failed',
      why: 'unsigned',
    });
  });

  test('that says BADKEY or BADSIG cannot be signed, and proves nothing', () => {
    for (const error of [Rcode.BADKEY, 16]) {
      const fields = { algorithm: key.algorithm.name, timeSeconds: NOW, originalId: 4711, error };
      const octets = addUnsignedError(reply(), key.name, fields);
      expect(new ReplyVerifier(key, mac).verify(octets, NOW)).toEqual({
        kind: 'failed',
        why: 'error',
        error,
      });
    }
  });

  test('that says BADTIME is signed', () => {
    const other = Uint8Array.of(0, 0, 0, 0, 0, 1);
    const octets = new ReplySigner(key, mac).sign(reply(), NOW, { error: Rcode.BADTIME, other });
    const verdict = new ReplyVerifier(key, mac).verify(octets, NOW);
    expect(verdict).toEqual({ kind: 'failed', why: 'error', error: Rcode.BADTIME });
    // The last octet of what the server says its time is.
    octets.set([2], octets.length - 1);
    expect(new ReplyVerifier(key, mac).verify(octets, NOW)).toMatchObject({ why: 'bad signature' });
  });
});

describe('a stream of replies (RFC 8945 §5.3.1)', () => {
  const { mac } = signRequest(message(), key, NOW);

  /** A stream in which only every `period`th message is signed, from the first on, and the last. */
  function stream(count: number, period: number): Uint8Array[] {
    const signer = new ReplySigner(key, mac);
    return Array.from({ length: count }, (_, i) => {
      const octets = reply(i);
      if (i % period === 0 || i === count - 1) return signer.sign(octets, NOW);
      signer.passUnsigned(octets);
      return octets;
    });
  }

  function verdicts(messages: readonly Uint8Array[]): {
    readonly kinds: ReadonlySet<string>;
    readonly isComplete: boolean;
  } {
    const verifier = new ReplyVerifier(key, mac);
    const kinds = new Set(messages.map((octets) => verifier.verify(octets, NOW).kind));
    return { kinds, isComplete: verifier.isComplete };
  }

  test('may be signed in every message, or in every hundredth', () => {
    expect(verdicts(stream(5, 1))).toEqual({ kinds: new Set(['valid']), isComplete: true });
    const sparse = verdicts(stream(350, 100));
    expect(sparse).toEqual({ kinds: new Set(['valid', 'pending']), isComplete: true });
  });

  test('may not go on for a hundred messages without a signature', () => {
    expect(verdicts(stream(150, MAX_UNSIGNED_IN_STREAM + 2)).kinds).toContain('failed');
  });

  test('is not complete before its last message is signed', () => {
    expect(verdicts(stream(5, 3).slice(0, 3)).isComplete).toBe(false);
    expect(verdicts([]).isComplete).toBe(false);
  });

  test('is not believed when a message is missing, changed, doubled or out of order', () => {
    const good = stream(9, 3);
    const forged = good.map((octets) => octets.slice());
    forged[4]![3]! ^= 1;
    const cases = [
      good.toSpliced(4, 1),
      forged,
      good.toSpliced(4, 0, good[4]!),
      [...good.slice(0, 3), ...good.slice(6), ...good.slice(3, 6)],
    ];
    for (const messages of cases) expect(verdicts(messages).kinds).toContain('failed');
  });
});

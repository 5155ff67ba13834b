import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeInto, encodeMessage } from '../../src/wire/encode.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { groupRRsets, type ResourceRecord } from '../../src/wire/record.ts';
import { message } from './arbitraries.ts';
import { decoded, expectSame, hex, plain, rdataOf, recordOf } from './support.ts';

const question = { name: nameOf('www.example.com.'), type: RRType.A, class: 1 };

/** Offsets at which `text`, without its dots, stands in `bytes`. */
function countOf(bytes: Uint8Array, text: string): number {
  return Buffer.from(bytes).toString('latin1').split(text).length - 1;
}

describe('what was encoded is decoded', () => {
  test('any message comes back, names compared by key', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const got = decoded(encodeMessage(sent));
        expectSame(got, sent);
        expectSame(decoded(encodeMessage(got)), sent);
      }),
      { numRuns: 500 },
    );
  });

  test('an extended rcode is put together again, and is never sent as success, RFC 6891 §6.1.3', () => {
    const badVersion = createMessage({ rcode: Rcode.BADVERS, edns: plainEdns() });
    expect(decoded(encodeMessage(badVersion)).rcode).toBe(Rcode.BADVERS);
    expect(decoded(encodeMessage(createMessage({ rcode: Rcode.BADVERS }))).rcode).toBe(
      Rcode.SERVFAIL,
    );
    expect(decoded(encodeMessage(badVersion, 20)).rcode).toBe(Rcode.SERVFAIL);
  });
});

describe('name compression, RFC 1035 §4.1.4', () => {
  test('four addresses of one name take 16 octets each', () => {
    const answers = [1, 2, 3, 4].map((n) => recordOf('www.example.com.', 'A', `192.0.2.${n}`));
    const bytes = encodeMessage(createMessage({ qr: true, questions: [question], answers }));
    expect(bytes.length).toBe(12 + 21 + 4 * 16);
  });

  test('letter case does not matter, RFC 4343 §4', () => {
    const answers = [recordOf('WWW.Example.COM.', 'CNAME', 'ftp.EXAMPLE.com.')];
    const bytes = encodeMessage(createMessage({ questions: [question], answers }));
    expect(bytes.length).toBe(12 + 21 + 2 + 10 + 4 + 2);
  });

  test.each(['NS', 'CNAME', 'PTR', 'MB', 'MX 10', 'SOA', 'MINFO'])(
    'names in %s are compressed',
    (described) => {
      const [type, prefix = ''] = described.split(' ') as [string, string?];
      const more = { SOA: ' x.example.com. 1 2 3 4 5', MINFO: ' x.example.com.' }[type] ?? '';
      const answers = [recordOf('www.example.com.', type, `${prefix} mail.example.com.${more}`)];
      const bytes = encodeMessage(createMessage({ questions: [question], answers }));
      expect(countOf(bytes, 'example')).toBe(1);
      expectSame(decoded(bytes), createMessage({ questions: [question], answers }));
    },
  );

  test.each([
    ['DNAME', 'd.example.com.'],
    ['SRV', '0 0 53 d.example.com.'],
    ['NAPTR', '1 1 "" "" "" d.example.com.'],
    ['RP', 'd.example.com. .'],
    ['AFSDB', '1 d.example.com.'],
    ['KX', '1 d.example.com.'],
    ['NSEC', 'd.example.com. A'],
    ['RRSIG', 'A 13 3 300 20300101000000 20290101000000 1 d.example.com. AA=='],
    ['SVCB', '1 d.example.com.'],
    ['HTTPS', '1 d.example.com.'],
  ])('names in %s are not, since RFC 3597 §4', (type, text) => {
    const answers = [recordOf('www.example.com.', type, text)];
    const bytes = encodeMessage(createMessage({ questions: [question], answers }));
    expect(countOf(bytes, 'example')).toBe(2);
    expectSame(decoded(bytes), createMessage({ answers, questions: [question] }), true);
  });

  test('names nested 120 deep are readable: chains of pointers stay short', () => {
    const names = Array.from({ length: 120 }, (_, i) => 'a.'.repeat(i + 1));
    for (const list of [names, names.toReversed()]) {
      const answers = list.map((name) => recordOf(name, 'A', '192.0.2.1'));
      const sent = createMessage({ answers });
      expectSame(decoded(encodeMessage(sent)), sent);
    }
  });

  test('nothing is pointed at beyond 16383, and what lies there is still written', () => {
    const filler = recordOf('fill.example.', 'TYPE65280', `\\# 60 ${'00'.repeat(60)}`);
    const fillers = new Array<ResourceRecord>(250).fill(filler);
    const late = ['late.test.', 'x.late.test.', 'late.test.', 'x.fill.example.'].map((owner) =>
      recordOf(owner, 'A', '192.0.2.1'),
    );
    const sent = createMessage({ answers: [...fillers, ...late] });
    const bytes = encodeMessage(sent);
    expect(bytes.length).toBeGreaterThan(0x4000);
    expectSame(decoded(bytes), sent);
    expect(countOf(bytes, 'late')).toBe(3);
    expect(countOf(bytes, 'fill')).toBe(1);
  });

  test('of thousands of names 64 places are remembered, in time that does not explode', () => {
    const answers = Array.from({ length: 3000 }, (_, i) =>
      recordOf(`n${i}.test.`, 'A', '192.0.2.1'),
    );
    const sent = createMessage({ answers });
    const bytes = encodeMessage(sent);
    expectSame(decoded(bytes), sent);
    const again = (owner: string): number =>
      encodeMessage(createMessage({ answers: [...answers, recordOf(owner, 'A', '192.0.2.1')] }))
        .length - bytes.length;
    expect(again('n62.test.')).toBe(16);
    expect(again('n63.test.')).toBe(16 + 4);
  });

  test('malformed rdata go as they are and confuse nothing behind them', () => {
    // An SOA that stops after its names; the second is a pointer to itself where it would stand.
    const broken = { ...recordOf('a.test.', 'A', '0.0.0.0'), type: RRType.SOA };
    const soa = { ...broken, rdata: hex('0161 04 74657374 00 0162 04 74657374 00 c02f c02f') };
    const bytes = encodeMessage(
      createMessage({ answers: [soa, recordOf('b.test.', 'NS', 'a.b.test.')] }),
    );
    expect(Buffer.from(bytes).includes(Buffer.from(soa.rdata))).toBe(true);
  });
});

describe('truncation, RFC 2181 §9', () => {
  const ns = ['ns1', 'ns2'].map((host) => recordOf('example.com.', 'NS', `${host}.example.com.`));
  const glue = ['ns1', 'ns2'].flatMap((host) => [
    recordOf(`${host}.example.com.`, 'A', '192.0.2.1'),
    recordOf(`${host}.example.com.`, 'AAAA', '2001:db8::1'),
  ]);
  const a = [1, 2, 3].map((n) => recordOf('www.example.com.', 'A', `192.0.2.${n}`));
  const full = {
    ...createMessage({ qr: true, questions: [question], edns: plainEdns() }),
    answers: groupRRsets(a),
    authorities: groupRRsets(ns),
    additionals: groupRRsets(glue),
  };

  test.each([0, 2, 4])(
    'at every limit, with %i required additional RRsets',
    (requiredAdditionals) => {
      const most = encodeInto(new Uint8Array(4096), full);
      for (let limit = 44; limit <= most + 1; limit++) {
        const out = new Uint8Array(limit);
        const length = encodeInto(out, { ...full, requiredAdditionals });
        expect(length).toBeLessThanOrEqual(limit);
        const got = decoded(out.subarray(0, length));
        expect([0, 3]).toContain(got.answers.length);
        expect([0, 2]).toContain(got.authorities.length);
        expect(got.edns).toBeDefined();
        const kept = groupRRsets(got.additionals).length;
        const missesRequired = groupRRsets(glue)
          .slice(0, requiredAdditionals)
          .some(
            ({ name, type }) =>
              !got.additionals.some((r) => r.type === type && r.name.equals(name)),
          );
        const misses = got.answers.length < 3 || got.authorities.length < 2 || missesRequired;
        expect(got.tc).toBe(misses);
        if (limit >= most) expect([kept, got.tc]).toEqual([4, false]);
      }
    },
  );

  test('one that was encoded stays as it is when the next one is', () => {
    fc.assert(
      fc.property(message, message, (first, second) => {
        const bytes = encodeMessage(first);
        const before = [...bytes];
        encodeMessage(second);
        expect([...bytes]).toEqual(before);
        expect(bytes.buffer.byteLength).toBe(bytes.length);
      }),
    );
  });

  test('never exceeds the limit, and what it keeps is a prefix of the message', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 12, max: 600 }), (sent, limit) => {
        const bytes = encodeMessage(sent, limit);
        expect(bytes.length).toBeLessThanOrEqual(limit);
        const got = decoded(bytes);
        const all = plain({ ...sent, tc: got.tc }) as Record<string, unknown[]>;
        const kept = plain(got) as Record<string, unknown[]>;
        for (const section of ['questions', 'answers', 'authorities']) {
          expect(all[section]!.slice(0, kept[section]!.length)).toEqual(kept[section]);
          const isWhole = all[section]!.length === kept[section]!.length;
          if (!isWhole) expect(got.tc).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what was taken back is not pointed at', () => {
    const big = recordOf('deep.inside.example.net.', 'TXT', '"' + 'x'.repeat(200) + '"');
    const small = recordOf('inside.example.net.', 'A', '192.0.2.1');
    const out = new Uint8Array(120);
    const additionals = groupRRsets([big, small]);
    const length = encodeInto(out, {
      ...createMessage({}),
      answers: [],
      authorities: [],
      additionals,
    });
    const got = decoded(out.subarray(0, length));
    expect(got.additionals.map((r) => r.name.toString())).toEqual(['inside.example.net.']);
    expect(got.tc).toBe(false);
  });

  test('room for EDNS is kept first', () => {
    const bytes = encodeMessage(createMessage({ answers: a, edns: plainEdns() }), 12 + 11 + 30);
    const got = decoded(bytes);
    expect([got.answers.length, got.tc, got.edns?.udpPayloadSize]).toEqual([0, true, 1232]);
  });
});

test('rdata of a compressed type that are empty stay empty, RFC 2136 §2.5', () => {
  const deletion = { name: nameOf('a.test.'), type: RRType.MX, class: 255, ttl: 0 };
  const sent = createMessage({
    opcode: 5,
    authorities: [{ ...deletion, rdata: new Uint8Array(0) }],
  });
  expectSame(decoded(encodeMessage(sent)), sent);
  expect(rdataOf('MX', '0 .').length).toBe(3);
});

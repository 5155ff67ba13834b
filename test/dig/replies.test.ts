/** Parts of what is said of replies: cookies, the prefixes of NAT64, YAML. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { judgeCookie } from '../../src/dig/cookie-verdict.ts';
import { nat64Prefixes } from '../../src/dig/nat64.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { EdnsOption, Rcode } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { records, Scene } from './scene.ts';

function withCookie(...octets: readonly number[]): Message {
  const options = [{ code: EdnsOption.COOKIE, data: Uint8Array.from(octets) }];
  return createMessage({ edns: { ...plainEdns(), options } });
}

describe('a cookie (RFC 7873 §5.3)', () => {
  const ours = [1, 2, 3, 4, 5, 6, 7, 8];
  const servers = [9, 9, 9, 9, 9, 9, 9, 9];
  const bare = createMessage({ edns: plainEdns() });

  test('that begins with ours is good', () => {
    expect(judgeCookie(withCookie(...ours), withCookie(...ours, ...servers), false)).toEqual({
      verdict: 'good',
      warnings: [],
    });
  });

  test('of somebody else is bad, as is half of one', () => {
    const foreign = withCookie(...ours.toReversed(), ...servers);
    expect(judgeCookie(withCookie(...ours), foreign, false)).toEqual({
      verdict: 'bad',
      warnings: ['Warning: Client COOKIE mismatch'],
    });
    expect(judgeCookie(withCookie(...ours), withCookie(1, 2, 3), false)).toEqual({
      verdict: 'bad',
      warnings: ['Warning: COOKIE bad token (too short)'],
    });
  });

  test('is not judged where none was sent, or none came back', () => {
    expect(judgeCookie(bare, withCookie(...ours), false).verdict).toBeUndefined();
    expect(judgeCookie(withCookie(...ours), bare, false).verdict).toBeUndefined();
    expect(judgeCookie(withCookie(...ours), createMessage({}), true).warnings).toEqual([
      'expected opt record in response',
    ]);
  });
});

describe('prefixes of NAT64 (RFC 7050 §3, RFC 6052 §2.2)', () => {
  test.each([
    ['2001:db8:c000:aa::', '2001:db8::/32'],
    ['2001:db8:1c0:0:aa::', '2001:db8:100::/40'],
    ['2001:db8:122:c000:0:aa00::', '2001:db8:122::/48'],
    ['2001:db8:122:3c0:0:aa::', '2001:db8:122:300::/56'],
    ['2001:db8:122:344:c0:0:aa00:0', '2001:db8:122:344::/64'],
    ['64:ff9b::c000:aa', '64:ff9b::/96'],
    ['64:ff9b::192.0.0.171', '64:ff9b::/96'],
  ])('in %s: %s', (address, prefix) => {
    expect(nat64Prefixes(records(`ipv4only.arpa. 60 AAAA ${address}`))).toEqual([prefix]);
  });

  test('are told once each, and not seen where there are none', () => {
    const both = records(
      'ipv4only.arpa. 60 AAAA 64:ff9b::c000:aa',
      'ipv4only.arpa. 60 AAAA 64:ff9b::c000:ab',
      'ipv4only.arpa. 60 AAAA 2001:db8::1',
      'ipv4only.arpa. 60 AAAA 64:ff9b::c000:ac',
      'ipv4only.arpa. 60 A 192.0.0.170',
    );
    expect(nat64Prefixes(both)).toEqual(['64:ff9b::/96']);
  });

  test('+dns64prefix asks for them', async () => {
    const scene = new Scene();
    const answers = records('ipv4only.arpa. 60 AAAA 64:ff9b::c000:aa');
    await scene.serve('192.0.2.53', (asked) =>
      asked === 'ipv4only.arpa. AAAA' ? { answers } : {},
    );
    expect((await scene.dig('+dns64prefix')).out).toBe('64:ff9b::/96\n');
  });
});

describe('+yaml', () => {
  test('is YAML, of which every reader makes the same', async () => {
    const scene = new Scene();
    const text = 'odd: "x" # - [y]';
    await scene.serve('192.0.2.53', () => ({
      aa: true,
      answers: records('www.example. 60 TXT "odd: \\"x\\" # - [y]"', 'www.example. 60 A 192.0.2.1'),
      authorities: records('example. 60 NS ns.example.'),
      edns: plainEdns(),
    }));
    const { out } = await scene.dig('www.example any +notcp +yaml');
    expect(parse(out)).toMatchObject([
      {
        type: 'MESSAGE',
        message: {
          type: 'AUTH_RESPONSE',
          socket_family: 'INET',
          socket_protocol: 'UDP',
          response_address: '192.0.2.53',
          response_message_data: {
            status: 'NOERROR',
            flags: 'qr aa rd',
            ANSWER: 2,
            OPT_PSEUDOSECTION: { EDNS: { version: 0, udp: 1232 } },
            QUESTION_SECTION: ['www.example. IN ANY'],
            ANSWER_SECTION: [
              `www.example. 60 IN TXT ${JSON.stringify(text)}`,
              'www.example. 60 IN A 192.0.2.1',
            ],
            AUTHORITY_SECTION: ['example. 60 IN NS ns.example.'],
          },
        },
      },
    ]);
  });

  test('tells failures as YAML, too', async () => {
    const { out, status } = await new Scene().dig('+nocmd @192.0.2.99 x +yaml +time=1 +tries=1');
    expect(parse(out)).toMatchObject([{ type: 'DIG_ERROR' }]);
    expect(status).toBe(9);
  });

  test('names codes without a name by their number', async () => {
    const scene = new Scene();
    await scene.serve('192.0.2.53', () => ({ rcode: Rcode.NXDOMAIN, opcode: 0 }));
    expect(parse((await scene.dig('x +yaml')).out)).toMatchObject([
      { message: { response_message_data: { opcode: 'QUERY', status: 'NXDOMAIN' } } },
    ]);
  });
});

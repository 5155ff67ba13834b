/** Questions over HTTPS (RFC 8484): what is sent, and which replies are none. */
import { describe, expect, test } from 'vitest';
import { exchangeHttps } from '../../src/client/https.ts';
import { describeOutcome, type Exchange } from '../../src/client/outcome.ts';
import type { HttpConnection, HttpReply, HttpRequest } from '../../src/net/secure.ts';
import { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { questionOf, records } from '../resolver/fixture.ts';

const server = { address: '192.0.2.53', port: 443 };
const question = questionOf('www.example.com.');
const answers = records('www.example.com. 300 A 192.0.2.80');
const TYPE = 'application/dns-message';

interface Asked {
  readonly outcome: Exchange;
  readonly request: HttpRequest;
  readonly query: Message;
}

/** Asks over a connection that replies what `respond` makes of the query. */
async function ask(
  respond: (query: Message) => Partial<HttpReply> | Error | 'nothing',
  method: 'GET' | 'POST' = 'POST',
  path = '/dns-query',
): Promise<Asked> {
  const world = new World({ seed: 1, link: { delayMs: 5 } });
  const { runtime } = world.host({ addresses: ['192.0.2.1'] });
  let request: HttpRequest | undefined;
  let query: Message | undefined;
  const connection: HttpConnection = {
    remote: server,
    local: { address: '192.0.2.1', port: 1024 },
    isOpen: true,
    close: () => {},
    request(asked, signal) {
      request = asked;
      const octets = asked.body?.octets ?? Buffer.from(asked.path.split('dns=')[1]!, 'base64url');
      const decoded = decodeMessage(new Uint8Array(octets));
      if (!decoded.ok) throw new Error(decoded.error.reason);
      query = decoded.value;
      const reply = respond(query);
      if (reply instanceof Error) return Promise.reject(reply);
      if (reply === 'nothing') {
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      }
      const body = encodeMessage(createMessage({ ...query, qr: true, answers }));
      return Promise.resolve({ status: 200, contentType: TYPE, body, ...reply });
    },
  };
  const route = { connection, scheme: 'https', authority: 'dns.example', path, method } as const;
  const outcome = await world.run(
    exchangeHttps(runtime, { server, question, timeoutMs: 500 }, { ...route, edns: false }),
  );
  return { outcome, request: request!, query: query! };
}

test('POST has the query as its body, with the id 0 (RFC 8484 §4.1)', async () => {
  const { outcome, request, query } = await ask(() => ({}));
  expect(outcome).toMatchObject({ kind: 'reply', message: { answers } });
  expect(request).toMatchObject({ method: 'POST', path: '/dns-query', authority: 'dns.example' });
  expect(request.accept).toBe(TYPE);
  expect(request.body?.type).toBe(TYPE);
  expect(query.id).toBe(0);
});

test('GET has it in the path, in base64url without padding (RFC 8484 §6)', async () => {
  const { outcome, request } = await ask(() => ({}), 'GET');
  expect(outcome.kind).toBe('reply');
  expect(request.path).toBe('/dns-query?dns=AAAAAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB');
  expect(request.body).toBeUndefined();
  const { request: second } = await ask(() => ({}), 'GET', '/q?a=b');
  expect(second.path).toMatch(/^\/q\?a=b&dns=AAAA/);
});

describe('what is no reply', () => {
  test.each<[string, Partial<HttpReply> | Error | 'nothing', string]>([
    ['status', { status: 404 }, 'gave no reply: HTTP status 404'],
    ['no status of success', { status: 302 }, 'gave no reply: HTTP status 302'],
    [
      'content of another type',
      { contentType: 'text/html; charset=utf-8' },
      `gave no reply: HTTP content type 'text/html; charset=utf-8' is not ${TYPE}`,
    ],
    [
      'content type that a terminal would act upon',
      { contentType: '\u001b[2J\u009b' },
      `gave no reply: HTTP content type '?[2J?' is not ${TYPE}`,
    ],
    [
      'no content type',
      { contentType: undefined },
      `gave no reply: HTTP content type none is not ${TYPE}`,
    ],
    [
      'no octets',
      { body: new Uint8Array(0) },
      'sent a malformed reply: the HTTP reply is no reply to the question',
    ],
    [
      'octets of anything',
      { body: new Uint8Array(40).fill(0xc0) },
      'sent a malformed reply: the HTTP reply is no reply to the question',
    ],
    ['broken connection', new Error('reset'), 'could not be asked: reset'],
    ['silence', 'nothing', 'did not answer in time'],
  ])('%s', async (_, reply, expected) => {
    const { outcome } = await ask(() => reply);
    expect(describeOutcome(outcome)).toBe(expected);
  });

  test('a reply to another question', async () => {
    const { outcome } = await ask((query) => ({
      body: encodeMessage(createMessage({ ...query, qr: true, questions: [questionOf('a.')] })),
    }));
    expect(outcome.kind).toBe('malformed');
  });

  test('but a content type may have parameters', async () => {
    const { outcome } = await ask(() => ({ contentType: `${TYPE}; charset=x` }));
    expect(outcome.kind).toBe('reply');
  });
});

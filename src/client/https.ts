/**
 * One question over HTTPS (RFC 8484), on a connection that the caller keeps: POST with the query as
 * body, or GET with it in the path. Replies are matched exactly as over UDP. What HTTP itself says
 * (status, type of content) decides only whether there is a reply at all.
 */

import type { Runtime } from '../net/ports.ts';
import { HttpError, type HttpConnection, type HttpReply, type HttpRequest } from '../net/secure.ts';
import type { Edns } from '../wire/edns.ts';
import { MAX_MESSAGE_OCTETS } from '../wire/message.ts';
import { unreachable, type Exchange } from './outcome.ts';
import { writeRequest, type ExchangeRequest } from './request.ts';
import { ReplySieve } from './sieve.ts';
import { startWait } from './wait.ts';

export interface HttpsRoute {
  readonly connection: HttpConnection;
  readonly scheme: 'https' | 'http';
  /** Host and perhaps port, as in a URL. */
  readonly authority: string;
  /** Begins with '/'. */
  readonly path: string;
  readonly method: 'GET' | 'POST';
}

const MEDIA_TYPE = 'application/dns-message';

/** The reply's transport is 'tcp', on which HTTP/2 runs. The connection stays open. */
export async function exchangeHttps(
  runtime: Runtime,
  request: ExchangeRequest,
  route: HttpsRoute & { readonly edns: Edns | false },
): Promise<Exchange> {
  const { clock } = runtime;
  const { connection, edns } = route;
  const invitedOctets = MAX_MESSAGE_OCTETS;
  const sieve = new ReplySieve({ clock, request, transport: 'tcp', invitedOctets });
  const wait = startWait<Exchange>(clock, {
    timeoutMs: request.timeoutMs,
    signal: request.signal,
    onTimeout: () => sieve.nothingBetter(),
    cancelled: { kind: 'cancelled' },
  });
  const stop = new AbortController();
  void wait.result.then(() => stop.abort());
  const { local } = connection;
  // RFC 8484 §4.1: one and the same id, so that caches on the way know the question again.
  const { octets, expected } = writeRequest(
    runtime,
    { ...request, id: request.id ?? 0 },
    { edns, local },
  );
  sieve.markSent(expected);
  try {
    const reply = await connection.request(httpRequest(octets, route), stop.signal);
    wait.end(judge(reply, sieve));
  } catch (error) {
    wait.end(unreachable('tcp', error));
  }
  return wait.result;
}

function httpRequest(octets: Uint8Array, route: HttpsRoute): HttpRequest {
  const { scheme, authority, path, method } = route;
  const target = { scheme, authority, accept: MEDIA_TYPE };
  if (method === 'POST') {
    return { ...target, method, path, body: { type: MEDIA_TYPE, octets } };
  }
  const parameter = `dns=${Buffer.from(octets).toString('base64url')}`;
  const joint = path.includes('?') ? '&' : '?';
  return { ...target, method, path: `${path}${joint}${parameter}`, body: undefined };
}

/** Short, and without what a terminal could act upon: the server wrote it. */
function printable(text: string): string {
  return text.slice(0, 80).replaceAll(/[^\x20-\x7e]/g, '?');
}

function judge({ status, contentType, body }: HttpReply, sieve: ReplySieve): Exchange {
  if (status < 200 || status > 299) {
    return unreachable('tcp', new HttpError(`HTTP status ${status}`));
  }
  if (contentType?.split(';')[0]!.trim() !== MEDIA_TYPE) {
    const found = contentType === undefined ? 'none' : `'${printable(contentType)}'`;
    return unreachable('tcp', new HttpError(`HTTP content type ${found} is not ${MEDIA_TYPE}`));
  }
  const outcome = sieve.take(body) ?? sieve.lastResort;
  if (!outcome || outcome.kind === 'truncated' || outcome.kind === 'suspect') {
    return { kind: 'malformed', reason: 'the HTTP reply is no reply to the question' };
  }
  return outcome;
}

/** Whether a reply carries the cookie that was sent (RFC 7873 §5.3), and what dig says of it. */

import type { Message } from '../wire/message.ts';
import { EdnsOption } from '../wire/iana.ts';
import type { CookieVerdict } from './print-options.ts';

const CLIENT_COOKIE_OCTETS = 8;

export interface JudgedCookie {
  /** Undefined: there is nothing to judge. */
  readonly verdict: CookieVerdict | undefined;
  readonly warnings: readonly string[];
}

/** `query` is what was sent; `isChosen`: with the user's own cookie, which asks for an answer. */
export function judgeCookie(query: Message, reply: Message, isChosen: boolean): JudgedCookie {
  const sent = cookieOf(query);
  if (!sent) return { verdict: undefined, warnings: [] };
  if (!reply.edns) {
    return { verdict: undefined, warnings: isChosen ? ['expected opt record in response'] : [] };
  }
  const got = cookieOf(reply);
  if (!got) return { verdict: undefined, warnings: [] };
  if (sent.length < CLIENT_COOKIE_OCTETS || got.length < CLIENT_COOKIE_OCTETS) {
    return { verdict: 'bad', warnings: ['Warning: COOKIE bad token (too short)'] };
  }
  const isOurs = got.subarray(0, CLIENT_COOKIE_OCTETS).every((octet, at) => octet === sent[at]);
  return isOurs
    ? { verdict: 'good', warnings: [] }
    : { verdict: 'bad', warnings: ['Warning: Client COOKIE mismatch'] };
}

function cookieOf({ edns }: Message): Uint8Array | undefined {
  return edns?.options.find(({ code }) => code === EdnsOption.COOKIE)?.data;
}

/** The keys of `clients`: what is done for whoever asks. */

import { lateReplyLimits, type LateReplyLimits } from '../../query/late-replies.ts';
import { responseRateLimits, type ResponseRateLimits } from '../../query/response-rate.ts';
import { tcpLimits, type TcpLimits } from '../../server/tcp-limits.ts';
import type { ConfigClients } from './config.ts';
import { key, section, type Section } from './key.ts';
import { bits, count, places } from './number-keys.ts';
import { integer, listOf, oneOf, secret } from './values.ts';

const rateLimit: Section<Partial<ResponseRateLimits>> = section(
  'Answers over UDP to strangers, so that whoever forges the address of a victim does not make ' +
    'us flood it. Exempt are loopback, who may use recursion, and who shows a cookie of ours.',
  {
    perSecond: count(
      responseRateLimits.perSecond,
      'Answers for one network, errors included; 0: no limit.',
    ),
    slip: count(
      responseRateLimits.slip,
      'Every so many answers above it go out empty with TC set, which brings real clients back ' +
        'over TCP; 0: none.',
    ),
    ipv4Bits: bits(32, responseRateLimits.ipv4Bits, 'How much of an IPv4 address is a network.'),
    ipv6Bits: bits(64, responseRateLimits.ipv6Bits, 'The same of an IPv6 address, 64 at most.'),
  },
);

const lateReplies: Section<Partial<LateReplyLimits>> = section(
  'Answers over UDP that took long: an attacker may have held them back to make all leave in one ' +
    'moment (DNSBomb). Exempt are loopback and who shows a cookie of ours.',
  {
    afterMs: key(integer({ from: 0, to: 3_600_000, what: 'milliseconds' }), {
      fallback: String(lateReplyLimits.afterMs),
      about: 'From here on an answer is an empty reply with TC set, an error as it is; 0: never.',
    }),
    burst: count(lateReplyLimits.burst, 'Such replies in 10 ms, to all together; more are lost.'),
  },
);

const tcp: Section<Partial<TcpLimits>> = section(
  'TCP connections of clients (RFC 7766); with workers, of each worker.',
  {
    connections: places(tcpLimits.connections, 'Open at once, of all clients.'),
    connectionsPerAddress: places(
      tcpLimits.connectionsPerAddress,
      'The same of one address; one more is closed at once.',
    ),
    idleMs: key(integer({ from: 200, to: 3_600_000, what: 'milliseconds' }), {
      fallback: String(tcpLimits.idleMs),
      about: 'Without a query until we close; less when more than half of all are open.',
    }),
    inFlight: places(
      tcpLimits.inFlight,
      'Queries of one connection that are answered at once; more of them wait.',
    ),
  },
);

export const clients: Section<ConfigClients> = section('What is done for whoever asks.', {
  cookies: key(oneOf(['off', 'answer', 'require']), {
    fallback: 'answer',
    about:
      'DNS cookies (RFC 7873); require: over UDP there is no answer without one, only BADCOOKIE ' +
      'or TC.',
  }),
  cookieSecrets: key(listOf(secret), {
    fallback: 'a random one',
    about:
      'Needed where several servers share an address. The first makes cookies, the others are ' +
      'still taken: put a new one in front, and take the last away an hour later.',
  }),
  rateLimit,
  lateReplies,
  tcp,
});

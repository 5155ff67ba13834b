/**
 * Zones that are ours to serve and that we have no data for: a secondary whose primaries were never
 * reached, or not for so long that what it had has expired (RFC 1035 §3.3.13).
 */

import { emptyAnswer, type Answer } from '../query/query.ts';
import { ExtendedError, Rcode } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';

/** Not as if the names did not exist, which a client would believe. */
export function withheldAnswer(origin: DnsName): Answer {
  const text = `the copy of ${origin.toString()} here has expired, or has not come yet`;
  return emptyAnswer(Rcode.SERVFAIL, [{ code: ExtendedError.INVALID_DATA, text }]);
}

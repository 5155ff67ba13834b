/**
 * What a server tells about itself to whoever asks in class CH (RFC 4892): its version and which
 * instance it is. Off unless configured: it helps attackers as well as operators.
 */

import { DnsClass, ExtendedError, Rcode, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { nameOf } from '../wire/name-text.ts';
import type { Question } from '../wire/record.ts';
import { emptyAnswer, type Answer, type Step } from './query.ts';

export interface Identity {
  /** version.bind and version.server. */
  readonly version?: string;
  /** id.server and hostname.bind; also NSID (RFC 5001), where that is not given. */
  readonly id?: string;
  readonly nsid?: Uint8Array;
}

/**
 * Answers class CH, and refuses every class but IN. With AA unless `isResolver`: as NSD and BIND on
 * the one side, and Unbound, which is no authority for anything, on the other.
 */
export function answerIdentity(identity: Identity, isResolver = false): Step {
  return (next) => (query, signal) => {
    if (query.question.class === DnsClass.IN) return next(query, signal);
    const answer = describe(identity, query.question);
    if (answer) return { ...answer, authoritative: !isResolver };
    query.story?.tell({ kind: 'refused', why: NOTHING_SERVED });
    return refused;
  };
}

function textFor(name: DnsName, identity: Identity): string | undefined {
  if (VERSION_NAMES.has(name.key)) return identity.version;
  return ID_NAMES.has(name.key) ? identity.id : undefined;
}

const VERSION_NAMES = new Set(['version.bind.', 'version.server.'].map((name) => nameOf(name).key));
const ID_NAMES = new Set(['id.server.', 'hostname.bind.'].map((name) => nameOf(name).key));

const NOTHING_SERVED = 'nothing is served under this name in a class other than IN';

const refused = emptyAnswer(Rcode.REFUSED, [
  { code: ExtendedError.NOT_SUPPORTED, text: NOTHING_SERVED },
]);

function describe(identity: Identity, question: Question): Answer | undefined {
  const { name, type } = question;
  if (question.class !== DnsClass.CH) return undefined;
  if (type !== RRType.TXT && type !== RRType.ANY) return undefined;
  const text = textFor(name, identity);
  if (text === undefined) return undefined;
  const octets = new TextEncoder().encode(text).subarray(0, 255);
  const rdatas = [Uint8Array.of(octets.length, ...octets)];
  const rrset = { name, type: RRType.TXT, class: DnsClass.CH, ttl: 0, rdatas };
  return { ...emptyAnswer(Rcode.NOERROR), answers: [rrset] };
}

/**
 * Where NSD 4.6, Knot 3.2 and BIND 9.18 answer otherwise than ts-dns, and why: each class with what
 * it looks like, so that nothing else hides behind it. `docs/interop.md` prints titles and reasons.
 */
import { typeText } from '../../../src/wire/iana.ts';
import { nameOf } from '../../../src/wire/name-text.ts';
import type { DnsName } from '../../../src/wire/name.ts';
import type { AskedQuestion } from './asker.ts';
import { RICH_ORIGIN } from './rich-zone.ts';

export type Peer = 'nsd' | 'knot' | 'bind';

/** What is compared: records as text in lower case, sorted; nothing of what TC cut off. */
export interface Reply {
  readonly rcode: string;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly answer: readonly string[];
  /** The SOA of negative answers, NS and DS of referrals. */
  readonly authority: readonly string[];
  /** Addresses of servers inside the delegated zone. */
  readonly glue: readonly string[];
}

export interface Disagreement {
  readonly question: AskedQuestion;
  readonly ours: Reply;
  readonly theirs: Reply;
  /** Origins of all zones that are served. */
  readonly origins: readonly DnsName[];
}

export interface KnownDifference {
  readonly title: string;
  readonly reason: string;
  readonly peers: readonly Peer[];
  readonly applies: (one: Disagreement) => boolean;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    title: 'A chain of aliases enters another zone of the server',
    reason:
      'ts-dns and NSD go on in that zone (RFC 1034 §4.3.2 step 3a: back to step 1; for the DS of an ' +
      'apex it is the parent); Knot and BIND end the answer at the edge of the first zone, or refer ' +
      'to the child, and leave the rest to the asker.',
    peers: ['knot', 'bind'],
    applies: ({ question, ours, theirs, origins }) =>
      theirs.rcode === 'NOERROR' &&
      isPart(theirs.answer, ours.answer) &&
      targetsIn(theirs.answer).some(
        (target) =>
          zoneOf(target, origins) !== zoneOf(question.name, origins) ||
          (isAsked(question, 'DS') && origins.some((origin) => origin.equals(target))),
      ),
  },
  {
    title: 'ANY over UDP',
    reason:
      'NSD and Knot send one RRset (RFC 8482 §4.1). So does ts-dns by default; this run has ' +
      '`--any full`, to compare all of them.',
    peers: ['nsd', 'knot'],
    applies: ({ question, ours, theirs }) =>
      isAsked(question, 'ANY') && theirs.answer.length > 0 && isPart(theirs.answer, ours.answer),
  },
  {
    title: 'ANY below a DNAME',
    reason:
      'BIND takes the CNAME that it made for the answer; ts-dns, NSD and Knot go on (RFC 6672 §3.2).',
    peers: ['bind'],
    applies: ({ question, ours, theirs }) =>
      isAsked(question, 'ANY') &&
      theirs.answer.some((line) => line.includes(' dname ')) &&
      isPart(theirs.answer, ours.answer),
  },
  {
    title: 'ANY at a DS record without a delegation',
    reason:
      'BIND leaves a DS out where no NS stand beside it, even when nothing else is there; ts-dns, NSD ' +
      'and Knot give what the name owns.',
    peers: ['bind'],
    applies: ({ question, ours, theirs }) =>
      isAsked(question, 'ANY') &&
      isPart(theirs.answer, ours.answer) &&
      ours.answer.every((line) => theirs.answer.includes(line) || line.includes(' ds ')),
  },
  {
    title: 'A loop of aliases',
    reason:
      'No RFC says where to stop. ts-dns gives each alias of the loop once and NOERROR, BIND calls it ' +
      'SERVFAIL, NSD and Knot stop earlier in a DNAME that leads below itself.',
    peers: ['nsd', 'knot', 'bind'],
    applies: ({ ours, theirs }) =>
      (hasSpiral([...ours.answer, ...theirs.answer]) &&
        (ours.tc || theirs.tc || isPart(theirs.answer, ours.answer))) ||
      (theirs.rcode === 'SERVFAIL' &&
        ours.authority.length === 0 &&
        ours.answer.every((line) => line.includes(' cname '))),
  },
  {
    title: 'The TTL of the SOA where the SOA was asked for',
    reason: 'BIND sends 0 (its option `zero-no-soa-ttl`); RFC 2308 §3 makes no exception.',
    peers: ['bind'],
    applies: ({ question, ours, theirs }) =>
      isAsked(question, 'SOA') &&
      theirs.rcode === ours.rcode &&
      theirs.authority.join() === ours.authority.join().replace(/ \d+ soa /, ' 0 soa '),
  },
  {
    title: 'Names above a zone that the zone further up does not delegate',
    reason:
      'NSD keeps one tree for all zones, so `test.` exists for its root zone because `rich.test.` is ' +
      'served; in the root zone itself there is no such name, which is what the others say.',
    peers: ['nsd'],
    applies: ({ question, ours, theirs, origins }) =>
      ours.rcode === 'NXDOMAIN' &&
      theirs.rcode === 'NOERROR' &&
      [question.name, ...targetsIn(ours.answer)].some((name) =>
        origins.some((origin) => origin.isSubdomainOf(name)),
      ),
  },
  {
    title: 'RRSIG asked at a CNAME',
    reason:
      'RRSIG may stand beside a CNAME (RFC 4034 §3), so BIND and Knot look for it there and find no ' +
      'data; ts-dns and NSD follow the alias, as RFC 1034 §4.3.2 step 3a has it for all but CNAME.',
    peers: ['knot', 'bind'],
    applies: ({ question, ours, theirs }) =>
      isAsked(question, 'RRSIG') &&
      theirs.answer.length < ours.answer.length &&
      isPart(theirs.answer, ours.answer),
  },
  {
    title: 'Glue inside the delegated zone that does not fit',
    reason:
      'ts-dns and Knot set TC (RFC 9471 §3.1); NSD 4.6 and BIND 9.18, older than that text, send what ' +
      'fits without TC.',
    peers: ['nsd', 'bind'],
    applies: ({ ours, theirs }) =>
      ours.tc && !theirs.tc && theirs.glue.length > 0 && theirs.authority.length > MANY_SERVERS,
  },
  {
    title: 'Below a wildcard that owns a DNAME',
    reason:
      'Asked for `x.*.stardname`, Knot shows the DNAME with the name that was asked as its owner; the ' +
      'record stands at `*.stardname`, an ordinary name here (RFC 4592 §2.1.1).',
    peers: ['knot'],
    applies: ({ ours, theirs }) =>
      linesOfType(ours.answer, 'dname').some(
        (line) => line.startsWith('*.') && !theirs.answer.includes(line),
      ),
  },
  {
    title: 'A DNAME that makes a name too long',
    reason: 'ts-dns, NSD and BIND say YXDOMAIN (RFC 6672 §2.2); Knot adds a SOA and says NXDOMAIN.',
    peers: ['knot'],
    applies: ({ ours }) => ours.rcode === 'YXDOMAIN',
  },
  {
    title: 'Answers of about 512 octets',
    reason:
      'With names of 200 octets, whether an answer fits depends on how each compresses, and what is ' +
      'left of it on what each drops first: Knot leaves out the SOA without TC, and ends a chain ' +
      'where the message is full.',
    peers: ['knot', 'bind'],
    applies: ({ question, ours, theirs }) =>
      question.edns === 'none' &&
      (ours.tc || theirs.tc) &&
      (isBelow(question, 'long') || question.name.wire.length > LONG_NAME_OCTETS),
  },
];

/** With addresses they are more than 512 octets. */
const MANY_SERVERS = 5;

/** A DNAME that leads below itself: each turn makes the name longer, and never comes to an end. */
function hasSpiral(answer: readonly string[]): boolean {
  return linesOfType(answer, 'dname').some((line) => {
    const [owner = '', , , target = ''] = line.split(' ');
    return target.endsWith(`.${owner}`);
  });
}

function linesOfType(answer: readonly string[], type: string): readonly string[] {
  return answer.filter((line) => line.split(' ')[2] === type);
}

/** Two labels of 60 octets are in it. */
const LONG_NAME_OCTETS = 120;

function isAsked(question: AskedQuestion, type: string): boolean {
  return typeText(question.type) === type;
}

function isBelow(question: AskedQuestion, relative: string): boolean {
  return question.name.isSubdomainOf(nameOf(`${relative}.${RICH_ORIGIN}`));
}

function isPart(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((line) => whole.includes(line));
}

function targetsIn(answer: readonly string[]): readonly DnsName[] {
  return answer
    .map((line) => line.split(' '))
    .flatMap(([, , type, target]) => (type === 'cname' ? [nameOf(target!)] : []));
}

/** The origin of the zone that a name is in. */
export function zoneOf(name: DnsName, origins: readonly DnsName[]): DnsName | undefined {
  const above = origins.filter((origin) => name.isSubdomainOf(origin));
  return above.toSorted((one, other) => other.labelCount - one.labelCount)[0];
}

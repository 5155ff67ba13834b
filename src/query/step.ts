/**
 * The steps of a story: facts as flat fields of text, numbers and booleans, so that a log line and
 * JSON take them as they are, and one function that puts each into words. Names are text made by
 * `DnsName.toString`, which escapes every octet that a terminal could act upon.
 *
 * A new kind of step is a member here and its words in `describeStep`.
 */

import { typeText } from '../wire/iana.ts';
import type { Question } from '../wire/record.ts';

export type Step =
  | CacheHit
  | LocalZoneStep
  /** The first of all that want to know goes to servers. */
  | { readonly kind: 'lookup'; readonly question: string }
  /** The same lookup is under way for somebody else; this query waits for it. */
  | { readonly kind: 'joined lookup'; readonly question: string }
  | StartStep
  | AskedStep
  | DiscardStep
  /** The name is an alias, and its target is what is looked up next. */
  | { readonly kind: 'alias'; readonly name: string; readonly target: string }
  | ServerAddressStep
  | ZoneStep
  /** A limit was met, and something was therefore not done. */
  | { readonly kind: 'limit'; readonly what: string }
  /** Nobody looks for an answer. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The end of it: SERVFAIL. */
  | { readonly kind: 'failed'; readonly why: string; readonly sends: number };

/** Every question is written as `www.example.com. A`. */
interface CacheHit {
  readonly kind: 'cache hit';
  readonly question: string;
  /** What the cache knows: an rcode, an alias and its target, the reason of a failure. */
  readonly found: string;
  /** What is left of it; a failure has none. */
  readonly ttl?: number;
  /** The time of the data is over, and they are used nevertheless (RFC 8767). */
  readonly isStale?: boolean;
}

/** A name that is answered here, whatever the internet says. */
interface LocalZoneStep {
  readonly kind: 'local zone';
  readonly zone: string;
  /** The kind of the zone, such as `static`. */
  readonly rule: string;
  /** The zone is there by default (RFC 6761), rather than configured. */
  readonly isSpecialUse: boolean;
  readonly question: string;
  readonly found: string;
}

/** Where a walk begins. */
interface StartStep {
  readonly kind: 'start';
  /** The closest zone cut that is known. */
  readonly zone: string;
  /** What is left of the delegation; one that is configured has no end. */
  readonly ttl?: number;
}

/** One question to one server, with all that was sent until it came to an end. */
export interface AskedStep {
  readonly kind: 'asked';
  readonly server: string;
  readonly port: number;
  /** The name that the delegation gives to the address. */
  readonly serverName?: string;
  readonly zone: string;
  /** As it was sent, which may be less than what is looked for. */
  readonly question: string;
  /** What speaks for this server: its smoothed round trip, or that it is unknown, or the last. */
  readonly choice: string;
  readonly timeoutMs?: number;
  /** Absent while nothing has come. */
  readonly outcome?: string;
  readonly elapsedMs?: number;
  readonly transport?: 'udp' | 'tcp';
  /** What made us change from UDP to TCP. */
  readonly tcpBecause?: string;
  /** Replies that were thrown away while waiting. */
  readonly ignored?: number;
  /** Of the referral. */
  readonly ttl?: number;
}

/** Something that came, and that a rule keeps out. */
interface DiscardStep {
  readonly kind: 'discarded';
  readonly what: string;
  readonly rule: string;
}

/** A name server's address is needed before the server can be asked. */
interface ServerAddressStep {
  readonly kind: 'server address';
  readonly name: string;
  readonly zone: string;
  /** Absent while it is looked for. */
  readonly outcome?: string;
}

/** What one of our own zones says. */
interface ZoneStep {
  readonly kind: 'zone';
  readonly zone: string;
  readonly serial: number;
  readonly question: string;
  readonly found: string;
  /** The wildcard that the answer was made from. */
  readonly wildcard?: string;
}

export function questionText({ name, type }: Omit<Question, 'class'>): string {
  return `${name.toString()} ${typeText(type)}`;
}

export function describeStep(step: Step): string {
  // Each entry takes the steps of its own kind, which the type of a union cannot say.
  const words = WORDS[step.kind] as (step: Step) => string;
  return words(step);
}

const WORDS: { readonly [Kind in Step['kind']]: (step: Extract<Step, { kind: Kind }>) => string } =
  {
    'cache hit': ({ question, found, ttl, isStale }) =>
      `cache hit: ${question}, ${found}${ttlText(ttl, isStale)}`,
    'local zone': ({ zone, rule, isSpecialUse, question, found }) => {
      const what = isSpecialUse ? 'special-use' : 'local';
      return `${what} zone ${zone} (${rule}) has for ${question}: ${found}`;
    },
    lookup: ({ question }) => `looking up ${question}, which is not in the cache`,
    'joined lookup': ({ question }) => `waiting for the lookup of ${question} that is under way`,
    start: ({ zone, ttl }) => {
      const known = ttl === undefined ? 'as configured' : `delegated for ${ttl} s more`;
      return `starting at ${zone === '.' ? 'the root' : zone}, ${known}`;
    },
    asked: describeAsked,
    discarded: ({ what, rule }) => `discarded ${what}: ${rule}`,
    alias: ({ name, target }) => `${name} is an alias of ${target}`,
    'server address': ({ name, zone, outcome }) => {
      const asked = `address of ${name}, a server of ${zone}`;
      return outcome === undefined ? asked : `${asked}: ${outcome}`;
    },
    zone: ({ zone, serial, question, found, wildcard }) => {
      const made = wildcard === undefined ? '' : `, made from ${wildcard}`;
      return `our zone ${zone} (serial ${serial}) has for ${question}: ${found}${made}`;
    },
    limit: ({ what }) => `limit met: ${what}`,
    refused: ({ why }) => `refused: ${why}`,
    failed: ({ why }) => `failed: ${why}`,
  };

function ttlText(ttl: number | undefined, isStale = false): string {
  if (isStale) return ', stale';
  return ttl === undefined ? '' : `, TTL ${ttl}`;
}

function describeAsked(step: AskedStep): string {
  const { outcome, elapsedMs, transport, serverName, choice, tcpBecause, ignored, ttl } = step;
  const time = elapsedMs === undefined ? '' : ` in ${elapsedMs.toFixed(1)} ms`;
  const details = [
    serverName ?? '',
    choice,
    transport === 'tcp' ? `TCP${tcpBecause === undefined ? '' : ` since ${tcpBecause}`}` : '',
    ttl === undefined ? '' : `TTL ${ttl}`,
    ignored === undefined ? '' : `${ignored} other replies ignored`,
  ];
  const shown = details.filter((detail) => detail !== '').join(', ');
  const came = outcome ?? 'no reply yet';
  return `asked ${step.server} for ${step.question}: ${came}${time} (${shown})`;
}

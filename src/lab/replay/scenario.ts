/**
 * A scenario as a value: what the files of testbound and Deckard (`.rpl`) say, whichever of the two
 * wrote them. Reading is in `parse-scenario.ts`, playing in `player.ts`.
 *
 *     settings ─► how the resolver is set up        ranges ─► what servers answer, while it is
 *     steps ───► what the client asks and expects            the turn of which steps
 */

import type { Message } from '../../wire/message.ts';

export type Dialect = 'testbound' | 'deckard';
export const DIALECTS: readonly Dialect[] = ['testbound', 'deckard'];

export interface Scenario {
  /** As the user named it. */
  readonly file: string;
  readonly dialect: Dialect;
  readonly title: string;
  readonly settings: readonly Setting[];
  /** In the order of the file. */
  readonly ranges: readonly Range[];
  /** By strictly increasing ids. */
  readonly steps: readonly Step[];
}

/** One key of the configuration and the words behind it. */
export interface Setting {
  /** 'server', 'stub-zone', …; empty outside of any, and for what is no key but a directive. */
  readonly clause: string;
  /** Tells clauses of one name apart. */
  readonly clauseNumber: number;
  /** In lower case, without its colon; directives (`TEMPFILE_NAME`) in upper case. */
  readonly key: string;
  readonly values: readonly string[];
  readonly line: number;
}

/** Replies of servers, valid while the current step is one from `first` to `last`. */
export interface Range {
  readonly first: number;
  readonly last: number;
  /** Canonical; none: every address. */
  readonly addresses: readonly string[];
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly line: number;
  /** In lower case; without `ede`. Empty: anything matches. */
  readonly match: ReadonlySet<MatchWord>;
  /** The extended errors (RFC 8914) of which each must be there. */
  readonly extendedErrors: readonly (number | 'any')[];
  readonly adjust: ReadonlySet<AdjustWord>;
  /** The first is what `match` compares with; the others follow it in one reply. Never empty. */
  readonly packets: readonly ScriptedPacket[];
}

export interface ScriptedPacket {
  readonly message: Message;
  /** Sent as they are, but for the id; `message` is what they mean, if they mean something. */
  readonly octets?: Uint8Array;
}

export const MATCH_WORDS = [
  'additional',
  'all',
  'answer',
  'authority',
  'client_cookie',
  'do',
  'ednsdata',
  'flags',
  'noedns',
  'opcode',
  'qcase',
  'qname',
  'qtype',
  'question',
  'rcode',
  'server_cookie',
  'subdomain',
  'tcp',
  'ttl',
  'udp',
] as const;
export type MatchWord = (typeof MATCH_WORDS)[number];

export const ADJUST_WORDS = [
  'copy_ednsdata_assume_clientsubnet',
  'copy_id',
  'copy_query',
  'do_not_answer',
  'increment_ecs_scope',
  'raw_id',
] as const;
export type AdjustWord = (typeof ADJUST_WORDS)[number];

export type Step = { readonly id: number; readonly line: number } & StepAction;

export type StepAction =
  | { readonly kind: 'query'; readonly address: string | undefined; readonly entry: Entry }
  | { readonly kind: 'check answer'; readonly entry: Entry }
  | {
      readonly kind: 'check out query';
      readonly address: string | undefined;
      readonly entry: Entry;
    }
  | { readonly kind: 'reply'; readonly entry: Entry }
  | { readonly kind: 'time passes'; readonly seconds: number }
  | { readonly kind: 'traffic' | 'nothing' }
  | { readonly kind: 'timeout' | 'error' }
  /** A step that reaches into another resolver's insides, or needs variables. */
  | { readonly kind: 'foreign'; readonly word: string };

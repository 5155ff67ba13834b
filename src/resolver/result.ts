/** What a lookup comes to: a chain of aliases and its end, or a failure that says why. */

import type { ExtendedErrorValue } from '../query/query.ts';
import { ExtendedError } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { Alias, ChainEnd } from './classify.ts';

export type LookupResult = Found | Failure;

/** TTLs as they are to be sent on. */
export interface Found {
  readonly kind: 'found';
  readonly aliases: readonly Alias[];
  /** The name that `end` is about. */
  readonly name: DnsName;
  readonly end: ChainEnd;
  /** Where it is not just what servers say. */
  readonly remarks?: Remarks;
}

/** What is to be said of an answer that the operator's policy made or changed. */
export interface Remarks {
  readonly extendedErrors?: readonly ExtendedErrorValue[];
  /** It comes out of our own data: with authority. */
  readonly isLocal?: boolean;
  /** The local zone that it comes out of. */
  readonly localZone?: LocalSource;
  /** The client gets no reply at all. */
  readonly isDenied?: boolean;
}

export interface LocalSource {
  readonly name: DnsName;
  /** Of `LOCAL_ZONE_KINDS`. */
  readonly kind: string;
  /** A special-use name, rather than one that is configured. */
  readonly isBuiltIn: boolean;
}

export interface Failure {
  readonly kind: 'failure';
  readonly reason: FailureReason;
  /** An extended DNS error (RFC 8914 §4). */
  readonly code: number;
  readonly text: string;
}

/**
 * 'unanswered' is about the question itself, so it is remembered for whoever asks again. The others
 * are about whoever asked: a budget spent elsewhere must not speak against the name that came last.
 */
export type FailureReason = 'unanswered' | 'exhausted' | 'cancelled' | 'busy' | 'cached';

export function unanswered(text: string, code: number = ExtendedError.OTHER): Failure {
  return { kind: 'failure', reason: 'unanswered', code, text: shorten(text) };
}

export function exhausted(text: string, code: number = ExtendedError.OTHER): Failure {
  return { kind: 'failure', reason: 'exhausted', code, text: shorten(text) };
}

export const cancelled: Failure = {
  kind: 'failure',
  reason: 'cancelled',
  code: ExtendedError.OTHER,
  text: 'nobody waits any more',
};

export function busy(text: string): Failure {
  return { kind: 'failure', reason: 'busy', code: ExtendedError.NOT_READY, text };
}

/** Whether the same question will fail for the next client as well. */
export function isLasting({ reason }: Failure): boolean {
  return reason === 'unanswered' || reason === 'exhausted' || reason === 'cached';
}

/** Reasons hold the reasons of what failed below them, and travel in a datagram. */
const TEXT_LIMIT = 200;

function shorten(text: string): string {
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT)}…`;
}

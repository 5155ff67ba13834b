/**
 * The EDNS option that explains an answer: empty in a query, which asks for it, and in the reply
 * the steps that led to the answer. Its code is one of those for private use (RFC 6891 §9), so any
 * other software may take it for something else; `docs/explain.md` has the format.
 *
 *     [version, 1 octet] [JSON in UTF-8: {"omitted":0,"steps":[{"depth":0,"at":0.1,"kind":…}]}]
 *
 * Steps come as a list, each with its depth in the tree, so that a list can be cut anywhere and
 * whoever reads it needs no recursion that a peer could make as deep as it likes.
 */

import type { EdnsOptionValue } from './edns.ts';
import { failure, success, type Result } from './result.ts';

/** From 65001 to 65534 for private use: 65053 has the port of DNS in it. */
export const EXPLAIN_OPTION = 65_053;

export interface Explanation {
  /** In the order in which they began; what comes of a step follows it, one deeper. */
  readonly steps: readonly ExplainedStep[];
  /** Steps that were left out. */
  readonly omitted: number;
  /** How many of `steps` stand before those; absent: all. */
  readonly omittedAfter?: number;
}

export interface ExplainedStep {
  readonly depth: number;
  /** Milliseconds since the query came. */
  readonly at: number;
  readonly kind: string;
  /** The step in words for people. */
  readonly text: string;
  /** The step for programs; which facts there are follows from the kind. */
  readonly facts: Readonly<Record<string, Fact>>;
}

export type Fact = string | number | boolean;

const explanationLimits = {
  /** Half of what a message can hold: an explanation is no reason for a reply to be enormous. */
  octets: 32_768,
  /** Of one that is read: more than any server of ours sends. */
  steps: 1000,
} as const;

const VERSION = 1;

/** As an option of at most `maxOctets`, its header too; undefined when not even its frame fits. */
export function encodeExplanation(
  explanation: Explanation,
  maxOctets: number,
): EdnsOptionValue | undefined {
  const room = Math.min(maxOctets - OPTION_HEADER_OCTETS, explanationLimits.octets);
  if (room < FRAME_OCTETS) return undefined;
  const { texts, omitted, omittedAfter } = cut(explanation, room - FRAME_OCTETS);
  const gap = omittedAfter === undefined ? '' : `,"omittedAfter":${omittedAfter}`;
  const json = `{"omitted":${omitted}${gap},"steps":[${texts.join(',')}]}`;
  return { code: EXPLAIN_OPTION, data: Uint8Array.of(VERSION, ...encoder.encode(json)) };
}

/** Words of as many steps as fit, then the facts of as many of these as fit beside them. */
function cut(
  { steps, omitted, omittedAfter }: Explanation,
  room: number,
): Omit<Explanation, 'steps'> & { readonly texts: readonly string[] } {
  const { head, tail } = endsThatFit(steps.map(sizeInWords), room);
  const left = steps.length - head - tail;
  const kept = [...steps.slice(0, head), ...steps.slice(steps.length - tail)];
  let spare = room - kept.reduce((sum, step) => sum + sizeInWords(step), 0);
  const texts = kept.map((step) => {
    const facts = octetsOf(withFacts(step)) - octetsOf(inWords(step));
    if (facts > spare) return inWords(step);
    spare -= facts;
    return withFacts(step);
  });
  const after = left > 0 ? head : omittedAfter;
  return { texts, omitted: omitted + left, ...(after !== undefined && { omittedAfter: after }) };
}

function withFacts({ depth, at, kind, text, facts }: ExplainedStep): string {
  return JSON.stringify({ depth, at, kind, text, ...facts });
}

function inWords({ depth, at, kind, text }: ExplainedStep): string {
  return JSON.stringify({ depth, at, kind, text });
}

function sizeInWords(step: ExplainedStep): number {
  return octetsOf(inWords(step)) + COMMA_OCTETS;
}

function octetsOf(text: string): number {
  return encoder.encode(text).length;
}

const encoder = new TextEncoder();
const OPTION_HEADER_OCTETS = 4;
const COMMA_OCTETS = 1;
/** The version, and what stands around the steps. */
const FRAME_OCTETS = 1 + '{"omitted":4294967295,"omittedAfter":1000,"steps":[]}'.length;

/** How many of the first and of the last fit: the middle is what tells least. */
function endsThatFit(
  sizes: readonly number[],
  room: number,
): { readonly head: number; readonly tail: number } {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= room) return { head: sizes.length, tail: 0 };
  let left = room;
  let tail = 0;
  for (let at = sizes.length - 1; at >= 0 && left - sizes[at]! >= room / 2; at--) {
    left -= sizes[at]!;
    tail++;
  }
  let head = 0;
  while (head < sizes.length - tail && sizes[head]! <= left) left -= sizes[head++]!;
  // Where one long step ends the beginning, there may be room for more of the end.
  while (tail < sizes.length - head && sizes.at(-1 - tail)! <= left) left -= sizes.at(-1 - tail++)!;
  return { head, tail };
}

/** Reads what a server sent; the error says what is wrong with it. */
export function decodeExplanation(data: Uint8Array): Result<Explanation, string> {
  if (data.length === 0) return failure('it is empty');
  if (data[0] !== VERSION) return failure(`it is of version ${data[0]}, not ${VERSION}`);
  const json = parse(data.subarray(1));
  if (!isObject(json) || !Array.isArray(json['steps'])) return failure('it cannot be read');
  const listed: readonly unknown[] = json['steps'];
  const steps = listed.slice(0, explanationLimits.steps).map(stepOf);
  if (!steps.every((step) => step !== undefined)) return failure('it holds what is no step');
  const left = listed.length - steps.length;
  const omitted = (isCount(json['omitted']) ? json['omitted'] : 0) + left;
  const after = json['omittedAfter'];
  const isWithin = isCount(after) && after < steps.length && left === 0;
  return success({ steps, omitted, ...(isWithin && { omittedAfter: after }) });
}

function parse(octets: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets));
  } catch {
    return undefined;
  }
}

function stepOf(value: unknown): ExplainedStep | undefined {
  if (!isObject(value)) return undefined;
  const { depth, at, kind, text, ...rest } = value;
  if (typeof kind !== 'string' || typeof text !== 'string') return undefined;
  if (!isCount(depth) || typeof at !== 'number' || at < 0) return undefined;
  const facts = Object.entries(rest).filter((entry): entry is [string, Fact] => isFact(entry[1]));
  return { depth, at, kind, text, facts: Object.fromEntries(facts) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isFact(value: unknown): value is Fact {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

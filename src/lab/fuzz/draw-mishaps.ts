/**
 * Draws faults of given classes, each with its end, all within the time of trouble. Bugs like it
 * when things come together and when they last: so each seed has a few moments near which much
 * happens, and spans are as likely to last for ten delays as for hundreds, which is what it takes
 * for one node to give up on another.
 */

import type { FaultClass } from '../experiment/claims.ts';
import type { NodeId } from '../process/process.ts';
import type { Fault } from '../run/fault.ts';
import { flapping } from '../run/fault-patterns.ts';
import type { SeededRandom } from '../../sim/random.ts';
import type { Mishap } from './trial.ts';

export interface Trouble {
  readonly classes: readonly FaultClass[];
  readonly nodeCount: number;
  readonly mayFail: readonly NodeId[];
  readonly maxDown: number;
  readonly troubleNs: number;
  /** How wrong clocks are made at most. */
  readonly clocks: { readonly stepNs: number; readonly ppm: number };
  /** One way between two nodes: the measure of how long things last. */
  readonly delayNs: number;
}

/** Of each class at most; few are easy to understand, and many seeds make up for it. */
const MOST = { datagrams: 16, spans: 3 };
/** A datagram is hit soon after the fault's time, not only the very next. */
const NTH_MOST = 3;
/** Spans last for up to so many delays: shorter than any patience, about as long, longer. */
const SPAN_DELAYS = [4, 30, 240];
/** Near a moment: so many delays after it at most. */
const NEAR_DELAYS = 8;
const MOMENTS = 2;
/** A partition that comes and goes, or moves, does so at most so often. */
const MOST_PARTS = 4;
const ON_ONE_NODE: ReadonlySet<FaultClass> = new Set([
  'crash',
  'torn',
  'wipe',
  'pause',
  'step',
  'drift',
]);

export function drawMishaps(random: SeededRandom, trouble: Trouble): readonly Mishap[] {
  const moments = Array.from({ length: MOMENTS }, () => timeBelow(random, trouble.troubleNs));
  const draws: Draws = { random, trouble, moments, busy: [] };
  return trouble.classes.flatMap((kind) => {
    const isSmall = kind === 'loss' || kind === 'duplication' || kind === 'reordering';
    const count = 1 + random.below(isSmall ? MOST.datagrams : MOST.spans);
    return Array.from({ length: count }, () => drawMishap(kind, draws)).filter(
      (mishap) => mishap.length > 0,
    );
  });
}

/** When a node is down or paused. */
interface Busy {
  readonly node: NodeId;
  readonly fromNs: number;
  readonly toNs: number;
}

interface Draws {
  readonly random: SeededRandom;
  readonly trouble: Trouble;
  readonly moments: readonly number[];
  readonly busy: Busy[];
}

interface Span {
  readonly atNs: number;
  readonly endNs: number;
}

function drawMishap(kind: FaultClass, draws: Draws): Mishap {
  const { random, trouble } = draws;
  const { delayNs, nodeCount } = trouble;
  if (nodeCount < 2 && !ON_ONE_NODE.has(kind)) return [];
  const span = drawSpan(draws);
  const { atNs, endNs } = span;
  const link = drawLink(random, nodeCount);
  const datagram = { atNs, ...link, nth: 1 + random.below(NTH_MOST) };
  const byNs = 1 + timeBelow(random, 4 * delayNs);
  if (isFailure(kind)) return drawFailure(kind, span, draws);
  switch (kind) {
    case 'loss':
      return [{ kind: 'drop', ...datagram }];
    case 'duplication':
      return [{ kind: 'double', ...datagram, byNs }];
    case 'reordering':
      return [{ kind: 'delay', ...datagram, byNs }];
    case 'partition':
      return drawPartition(span, draws);
    case 'cut':
      return [
        { kind: 'cut', atNs, ...link },
        { kind: 'heal', atNs: endNs },
      ];
    case 'step':
    case 'drift':
      return drawClock(kind, span, draws);
    case 'hold':
      return [
        { kind: 'hold', atNs, ...link },
        { kind: 'release', atNs: endNs, ...link },
      ];
    case 'clog':
      return [{ kind: 'clog', atNs, ...link, byNs: 4 * byNs, forNs: endNs - atNs }];
  }
}

/** Wrong by up to the most, either way, and right again. Drift of two spans does not add up. */
function drawClock(
  kind: 'step' | 'drift',
  { atNs, endNs }: Span,
  { random, trouble }: Draws,
): Mishap {
  const { mayFail, clocks } = trouble;
  const node = mayFail[random.below(Math.max(1, mayFail.length))];
  if (node === undefined) return [];
  const amount = kind === 'step' ? clocks.stepNs : clocks.ppm;
  const by = Math.round(amount * (random.below(2001) / 1000 - 1));
  if (kind === 'drift') {
    return [
      { kind, atNs, node, ppm: by },
      { kind, atNs: endNs, node, ppm: 0 },
    ];
  }
  return [
    { kind, atNs, node, byNs: by },
    { kind, atNs: endNs, node, byNs: -by },
  ];
}

function drawSpan({ random, trouble: { troubleNs, delayNs }, moments }: Draws): Span {
  const moment = moments[random.below(2 * MOMENTS)];
  const nearNs = (moment ?? 0) + timeBelow(random, NEAR_DELAYS * delayNs);
  const atNs =
    moment === undefined ? timeBelow(random, troubleNs) : Math.min(nearNs, troubleNs - 1);
  const delays = SPAN_DELAYS[random.below(SPAN_DELAYS.length)] ?? 1;
  const longest = Math.min(delays * delayNs, troubleNs - atNs);
  return { atNs, endNs: atNs + 1 + timeBelow(random, longest) };
}

type Failure = 'crash' | 'torn' | 'wipe' | 'pause';

function isFailure(kind: FaultClass): kind is Failure {
  return kind === 'pause' || kind in CRASHES;
}

const CRASHES = { crash: {}, wipe: { keepsDisk: false }, torn: { tearsWrite: true } } as const;

/** Nothing when too many would be down at once, or the node already is. */
function drawFailure(
  kind: Failure,
  { atNs, endNs }: Span,
  { random, trouble, busy }: Draws,
): Mishap {
  const { mayFail, maxDown } = trouble;
  const node = mayFail[random.below(Math.max(1, mayFail.length))];
  const meanwhile = busy.filter(({ fromNs, toNs }) => fromNs <= endNs && toNs >= atNs);
  if (node === undefined || meanwhile.some((other) => other.node === node)) return [];
  if (kind !== 'pause' && meanwhile.length >= maxDown) return [];
  busy.push({ node, fromNs: atNs, toNs: endNs });
  if (kind === 'pause') {
    return [
      { kind: 'pause', atNs, node },
      { kind: 'resume', atNs: endNs, node },
    ];
  }
  return [
    { kind: 'crash', atNs, node, ...CRASHES[kind] },
    { kind: 'restart', atNs: endNs, node },
  ];
}

function drawLink(
  random: SeededRandom,
  nodeCount: number,
): { readonly from: NodeId; readonly to: NodeId } {
  const from = random.below(nodeCount);
  const step = 1 + random.below(Math.max(1, nodeCount - 1));
  return { from, to: (from + step) % nodeCount };
}

/** One for the whole span; or one that comes and goes; or one after the other, elsewhere each. */
function drawPartition({ atNs, endNs }: Span, { random, trouble: { nodeCount } }: Draws): Mishap {
  const groups = (): Groups => drawGroups(random, nodeCount);
  const form = random.below(4);
  const times = form > 1 ? 1 : 2 + random.below(MOST_PARTS - 1);
  const partNs = Math.floor((endNs - atNs) / times);
  const heal: Fault = { kind: 'heal', atNs: endNs };
  if (form === 0 && partNs > 1) {
    const [downNs, upNs] = [Math.floor(partNs / 2), Math.ceil(partNs / 2)];
    return flapping({ fromNs: atNs, downNs, upNs, times }, groups());
  }
  const parts = Array.from({ length: times }, (_, part): Fault => {
    return { kind: 'partition', atNs: atNs + part * partNs, groups: groups() };
  });
  return [...parts, heal];
}

type Groups = readonly (readonly NodeId[])[];

/** One node alone, two sides, or two sides and one node that reaches both. */
function drawGroups(random: SeededRandom, nodeCount: number): Groups {
  const alone = random.below(nodeCount);
  const form = random.below(4);
  const isLeft = Array.from({ length: nodeCount }, (_, node) => {
    return node === alone || (form > 0 && random.below(2) === 0);
  });
  const other = (alone + 1) % nodeCount;
  isLeft[other] = false;
  const side = (left: boolean): NodeId[] =>
    isLeft.flatMap((isHere, node) => (isHere === left ? [node] : []));
  if (form !== 1 || nodeCount < 3) return [side(true), side(false)];
  const over = (alone + 2) % nodeCount;
  return [side(true), side(false)].map((nodes) => nodes.filter((node) => node !== over));
}

/** Up to days, where one draw of 32 bits reaches four seconds. */
function timeBelow(random: SeededRandom, boundNs: number): number {
  if (boundNs <= 2 ** 32) return random.below(boundNs);
  return Math.floor((random.below(2 ** 32) / 2 ** 32) * boundNs);
}

/** Draws faults of given classes, each with its end, all within the time of trouble. */

import type { FaultClass } from '../experiment/claims.ts';
import type { NodeId } from '../process/process.ts';
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
/** Spans last from a fraction of a delay to so many delays. */
const SPAN_DELAYS = 30;
const ON_ONE_NODE: ReadonlySet<FaultClass> = new Set(['crash', 'wipe', 'pause', 'step', 'drift']);

export function drawMishaps(random: SeededRandom, trouble: Trouble): readonly Mishap[] {
  const draws: Draws = { random, trouble, busy: [] };
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
  readonly busy: Busy[];
}

function drawMishap(kind: FaultClass, draws: Draws): Mishap {
  const { random, trouble } = draws;
  const { troubleNs, delayNs, nodeCount } = trouble;
  const atNs = random.below(troubleNs);
  const longest = Math.min(SPAN_DELAYS * delayNs, troubleNs - atNs);
  const endNs = atNs + 1 + random.below(Math.max(1, Math.floor(longest / (1 + random.below(8)))));
  if (nodeCount < 2 && !ON_ONE_NODE.has(kind)) return [];
  const link = drawLink(random, nodeCount);
  const datagram = { atNs, ...link, nth: 1 + random.below(NTH_MOST) };
  const byNs = 1 + random.below(4 * delayNs);
  switch (kind) {
    case 'loss':
      return [{ kind: 'drop', ...datagram }];
    case 'duplication':
      return [{ kind: 'double', ...datagram, byNs }];
    case 'reordering':
      return [{ kind: 'delay', ...datagram, byNs }];
    case 'crash':
    case 'wipe':
    case 'pause':
      return drawFailure(kind, { atNs, endNs }, draws);
    case 'partition':
      return [
        { kind: 'partition', atNs, groups: drawGroups(random, nodeCount) },
        { kind: 'heal', atNs: endNs },
      ];
    case 'cut':
      return [
        { kind: 'cut', atNs, ...link },
        { kind: 'heal', atNs: endNs },
      ];
    case 'step':
    case 'drift':
      return drawClock(kind, { atNs, endNs }, draws);
    case 'hold':
      return [
        { kind: 'hold', atNs, ...link },
        { kind: 'release', atNs: endNs, ...link },
      ];
  }
}

/** Wrong by up to the most, either way, and right again. Drift of two spans does not add up. */
function drawClock(
  kind: 'step' | 'drift',
  { atNs, endNs }: { readonly atNs: number; readonly endNs: number },
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

/** Nothing when too many would be down at once, or the node already is. */
function drawFailure(
  kind: 'crash' | 'wipe' | 'pause',
  { atNs, endNs }: { readonly atNs: number; readonly endNs: number },
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
    { kind: 'crash', atNs, node, ...(kind === 'wipe' && { keepsDisk: false }) },
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

/** Two groups, neither of them empty. */
function drawGroups(random: SeededRandom, nodeCount: number): readonly (readonly NodeId[])[] {
  const nodes = Array.from({ length: nodeCount }, (_, node) => node);
  const alone = random.below(nodeCount);
  const isFirst = nodes.map((node) => node === alone || random.below(2) === 0);
  const other = (alone + 1) % nodeCount;
  isFirst[other] = false;
  return [true, false].map((first) => nodes.filter((node) => isFirst[node] === first));
}

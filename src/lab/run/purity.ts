/**
 * Traps for what a process must not use, because it would differ from run to run: the machine's
 * clocks, timers and randomness. They are set while a simulated run is played, and they spring only
 * when a process is being called; observers and reports may look at the clock.
 */

import type { NodeId } from '../process/process.ts';

/** Where they are kept, and what to use instead. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  'Date.now': 'context.wallNs()',
  'performance.now': 'context.monotonicNs()',
  'process.hrtime': 'context.monotonicNs()',
  'process.uptime': 'context.monotonicNs()',
  'process.nextTick': 'context.setTimer()',
  setTimeout: 'context.setTimer()',
  setInterval: 'context.setTimer()',
  setImmediate: 'context.setTimer()',
  queueMicrotask: 'context.setTimer()',
  'Math.random': 'context.random',
  'crypto.getRandomValues': 'context.random',
  'crypto.randomUUID': 'context.random',
  fetch: 'context.send()',
};

/** A process that is not a function of what happens to it: a bug of the protocol. */
export class ImpureProcessError extends Error {
  override readonly name = 'ImpureProcessError';
  readonly node: NodeId;

  constructor(node: NodeId, what: string, instead: string) {
    super(`the process of node ${node} uses ${what}, which no two runs share: use ${instead}`);
    this.node = node;
  }
}

/**
 * Runs `action` with all traps set; they spring while `handling()` names a node. Throws
 * `ImpureProcessError` from within the process that steps into one.
 */
export function withTraps<Result>(handling: () => NodeId, action: () => Result): Result {
  const undo = Object.entries(FORBIDDEN).map(([what, instead]) =>
    setTrap(what, () => {
      const node = handling();
      if (node >= 0) throw new ImpureProcessError(node, what, instead);
    }),
  );
  // `new Date()` needs no member of anything.
  undo.push(trapNewDate(handling));
  try {
    return action();
  } finally {
    for (const restore of undo.toReversed()) restore();
  }
}

type Holder = Record<string, unknown>;

// tidy-allow global: traps are set on the globals that processes would reach for
const root: Holder = globalThis;

function setTrap(path: string, check: () => void): () => void {
  const parts = path.split('.');
  const name = parts.pop() ?? '';
  const holder = parts.reduce<Holder | undefined>(
    (object, part) => object?.[part] as Holder | undefined,
    root,
  );
  const original = holder?.[name];
  // Not every engine has all of them.
  if (holder === undefined || typeof original !== 'function') return () => {};
  return replace(holder, name, guarded(original, check));
}

function trapNewDate(handling: () => NodeId): () => void {
  const original = root['Date'] as DateConstructor;
  const trap = new Proxy(original, {
    construct(target, args, newTarget) {
      const node = handling();
      if (node >= 0 && args.length === 0) {
        throw new ImpureProcessError(node, 'new Date()', 'context.wallNs()');
      }
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
  return replace(root, 'Date', trap);
}

/** Calls and construction go through, members too: `process.hrtime.bigint` is one. */
function guarded(original: object, check: () => void): object {
  return new Proxy(original, {
    apply(target, self, args) {
      check();
      return Reflect.apply(target as (...all: unknown[]) => unknown, self, args);
    },
    get(target, name) {
      check();
      return Reflect.get(target, name) as unknown;
    },
  });
}

function replace(holder: Holder, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, { value, configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(holder, name, before);
    // It was inherited, as `performance.now` is.
    else Reflect.deleteProperty(holder, name);
  };
}

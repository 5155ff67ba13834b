import { expect, test } from 'vitest';

import { CancellationSource, type Cancellation } from '../../src/net/cancellation.ts';

const sources = [
  { name: 'ours', create: () => asPair(new CancellationSource()) },
  { name: "the machine's", create: fromController },
];

interface Pair {
  readonly signal: Cancellation;
  abort(reason?: unknown): void;
}

function asPair(source: CancellationSource): Pair {
  return { signal: source, abort: (reason) => source.abort(reason) };
}

function fromController(): Pair {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

const once = { once: true } as const;

test.each(sources)('$name calls its listeners once, in the order in which they came', (source) => {
  const { signal, abort } = source.create();
  const heard: string[] = [];
  const [a, b, c] = ['a', 'b', 'c'].map((name) => () => void heard.push(name));
  signal.addEventListener('abort', a!, once);
  signal.addEventListener('abort', b!, once);
  signal.removeEventListener('abort', a!);
  signal.addEventListener('abort', c!, once);
  signal.addEventListener('abort', a!, once);
  signal.addEventListener('abort', c!, once);
  expect([signal.aborted, heard]).toEqual([false, []]);
  abort('enough');
  abort('more');
  expect([signal.aborted, signal.reason, heard]).toEqual([true, 'enough', ['b', 'c', 'a']]);
});

test.each(sources)('of $name nobody is called that another listener removed', (source) => {
  const { signal, abort } = source.create();
  const heard: string[] = [];
  const late = (): void => void heard.push('late');
  signal.addEventListener('abort', () => signal.removeEventListener('abort', late), once);
  signal.addEventListener('abort', () => void heard.push('between'), once);
  signal.addEventListener('abort', late, once);
  abort();
  expect(heard).toEqual(['between']);
});

test.each(sources)('whoever listens to $name after the end hears nothing', (source) => {
  const { signal, abort } = source.create();
  abort();
  const heard: string[] = [];
  signal.addEventListener('abort', () => void heard.push('late'), once);
  abort();
  expect(heard).toEqual([]);
});

/**
 * What replicas promise that answer at once and agree later:
 *
 * - *strong eventual consistency*: replicas that know the same updates show the same;
 * - *no update lost*: what was done, and not undone by somebody who knew of it, is shown wherever
 *   it is known (of registers in which the last writer wins nobody promises that);
 * - *causality*: what was undone by somebody who knew of it is not shown where that is known;
 * - *convergence*: in the end everybody knows all updates, and shows the same.
 *
 * What should be shown is worked out of the updates and who knew of which, without any of the
 * types' own code (Burckhardt, Gotsman, Yang, Zawirski, POPL 2014).
 */

import type { Merge } from '../agreement/replicas/replica-options.ts';
import type { Checker } from '../experiment/experiment.ts';
import { makeChecker, type Report } from './checker.ts';
import { ReplicaHistory, type Showing, type Update } from './replica-history.ts';

interface Expected {
  /** What has to be there. */
  readonly must: readonly number[];
  /** And what may: everything, when nothing is said. */
  readonly may?: ReadonlySet<number>;
}

export function replicaProperties(merge: Merge, nodes: number): readonly Checker[] {
  const history = new ReplicaHistory();
  return [
    sameUpdatesSameState(history),
    noUpdateLost(merge, history),
    causality(merge, history),
    convergence(nodes, history),
  ];
}

function sameUpdatesSameState(history: ReplicaHistory): Checker {
  const first = new Map<string, Showing>();
  return onShowings('strong eventual consistency', history, (showing, report) => {
    const key = [...showing.known].toSorted((a, b) => a - b).join(' ');
    const other = first.get(key) ?? showing;
    first.set(key, other);
    if (isSame(other.values, showing.values)) return;
    const here = `node ${showing.node} shows ${wordsOf(showing.values)}`;
    const there = `node ${other.node} shows ${wordsOf(other.values)}`;
    report(`both know ${other.known.size} updates: ${here}, ${there}`, other.event, showing.event);
  });
}

function noUpdateLost(merge: Merge, history: ReplicaHistory): Checker {
  return onShowings('no update lost', history, (showing, report) => {
    const shown = new Set(showing.values);
    const missing = expectedOf(merge, showing, history.updates).must.filter(
      (one) => !shown.has(one),
    );
    if (missing.length === 0) return;
    const words = `${missing.join(', ')} of ${wordsOf(showing.values)}`;
    report(`node ${showing.node} misses ${words}`, showing.event);
  });
}

function causality(merge: Merge, history: ReplicaHistory): Checker {
  return onShowings('causality', history, (showing, report) => {
    const { may } = expectedOf(merge, showing, history.updates);
    const surplus = showing.values.filter((one) => may?.has(one) === false);
    if (surplus.length === 0) return;
    report(`node ${showing.node} shows ${surplus.join(', ')}, which was undone`, showing.event);
  });
}

function convergence(nodes: number, history: ReplicaHistory): Checker {
  return makeChecker('convergence', {
    observe: (event) => void history.observe(event),
    atEnd: (report) => {
      const all = Array.from({ length: nodes }, (_, node) => node);
      const last = history.lastShowing(0);
      for (const node of all) {
        const missing = history.updates.filter(({ id }) => !history.knownBy(node).has(id));
        const [one] = missing;
        if (one) report(`node ${node} never heard of ${missing.length} updates`, one.event);
        const own = history.lastShowing(node);
        if (last === undefined || own === undefined || isSame(last.values, own.values)) continue;
        const words = `nodes 0 and ${node} show ${wordsOf(last.values)} and ${wordsOf(own.values)}`;
        report(words, last.event, own.event);
      }
    },
  });
}

function onShowings(
  property: string,
  history: ReplicaHistory,
  check: (showing: Showing, report: Report) => void,
): Checker {
  return makeChecker(property, {
    observe: (event, report) => {
      const showing = history.observe(event);
      if (showing) check(showing, report);
    },
  });
}

/** What a replica that knows `known` has to show, whatever its merge did to get there. */
export function expectedOf(
  merge: Merge,
  { known }: Pick<Showing, 'known'>,
  updates: readonly Update[],
): Expected {
  const own = updates.filter(({ id }) => known.has(id));
  switch (merge) {
    case 'lww-wall':
      return { must: [] };
    case 'lww-hlc':
      return { must: [], may: new Set(newestOf(own).map(({ value }) => value)) };
    case 'mvr':
      return exactly(newestOf(own).map(({ value }) => value));
    case 'gset':
      return exactly(own.map(({ value }) => value));
    case 'pncounter':
      return exactly([own.reduce((sum, { value }) => sum + value, 0)]);
    case 'orset':
      return exactly(stillThere(own));
    case 'text': {
      const gone = new Set(own.filter(({ kind }) => kind === 'deletes').map(({ value }) => value));
      const typed = own.filter(({ kind }) => kind === 'inserts').map(({ message }) => message);
      return exactly(typed.filter((character) => !gone.has(character)));
    }
  }
}

function exactly(values: readonly number[]): Expected {
  return { must: values, may: new Set(values) };
}

/** Those that nobody made another after, knowing of them. */
function newestOf(updates: readonly Update[]): readonly Update[] {
  const replaced = new Set<number>();
  const newest: Update[] = [];
  // Whoever knew of an update came later, and knew of all before it as well.
  for (const update of updates.toReversed()) {
    if (replaced.has(update.id)) continue;
    newest.push(update);
    for (const id of update.past) replaced.add(id);
  }
  return newest;
}

/** Elements with an adding of which no removal knew. */
function stillThere(updates: readonly Update[]): readonly number[] {
  const removals = updates.filter(({ kind }) => kind === 'removes');
  const added = updates.filter(({ kind, id, value }) => {
    return kind === 'adds' && !removals.some((one) => one.value === value && one.past.has(id));
  });
  return [...new Set(added.map(({ value }) => value))];
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((one, place) => one === b[place]);
}

const MAX_NAMED = 8;

function wordsOf(values: readonly number[]): string {
  const named = values.slice(0, MAX_NAMED).join(' ');
  const more = values.length > MAX_NAMED ? ` … (${values.length})` : '';
  return values.length === 0 ? 'nothing' : `${named}${more}`;
}

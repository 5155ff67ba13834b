/**
 * What the pictures of one run need: which version of a record each cache held when, and for how
 * long it has been lying. Bounded, however long the run: around the first change everything is
 * kept, later only how stale answers were.
 */

import { typeText } from '../../wire/iana.ts';
import type { Question } from '../../wire/record.ts';
import type { Zone } from '../../zone/zone.ts';
import { valueOf } from './answers.ts';
import type { TtlScenario } from './scenario.ts';
import type { ToldClient } from './scenario-run.ts';

export interface Film {
  /** Of what is asked for, the record that is watched. */
  readonly record: string;
  /** The authority first, then caches. */
  readonly lanes: readonly FilmLane[];
  /** Of each cache: points of a line through time. */
  readonly staleness: readonly FilmLine[];
}

interface FilmLane {
  readonly name: string;
  readonly bars: readonly FilmBar[];
}

interface FilmBar {
  readonly fromMs: number;
  readonly toMs: number;
  /** From 1, in the order in which they became true. */
  readonly version: number;
}

interface FilmLine {
  readonly name: string;
  readonly points: readonly { readonly atMs: number; readonly staleMs: number }[];
}

/** Lanes higher than a page help nobody. */
const MAX_CACHES = 8;
/** Of a lane before the first change, and after it. */
const KEPT_BARS = { before: 6, after: 18 };
const MAX_POINTS = 600;
/** A TTL is told in whole seconds, so the end of one life may seem to move by so much. */
const ROUNDING_MS = 1500;

type Bar = { -readonly [Key in keyof FilmBar]: FilmBar[Key] };

export class FilmCamera {
  readonly #question: Question | undefined;
  readonly #caches = new Map<string, Cache>();
  readonly #resolverOf: ReadonlyMap<string, string>;
  readonly #versions: string[] = [];
  readonly #truth: Bar[] = [];
  readonly #durationMs: number;

  constructor(scenario: TtlScenario) {
    this.#question = watchedQuestion(scenario);
    this.#durationMs = scenario.durationMs;
    this.#resolverOf = new Map(
      scenario.populations.map(({ name, resolver }) => [name, resolver] as const),
    );
  }

  onTruth(question: Question, value: string, atMs: number): void {
    if (!this.#isWatched(question)) return;
    const last = this.#truth.at(-1);
    if (last) last.toMs = atMs;
    this.#truth.push({ fromMs: atMs, toMs: this.#durationMs, version: this.#versionOf(value) });
    if (this.#truth.length > 1) for (const cache of this.#caches.values()) cache.hasChanged = true;
  }

  onAnswer({ population, question, value, atMs, ttlSeconds, staleMs }: ToldClient): void {
    if (!this.#isWatched(question) || value === undefined) return;
    const name = this.#resolverOf.get(population) ?? population;
    const known = this.#caches.get(name);
    if (!known && this.#caches.size >= MAX_CACHES) return;
    const cache = known ?? new Cache(this.#truth.length > 1);
    this.#caches.set(name, cache);
    if (ttlSeconds !== undefined) cache.hold(this.#versionOf(value), atMs, ttlSeconds * 1000);
    cache.lie(atMs, staleMs);
  }

  /** Undefined when nobody asked for what is watched. */
  finish(): Film | undefined {
    if (!this.#question || this.#caches.size === 0) return undefined;
    const { name, type } = this.#question;
    const caches = [...this.#caches];
    return {
      record: `${name.toString()} ${typeText(type)}`,
      lanes: [
        { name: 'authority', bars: this.#truth },
        ...caches.map(([cache, { bars }]) => ({ name: cache, bars })),
      ],
      staleness: caches.map(([cache, { line }]) => ({ name: cache, points: line })),
    };
  }

  #isWatched({ name, type }: Question): boolean {
    return type === this.#question?.type && name.equals(this.#question.name);
  }

  #versionOf(value: string): number {
    const index = this.#versions.indexOf(value);
    return index >= 0 ? index + 1 : this.#versions.push(value);
  }
}

/** What changes, if anything does; else what is asked for first. */
function watchedQuestion({ workload, events, servers }: TtlScenario): Question | undefined {
  const asked = workload.flatMap(({ questions }) => questions);
  const zones = servers.flatMap((server) => server.zones);
  const changes = ({ name, type }: Question): boolean =>
    events.some((event) => {
      if (event.kind === 'churn') {
        return event.question.type === type && event.question.name.equals(name);
      }
      if (event.kind !== 'zone' || !name.isSubdomainOf(event.zone.origin)) return false;
      const before = zones.find(({ origin }) => origin.equals(event.zone.origin));
      return dataOf(before, { name, type }) !== dataOf(event.zone, { name, type });
    });
  return asked.find(changes) ?? asked[0];
}

function dataOf(zone: Zone | undefined, { name, type }: Pick<Question, 'name' | 'type'>): string {
  return valueOf(type, zone?.rrset(name, type)?.rdatas ?? []);
}

class Cache {
  readonly bars: Bar[] = [];
  readonly #points: { readonly atMs: number; readonly staleMs: number }[] = [];
  hasChanged: boolean;
  #after = 0;
  #last: { readonly atMs: number; readonly staleMs: number } | undefined;

  constructor(hasChanged: boolean) {
    this.hasChanged = hasChanged;
  }

  /** To the last answer: who lies at the end has not stopped. */
  get line(): FilmLine['points'] {
    const isOpen = (this.#last?.staleMs ?? 0) > 0 && this.#points.at(-1) !== this.#last;
    return isOpen ? [...this.#points, this.#last!] : this.#points;
  }

  /** One more answer of what it holds, or of what it has just fetched. */
  hold(version: number, atMs: number, leftMs: number): void {
    const bar = this.bars.at(-1);
    const isSame = bar?.version === version && atMs + leftMs <= bar.toMs + ROUNDING_MS;
    if (isSame || this.#after >= KEPT_BARS.after) return;
    this.bars.push({ fromMs: atMs, toMs: atMs + leftMs, version });
    if (this.hasChanged) this.#after += 1;
    else if (this.bars.length > KEPT_BARS.before) this.bars.shift();
  }

  /** A line that rises with time while it lies, and falls to 0 when it does not any more. */
  lie(atMs: number, staleMs: number): void {
    const last = this.#last;
    this.#last = { atMs, staleMs };
    if (this.#points.length >= MAX_POINTS) return;
    if (staleMs > 0 && (last === undefined || last.staleMs === 0 || staleMs < last.staleMs)) {
      if (last && last.staleMs > 0) this.#points.push(last);
      this.#points.push({ atMs: atMs - staleMs, staleMs: 0 }, { atMs, staleMs });
    } else if (staleMs === 0 && last && last.staleMs > 0) {
      this.#points.push(last, { atMs, staleMs: 0 });
    }
  }
}

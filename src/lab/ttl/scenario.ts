/**
 * A scenario: an internet of name servers, resolvers and clients, what the clients ask, and what
 * happens meanwhile. Zones are read already; times are milliseconds since the start.
 */

import type { RecursionOptions } from '../../app/system.ts';
import type { LinkOptions } from '../../sim/link-options.ts';
import type { DnsName } from '../../wire/name.ts';
import type { Question } from '../../wire/record.ts';
import type { Zone } from '../../zone/zone.ts';

export interface TtlScenario {
  readonly name: string;
  readonly seed: string;
  readonly durationMs: number;
  readonly servers: readonly ServerNode[];
  readonly resolvers: readonly ResolverNode[];
  readonly populations: readonly PopulationNode[];
  readonly links: readonly LinkRule[];
  readonly workload: readonly Workload[];
  readonly events: readonly ScenarioEvent[];
  readonly costs?: Costs;
}

/** Of one question to an authority, and of one stale answer to a client. */
export interface Costs {
  readonly query: number;
  readonly stale: number;
}

export interface ServerNode {
  readonly name: string;
  readonly address: string;
  readonly zones: readonly Zone[];
  /** It tells a zone's name servers with every answer. Default false. */
  readonly namesServers?: boolean;
  /** The zones that it takes from others. */
  readonly copies?: readonly ZoneCopy[];
}

/** A zone that a secondary takes from its primary. */
export interface ZoneCopy {
  readonly origin: DnsName;
  /** The name of the server. */
  readonly primary: string;
}

export interface ResolverNode {
  readonly name: string;
  readonly address: string;
  /** Of another resolver, which it asks for everything. */
  readonly forwardTo?: string;
  readonly servesStale: boolean;
  readonly prefetch: boolean;
  readonly maxTtlSeconds?: number;
  readonly minTtlSeconds?: number;
  /** Whose word on name servers counts; default: as our resolver has it. */
  readonly cutRule?: NonNullable<RecursionOptions['cutRule']>;
}

export interface PopulationNode {
  readonly name: string;
  readonly count: number;
  readonly resolver: string;
}

/** Of nodes; the last rule that fits counts. '*' is everybody. */
export interface LinkRule {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly link: LinkOptions;
}

export type Arrivals =
  | { readonly kind: 'poisson'; readonly perSecond: number }
  | { readonly kind: 'every'; readonly periodMs: number }
  | { readonly kind: 'diurnal'; readonly perSecond: number; readonly amplitude: number }
  /** A query log: when, and which of the questions. */
  | { readonly kind: 'log'; readonly asks: readonly { atMs: number; question: number }[] };

export interface Workload {
  readonly population: string;
  readonly questions: readonly Question[];
  /** Of the questions; absent: the first, or what the log says. */
  readonly shares?: readonly number[];
  readonly arrivals: Arrivals;
}

export type ScenarioEvent = {
  readonly atMs: number;
  /** When it is undone; absent: never. */
  readonly forMs?: number;
} & (
  | { readonly kind: 'zone'; readonly zone: Zone }
  | { readonly kind: 'loss'; readonly to: readonly string[]; readonly chance: number }
  | { readonly kind: 'partition'; readonly groups: readonly (readonly string[])[] }
  | { readonly kind: 'crash'; readonly nodes: readonly string[] }
  /** Their clocks are set ahead, or run faster; with minus signs the other way. */
  | {
      readonly kind: 'clock';
      readonly nodes: readonly string[];
      readonly stepMs: number;
      readonly ppm: number;
    }
  /** The record gets a new address again and again: Poisson, so many times a second. */
  | { readonly kind: 'churn'; readonly question: Question; readonly perSecond: number }
);

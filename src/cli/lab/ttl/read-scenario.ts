/**
 * A scenario file and the zone files that it names, read and checked whole: either a scenario, or
 * everything that is wrong, each with its file, line and column.
 */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type {
  Arrivals,
  LinkRule,
  PopulationNode,
  ResolverNode,
  ScenarioEvent,
  ServerNode,
  TtlScenario,
  Workload,
  ZoneCopy,
} from '../../../lab/ttl/scenario.ts';
import { zipfShares } from '../../../lab/ttl/arrivals.ts';
import { addressesOfServers } from '../../../lab/ttl/server-addresses.ts';
import { replaceRRsets, withTtl, ZoneEditError } from '../../../lab/ttl/zone-edit.ts';
import { failure, success, type Result } from '../../../wire/result.ts';
import type { Question } from '../../../wire/record.ts';
import type { ZoneProblem } from '../../../zone/problem.ts';
import type { Zone } from '../../../zone/zone.ts';
import type { Finding } from '../../config/consistency.ts';
import { nearest } from '../../config/nearest.ts';
import { parseYaml } from '../../config/parse.ts';
import { fileFailure } from '../../failure.ts';
import { readQueryLog } from './query-log.ts';
import { questionOf, rrsetOf } from './questions.ts';
import {
  scenarioSchema,
  type RawEvent,
  type RawExpectation,
  type RawLink,
  type RawNode,
  type RawScenario,
  type RawWorkload,
} from './schema.ts';
import { substitute, type Variables } from './variables.ts';
import { readZoneText } from './zone-text.ts';

type Path = readonly (string | number)[];
interface When {
  readonly atMs: number;
}
/** In a sweep, what is no variable but the seed of a run. */
export const SEEDS = 'seeds';
const EVENT_KINDS = ['update', 'ttl', 'loss', 'partition', 'crash', 'churn', 'clock'] as const;

/** A secondary before it is known where it is. */
interface Copying extends Pick<ServerNode, 'name' | 'zones'> {
  readonly address: string | undefined;
  readonly copies: readonly ZoneCopy[];
}

export interface ReadScenario {
  readonly scenario: TtlScenario;
  readonly raw: RawScenario;
}

/** `set` wins over the file's own `vars`. */
export function readScenario(
  file: string,
  octets: Uint8Array,
  set: Variables = {},
): Result<ReadScenario, readonly ZoneProblem[]> {
  let builder: ScenarioBuilder | undefined;
  const parsed = parseYaml(file, octets, {
    schema: scenarioSchema,
    prepare: (said, report) =>
      substitute(said, { ...varsOf(said), ...set }, (path, message) => {
        report({ path, message, code: 'no-variable' });
      }),
    lookFurther: (raw) => {
      builder = new ScenarioBuilder(file, raw, { ...raw.vars, ...set });
      return builder.problems;
    },
  });
  if (!parsed.ok) return failure([...(builder?.zoneProblems ?? []), ...parsed.error]);
  return success({ scenario: builder!.scenario, raw: parsed.value });
}

function varsOf(said: unknown): Variables {
  const vars = (said as { readonly vars?: unknown } | null)?.vars;
  return typeof vars === 'object' && vars !== null ? (vars as Variables) : {};
}

/** Collects what is wrong; `scenario` is of use only when nothing is. */
class ScenarioBuilder {
  readonly problems: Finding[] = [];
  /** Of zone files, at their own places; each file once. */
  readonly zoneProblems: ZoneProblem[] = [];
  readonly scenario: TtlScenario;
  readonly #folder: string;
  readonly #raw: RawScenario;
  readonly #variables: Variables;
  readonly #zones: Zone[] = [];

  constructor(file: string, raw: RawScenario, variables: Variables) {
    this.#folder = dirname(file);
    this.#raw = raw;
    this.#variables = variables;
    const servers = this.#servers();
    const resolvers = this.#resolvers();
    const populations = this.#populations();
    this.scenario = {
      name: raw.name,
      seed: String(raw.seed ?? 1),
      durationMs: raw.duration,
      servers,
      resolvers,
      populations,
      links: this.#links(),
      workload: raw.workload.map((one, index) => this.#workload(one, ['workload', index])),
      events: (raw.events ?? []).flatMap((one, index) => this.#event(one, ['events', index])),
      ...(raw.costs && { costs: raw.costs }),
    };
    this.#checkSweep();
    for (const [index, one] of (raw.expect ?? []).entries()) {
      this.#checkExpectation(one, ['expect', index]);
    }
  }

  #report(path: Path, message: string): void {
    this.problems.push({ path, message, code: 'bad-scenario' });
  }

  /** What is swept is a variable, or every run would be the same. */
  #checkSweep(): void {
    const known = [...Object.keys(this.#variables), SEEDS];
    for (const name of Object.keys(this.#raw.sweep ?? {})) {
      if (known.includes(name)) continue;
      const meant = nearest(name, known);
      const advice = meant === undefined ? `there are ${known.join(', ')}` : `is it '${meant}'?`;
      this.#report(['sweep', name], `no variable is '${name}': ${advice}`);
    }
  }

  #checkExpectation({ op, value, model, within }: RawExpectation, path: Path): void {
    const isPlain = op !== undefined && value !== undefined;
    const isTheory = model !== undefined && within !== undefined;
    if (isPlain === isTheory || (isTheory && (op ?? value) !== undefined)) {
      this.#report(path, 'either `op` and `value`, or `model` and `within`');
    }
  }

  #nodesWith(...roles: readonly RawNode['role'][]): readonly (readonly [string, RawNode])[] {
    return Object.entries(this.#raw.nodes).filter(([, { role }]) => roles.includes(role));
  }

  /** Says so when the node is none, or has another role. */
  #checkNode(name: string, path: Path, ...roles: readonly RawNode['role'][]): void {
    const all = Object.keys(this.#raw.nodes);
    const fitting = this.#nodesWith(...roles).map(([one]) => one);
    const known = roles.length === 0 ? all : fitting;
    if (known.includes(name)) return;
    const meant = nearest(name, known);
    const others = `there are ${known.join(', ') || 'none'}`;
    const advice = meant === undefined ? others : `is it '${meant}'?`;
    const what = roles.length === 0 ? 'node' : roles.join(' or ');
    this.#report(path, `there is no ${what} '${name}': ${advice}`);
  }

  #servers(): readonly ServerNode[] {
    const nodes = this.#nodesWith('auth', 'primary').map(([name, node]) => {
      const zones = Object.entries(node.zones ?? {}).flatMap(([origin, file]) => {
        const path = ['nodes', name, 'zones', origin];
        const read = readZoneText(resolve(this.#folder, file), {
          origin,
          variables: this.#variables,
        });
        if (read.ok) return [read.value];
        this.#report(path, read.error.message);
        this.#addZoneProblems(read.error.problems);
        return [];
      });
      if (node.zones === undefined) this.#report(['nodes', name], 'a server has zones');
      this.#zones.push(...zones);
      return { name, zones, address: node.address };
    });
    const hasRoot = nodes.some(({ zones }) => zones.some(({ origin }) => origin.isRoot));
    if (!hasRoot && this.problems.length === 0) {
      this.#report(['nodes'], "no server has the root zone ('.'), where resolvers begin");
    }
    const copying = this.#nodesWith('secondary').map(([name, node]) => this.#copying(name, node));
    // What a secondary takes says its address as well.
    const placed = copying.map(({ copies, ...node }) => {
      const zones = this.#zones.filter(({ origin }) => copies[0]?.origin.equals(origin) === true);
      return { ...node, zones };
    });
    const addresses = addressesOfServers([...nodes, ...placed], this.#zones);
    return [...nodes, ...copying].map((node) => {
      const { name, zones } = node;
      const found = addresses.get(name);
      if (found === undefined && this.problems.length === 0) {
        this.#report(['nodes', name], 'no zone says which address it has: give it an `address`');
      }
      const copies = 'copies' in node ? { copies: node.copies } : {};
      return { name, zones, address: found ?? '192.0.2.1', ...copies };
    });
  }

  #copying(name: string, node: RawNode): Copying {
    const { of: primary, zone: origin, address } = node;
    const path = ['nodes', name];
    if (primary === undefined || origin === undefined) {
      this.#report(path, 'a secondary takes a `zone` from the node that it is `of`');
      return { name, zones: [], address, copies: [] };
    }
    this.#checkNode(primary, [...path, 'of'], 'auth', 'primary');
    if (!this.#zones.some((zone) => zone.origin.equals(origin)) && this.problems.length === 0) {
      this.#report([...path, 'zone'], `no server has the zone ${origin.toString()}`);
    }
    return { name, zones: [], address, copies: [{ origin, primary }] };
  }

  #addZoneProblems(problems: readonly ZoneProblem[]): void {
    const files = new Set(this.zoneProblems.map(({ file }) => file));
    this.zoneProblems.push(...problems.filter(({ file }) => !files.has(file)));
  }

  #resolvers(): readonly ResolverNode[] {
    return this.#nodesWith('resolver', 'forwarder').map(([name, node], index) => {
      const { serveStale = false, prefetch = false, maxTtl, minTtl, to, role } = node;
      if (role === 'forwarder') {
        if (to === undefined) this.#report(['nodes', name], 'a forwarder forwards `to` a resolver');
        else this.#checkNode(to, ['nodes', name, 'to'], 'resolver', 'forwarder');
      }
      return {
        name,
        address: this.#addressOfResolver(name, index),
        ...(to !== undefined && { forwardTo: this.#addressOfResolver(to) }),
        servesStale: serveStale,
        prefetch,
        ...(maxTtl !== undefined && { maxTtlSeconds: maxTtl }),
        ...(minTtl !== undefined && { minTtlSeconds: minTtl }),
      };
    });
  }

  #addressOfResolver(name: string, known?: number): string {
    const all = this.#nodesWith('resolver', 'forwarder');
    const index = known ?? all.findIndex(([one]) => one === name);
    return this.#raw.nodes[name]?.address ?? `203.0.113.${index + 1}`;
  }

  #populations(): readonly PopulationNode[] {
    return this.#nodesWith('client').map(([name, { count = 1, resolver }]) => {
      if (resolver === undefined) this.#report(['nodes', name], 'clients ask a `resolver`');
      else this.#checkNode(resolver, ['nodes', name, 'resolver'], 'resolver', 'forwarder');
      return { name, count, resolver: resolver ?? '' };
    });
  }

  #links(): readonly LinkRule[] {
    return (this.#raw.links ?? []).flatMap((raw, index) => {
      const { between, from, to } = raw;
      const path = ['links', index];
      for (const name of between ?? [...(from ?? []), ...(to ?? [])]) {
        if (name !== '*') this.#checkNode(name, path);
      }
      if (between && !from && !to) return this.#linkBetween(between, raw, path);
      if (from && to && !between) return [{ from, to, link: linkOf(raw) }];
      this.#report(path, 'a link is `between` two nodes, or `from` some `to` others');
      return [];
    });
  }

  #linkBetween(ends: readonly string[], raw: RawLink, path: Path): readonly LinkRule[] {
    const [one, other] = ends;
    if (one === undefined || other === undefined || ends.length !== 2) {
      this.#report(path, '`between` names two nodes');
      return [];
    }
    if ((raw.jitter ?? 0) > 0) this.#checkSteady(ends, path);
    const link = linkOf(raw);
    return [
      { from: [one], to: [other], link },
      { from: [other], to: [one], link },
    ];
  }

  /** What a client waits for tells a hit from a miss, so its own link must not change. */
  #checkSteady(ends: readonly string[], path: Path): void {
    if (ends.some((name) => this.#raw.nodes[name]?.role === 'client')) {
      this.#report(path, 'jitter between clients and their resolver would hide what is a hit');
    }
  }

  #workload(raw: RawWorkload, path: Path): Workload {
    this.#checkNode(raw.from, [...path, 'from'], 'client');
    const population = raw.from;
    const { q, names, arrivals } = raw;
    if (Object.keys(arrivals).length !== 1) {
      this.#report([...path, 'arrivals'], 'one of poisson, every, diurnal or log');
    }
    if (arrivals.log !== undefined) {
      if (q !== undefined || names) this.#report(path, 'a log says itself what is asked');
      return this.#logged(population, arrivals.log, path);
    }
    if ((q === undefined) === (names === undefined)) {
      this.#report(path, 'either one question `q`, or many `names`');
    }
    const questions = names
      ? Array.from({ length: names.zipf.n }, (_, i) => names.zipf.as.replace('%d', String(i + 1)))
      : [q ?? '.'];
    return {
      population,
      questions: questions.map((text) => this.#question(text, path)),
      ...(names && { shares: zipfShares(names.zipf.n, names.zipf.s) }),
      arrivals: arrivalsOf(arrivals),
    };
  }

  #logged(population: string, file: string, path: Path): Workload {
    const read = readQueryLog(resolve(this.#folder, file));
    if (!read.ok) this.#report([...path, 'arrivals', 'log'], read.error);
    const { questions, asks } = read.ok ? read.value : { questions: [], asks: [] };
    return { population, questions, arrivals: { kind: 'log', asks } };
  }

  #question(text: string, path: Path): Question {
    const question = questionOf(text);
    if (typeof question !== 'string') return question;
    this.#report(path, question);
    return questionOf('.') as Question;
  }

  #event(raw: RawEvent, path: Path): readonly ScenarioEvent[] {
    const { at: atMs = 0, for: forMs } = raw;
    const when = { atMs, ...(forMs !== undefined && { forMs }) };
    const said = EVENT_KINDS.filter((kind) => raw[kind] !== undefined);
    if (said.length !== 1) this.#report(path, `an event is one of ${EVENT_KINDS.join(', ')}`);
    if (atMs > this.#raw.duration) this.#report(path, 'after the end of the scenario');
    return this.#happening(raw, when, path);
  }

  #happening(raw: RawEvent, when: { readonly atMs: number }, path: Path): readonly ScenarioEvent[] {
    const { update, ttl, loss, partition, crash, churn, clock } = raw;
    const nodes = [loss?.to, partition?.flat(), crash].flatMap((names) => names ?? []);
    for (const name of nodes) this.#checkNode(name, path);
    if (clock) return this.#clock(clock, when, path);
    if (update) return this.#update(update, when, path);
    if (ttl) return this.#ttlChange(ttl, when, path);
    if (loss) return [{ ...when, kind: 'loss', to: loss.to, chance: loss.p }];
    if (partition) return [{ ...when, kind: 'partition', groups: partition }];
    if (crash) return [{ ...when, kind: 'crash', nodes: crash }];
    if (!churn) return [];
    const question = this.#question(churn.name, path);
    return [{ ...when, kind: 'churn', question, perSecond: churn.rate }];
  }

  #clock(
    { nodes, step: stepMs = 0, drift: ppm = 0 }: NonNullable<RawEvent['clock']>,
    when: When,
    path: Path,
  ): readonly ScenarioEvent[] {
    for (const name of nodes) {
      this.#checkNode(name, path, 'auth', 'primary', 'secondary', 'resolver', 'forwarder');
    }
    if (stepMs === 0 && ppm === 0) this.#report(path, 'a clock has a `step`, a `drift` or both');
    return [{ ...when, kind: 'clock', nodes, stepMs, ppm }];
  }

  #update(
    { zone: origin, replace }: NonNullable<RawEvent['update']>,
    when: { readonly atMs: number },
    path: Path,
  ): readonly ScenarioEvent[] {
    const index = this.#zones.findIndex((zone) => zone.origin.equals(origin));
    const before = this.#zones[index];
    if (!before) {
      // One that did not load has been told of.
      if (this.zoneProblems.length > 0) return [];
      this.#report(path, `no server has the zone ${origin.toString()}`);
      return [];
    }
    const rrset = rrsetOf(replace, origin);
    if (typeof rrset === 'string') {
      this.#report([...path, 'update', 'replace'], rrset);
      return [];
    }
    return this.#edited(index, () => replaceRRsets(before, [rrset]), { when, path });
  }

  #ttlChange(
    { name, to }: NonNullable<RawEvent['ttl']>,
    when: { readonly atMs: number },
    path: Path,
  ): readonly ScenarioEvent[] {
    const question = this.#question(name, path);
    const index = this.#zones.findIndex((zone) => zone.rrset(question.name, question.type));
    const before = this.#zones[index];
    if (!before) {
      if (this.zoneProblems.length === 0) this.#report(path, `no zone has the record ${name}`);
      return [];
    }
    return this.#edited(index, () => withTtl(before, question, to), { when, path });
  }

  /** Later events build on the zone as earlier ones leave it. */
  #edited(
    index: number,
    edit: () => Zone,
    { when, path }: { readonly when: When; readonly path: Path },
  ): readonly ScenarioEvent[] {
    try {
      const zone = edit();
      this.#zones[index] = zone;
      return [{ ...when, kind: 'zone', zone }];
    } catch (error) {
      if (!(error instanceof ZoneEditError)) throw error;
      this.#report(path, error.message);
      return [];
    }
  }
}

function arrivalsOf(raw: RawWorkload['arrivals']): Arrivals {
  const { poisson, every, diurnal } = raw;
  if (every !== undefined) return { kind: 'every', periodMs: every };
  if (diurnal) {
    return { kind: 'diurnal', perSecond: diurnal.mean, amplitude: diurnal.amplitude };
  }
  return { kind: 'poisson', perSecond: poisson ?? 1 };
}

function linkOf({ delay, jitter, loss }: RawLink): LinkRule['link'] {
  return {
    delayMs: delay,
    ...(jitter !== undefined && { jitterMs: jitter }),
    ...(loss !== undefined && { loss }),
  };
}

export function readScenarioFile(
  file: string,
  set: Variables,
): Result<ReadScenario, readonly ZoneProblem[]> {
  let octets: Uint8Array;
  try {
    octets = readFileSync(file);
  } catch (error) {
    throw fileFailure(file, error);
  }
  return readScenario(file, octets, set);
}

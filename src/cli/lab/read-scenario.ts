/**
 * Reads the scenario files that `lab shrink` writes and people change. What is wrong is told with
 * file, line, column, what was expected and the nearest right name.
 */

import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';

import { type Duration, parseDuration } from '../../lab/experiment/duration.ts';
import type { Experiment } from '../../lab/experiment/experiment.ts';
import { defaultsOf, ParameterError, readParameter } from '../../lab/experiment/parameters.ts';
import type { ParameterValue } from '../../lab/experiment/parameters.ts';
import { EXPERIMENTS, findExperiment } from '../../lab/experiment/registry.ts';
import type { Trial } from '../../lab/fuzz/trial.ts';
import type { Fault } from '../../lab/run/fault.ts';
import { nearest } from './nearest.ts';
import { SCENARIO_FORMAT } from './scenario-file.ts';
import { UsageError } from './usage-error.ts';

const KEYS = [
  ...['lab', 'experiment', 'seed', 'mutant', 'params', 'commands', 'until', 'faults'],
  'expect',
];

/** What each fault says besides its time. */
const FAULT_FIELDS: Readonly<Record<Exclude<Fault['kind'], 'link'>, readonly string[]>> = {
  crash: ['node', 'keepsDisk', 'tearsWrite'],
  restart: ['node'],
  pause: ['node'],
  resume: ['node'],
  step: ['node', 'by'],
  drift: ['node', 'ppm'],
  partition: ['groups'],
  cut: ['from', 'to'],
  heal: [],
  drop: ['from', 'to', 'nth'],
  double: ['from', 'to', 'nth', 'by'],
  delay: ['from', 'to', 'nth', 'by'],
  clog: ['from', 'to', 'by', 'for'],
  hold: ['from', 'to'],
  release: ['from', 'to'],
};
/** What a crystal can be wrong by, with room to spare. */
const MAX_PPM = 100_000;
const OPTIONAL = ['keepsDisk', 'tearsWrite'];

/** Throws `UsageError`. */
export function readScenario(file: string, text: string): Trial {
  return new Reader(file, text).trial();
}

class Reader {
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #root: YAMLMap;

  constructor(file: string, text: string) {
    this.#file = file;
    const document = parseDocument(text, { lineCounter: this.#lines });
    const [error] = document.errors;
    if (error) throw this.#error(error.pos[0], error.message.split('\n')[0] ?? 'no YAML');
    const { contents } = document;
    if (!isMap(contents)) throw this.#error(0, 'expected a scenario, lab: scenario/v1');
    this.#root = contents;
  }

  trial(): Trial {
    this.#checkKeys(this.#root, KEYS);
    const format = this.#text(this.#root, 'lab');
    if (format !== SCENARIO_FORMAT) throw this.#fault(this.#root, 'lab', SCENARIO_FORMAT);
    const id = this.#text(this.#root, 'experiment');
    const experiment = findExperiment(id);
    if (!experiment) {
      const known = EXPERIMENTS.map((one) => one.id);
      throw this.#fault(this.#root, 'experiment', `an experiment${nearest(id, known)}`);
    }
    const mutant = this.#root.has('mutant') ? this.#text(this.#root, 'mutant') : undefined;
    if (mutant !== undefined && experiment.mutants[mutant] === undefined) {
      const meant = nearest(mutant, Object.keys(experiment.mutants));
      throw this.#fault(this.#root, 'mutant', `a mutant of ${experiment.id}${meant}`);
    }
    const values = this.#values(experiment);
    const typed = values as Parameters<Experiment['scene']>[0];
    const nodes = experiment.scene(typed, {}).nodes.map(({ name }) => name);
    const commands = this.#commands();
    return {
      experiment,
      values,
      seed: this.#text(this.#root, 'seed'),
      ...(mutant !== undefined && { mutant }),
      mishaps: this.#faults(nodes).map((fault) => [fault]),
      ...(commands && { commands }),
      untilNs: this.#duration(this.#root, 'until'),
    };
  }

  #values(experiment: Experiment): Readonly<Record<string, ParameterValue>> {
    const values: Record<string, ParameterValue> = { ...defaultsOf(experiment.parameters) };
    const params = this.#root.get('params', true);
    if (params === undefined) return values;
    if (!isMap(params)) throw this.#fault(this.#root, 'params', 'names and values');
    this.#checkKeys(params, Object.keys(experiment.parameters));
    for (const [name, parameter] of Object.entries(experiment.parameters)) {
      if (!params.has(name)) continue;
      try {
        values[name] = readParameter(name, parameter, this.#text(params, name));
      } catch (error) {
        if (!(error instanceof ParameterError)) throw error;
        throw this.#error(this.#placeOf(params, name), error.message);
      }
    }
    return values;
  }

  #commands(): readonly number[] | undefined {
    const list = this.#root.get('commands', true);
    if (list === undefined) return undefined;
    const places = isSeq(list)
      ? list.items.map((item) => (isScalar(item) ? item.value : item))
      : [];
    if (!isSeq(list) || !places.every((place) => Number.isSafeInteger(place))) {
      throw this.#fault(this.#root, 'commands', 'a list of places in the workload, from 0');
    }
    return places as number[];
  }

  #faults(nodes: readonly string[]): readonly Fault[] {
    const list = this.#root.get('faults', true);
    if (list === undefined) return [];
    if (!isSeq(list)) throw this.#fault(this.#root, 'faults', 'a list');
    return list.items.map((item) => {
      if (isMap(item)) return this.#oneFault(item, nodes);
      throw this.#error(startOf(item as Node), 'expected a fault, { at: 5ms, crash: {…} }');
    });
  }

  #oneFault(item: YAMLMap, nodes: readonly string[]): Fault {
    const kinds = Object.keys(FAULT_FIELDS);
    this.#checkKeys(item, ['at', ...kinds]);
    const kind = kinds.find((name) => item.has(name)) as keyof typeof FAULT_FIELDS | undefined;
    if (kind === undefined) throw this.#error(startOf(item), `expected one of ${kinds.join(', ')}`);
    const details = item.get(kind, true);
    const fields = FAULT_FIELDS[kind];
    if (!isMap(details)) throw this.#fault(item, kind, `{ ${fields.join(', ')} }`);
    this.#checkKeys(details, fields);
    const told = fields
      .filter((field) => details.has(field) || !OPTIONAL.includes(field))
      .map((field) => this.#field(details, field, nodes));
    return { kind, atNs: this.#duration(item, 'at'), ...Object.fromEntries(told) } as Fault;
  }

  #field(map: YAMLMap, field: string, nodes: readonly string[]): readonly [string, unknown] {
    if (field === 'by' || field === 'for') return [`${field}Ns`, this.#duration(map, field)];
    if (field === 'ppm') return [field, this.#ppm(map, field)];
    const value = map.get(field, true);
    if (field === 'groups') {
      const groups = isSeq(value) ? (value.toJSON() as unknown) : undefined;
      if (!Array.isArray(groups) || !groups.every(Array.isArray)) {
        throw this.#fault(map, field, 'lists of nodes');
      }
      const ids = (groups as unknown[][]).map((group) =>
        group.map((name) => this.#node(map, field, { name: String(name), nodes })),
      );
      return [field, ids];
    }
    if (OPTIONAL.includes(field)) return [field, isScalar(value) && value.value === true];
    if (field === 'nth') {
      const nth = isScalar(value) ? value.value : undefined;
      if (Number.isSafeInteger(nth) && Number(nth) > 0) return [field, nth];
      throw this.#fault(map, field, 'a whole number from 1');
    }
    return [field, this.#node(map, field, { name: this.#text(map, field), nodes })];
  }

  #ppm(map: YAMLMap, field: string): number {
    const value = Number(this.#text(map, field));
    if (Math.abs(value) <= MAX_PPM) return value;
    throw this.#fault(map, field, `parts per million, from -${MAX_PPM} to ${MAX_PPM}`);
  }

  #node(
    map: YAMLMap,
    field: string,
    { name, nodes }: { readonly name: string; readonly nodes: readonly string[] },
  ): number {
    const id = nodes.indexOf(name);
    if (id >= 0) return id;
    throw this.#fault(map, field, `one of the nodes ${nodes.join(', ')}${nearest(name, nodes)}`);
  }

  #checkKeys(map: YAMLMap, known: readonly string[]): void {
    for (const { key } of map.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (known.includes(name)) continue;
      const expected = `there is no '${name}' here${nearest(name, known)}`;
      throw this.#error(startOf(key as Node), `${expected}; expected ${known.join(', ')}`);
    }
  }

  #text(map: YAMLMap, key: string): string {
    const value = map.get(key, true);
    const told = isScalar(value) ? value.value : undefined;
    if (['string', 'number', 'boolean'].includes(typeof told)) return `${told as string | number}`;
    throw this.#fault(map, key, 'a value');
  }

  #duration(map: YAMLMap, key: string): number {
    try {
      const text = this.#text(map, key);
      // Only a clock is set back.
      const isBack = key === 'by' && text.startsWith('-') && !map.has('from');
      return isBack ? -parseDuration(text.slice(1) as Duration) : parseDuration(text as Duration);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw this.#fault(map, key, 'a duration such as 5ms, 2s, 1h');
    }
  }

  #fault(map: YAMLMap, key: string, expected: string): UsageError {
    return this.#error(this.#placeOf(map, key), `${key}: expected ${expected}`);
  }

  #placeOf(map: YAMLMap, key: string): number {
    const value = map.get(key, true) as Node | undefined;
    return value?.range?.[0] ?? startOf(map);
  }

  #error(offset: number, message: string): UsageError {
    const { line, col } = this.#lines.linePos(offset);
    return new UsageError(`${this.#file}:${line}:${col}: ${message}`);
  }
}

function startOf(node: Node | null | undefined): number {
  return node?.range?.[0] ?? 0;
}

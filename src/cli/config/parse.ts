/**
 * A configuration file, read whole: either a configuration, or everything that is wrong with it,
 * each problem with its place, what was expected there, and the key that was probably meant. Keys
 * are judged together only when each of them is right.
 */

import * as v from 'valibot';
import { parseDocument, type Document } from 'yaml';
import { failure, success, type Result } from '../../wire/result.ts';
import type { ZoneProblem } from '../../zone/problem.ts';
import type { Config } from './config.ts';
import { contradictionsIn, type Finding } from './consistency.ts';
import { schemaOf, type Schema } from './key.ts';
import { configuration } from './schema.ts';
import { ConfigSource } from './source.ts';

/** `lookFurther` finds what cannot be seen in the text alone. */
export function parseConfig(
  file: string,
  octets: Uint8Array,
  lookFurther: (config: Config) => readonly Finding[] = () => [],
): Result<Config, readonly ZoneProblem[]> {
  return parseYaml(file, octets, {
    schema: schemaOf(configuration),
    lookFurther: (config) => [...contradictionsIn(config), ...lookFurther(config)],
  });
}

export interface YamlReading<Value> {
  readonly schema: Schema<Value>;
  /** Changes what the text says before it is compared with the schema; and says what cannot be. */
  readonly prepare?: (said: unknown, report: (finding: Finding) => void) => unknown;
  readonly lookFurther?: (value: Value) => readonly Finding[];
}

/** Any YAML file that has a schema, with each problem at its place. */
export function parseYaml<Value>(
  file: string,
  octets: Uint8Array,
  reading: YamlReading<Value>,
): Result<Value, readonly ZoneProblem[]> {
  const { schema, prepare = (given) => given, lookFurther = () => [] } = reading;
  const source = new ConfigSource(file, octets);
  const document = parseDocument(source.text, { lineCounter: source.lines, prettyErrors: false });
  source.document = document;
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    source.report(pos, message, 'not-yaml');
  }
  if (source.problems.length > 0) return failure(source.problems);
  const said = valueOf(document, source);
  if (said === undefined) return failure(source.problems);
  const prepared = prepare(said, ({ path, message, code }) => {
    source.report(source.valueAt(path), message, code);
  });
  if (source.problems.length > 0) return failure(source.problems);
  const parsed = v.safeParse(schema, prepared);
  if (!parsed.success) {
    for (const issue of parsed.issues) reportIssue(issue, source);
    return failure(source.problems);
  }
  const value = parsed.output;
  for (const { path, message, code } of lookFurther(value)) {
    source.report(source.valueAt(path), message, code);
  }
  return source.problems.length === 0 ? success(value) : failure(source.problems);
}

/** Undefined when something is wrong, which has been reported. */
function valueOf(document: Document, source: ConfigSource): unknown {
  try {
    // An empty file says that everything is as it is by default.
    return document.toJS() ?? {};
  } catch (error) {
    // Aliases without an anchor, or so many that a small file would fill the memory.
    const message = error instanceof Error ? error.message : String(error);
    source.report([0, 0], message, 'not-yaml');
    return undefined;
  }
}

function reportIssue(issue: v.BaseIssue<unknown>, source: ConfigSource): void {
  const path = (issue.path ?? []).map(({ key }) => key);
  if (issue.path?.at(-1)?.origin !== 'key') {
    source.report(source.valueAt(path), `expected ${issue.message}`, 'bad-value');
  } else if (issue.type === 'raw_check') {
    source.report(source.keyAt(path), issue.message, 'unknown-key');
  } else {
    const message = `the key '${String(path.at(-1))}' is missing`;
    source.report(source.valueAt(path.slice(0, -1)), message, 'missing-key');
  }
}

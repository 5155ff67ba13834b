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
import { schemaOf } from './key.ts';
import { configuration } from './schema.ts';
import { ConfigSource } from './source.ts';

/** `lookFurther` finds what cannot be seen in the text alone. */
export function parseConfig(
  file: string,
  octets: Uint8Array,
  lookFurther: (config: Config) => readonly Finding[] = () => [],
): Result<Config, readonly ZoneProblem[]> {
  const source = new ConfigSource(file, octets);
  const document = parseDocument(source.text, { lineCounter: source.lines, prettyErrors: false });
  source.document = document;
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    source.report(pos, message, 'not-yaml');
  }
  if (source.problems.length > 0) return failure(source.problems);
  const said = valueOf(document, source);
  if (said === undefined) return failure(source.problems);
  const parsed = v.safeParse(schemaOf(configuration), said);
  if (!parsed.success) {
    for (const issue of parsed.issues) reportIssue(issue, source);
    return failure(source.problems);
  }
  const config = parsed.output;
  for (const { path, message, code } of [...contradictionsIn(config), ...lookFurther(config)]) {
    source.report(source.valueAt(path), message, code);
  }
  return source.problems.length === 0 ? success(config) : failure(source.problems);
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

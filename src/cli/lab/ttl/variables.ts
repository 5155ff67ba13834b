/**
 * `${name}` in scenarios and their zone files, replaced by what `vars`, a sweep or `--set` says.
 */

import { nearest } from '../nearest.ts';
import { UsageError } from '../usage-error.ts';

const VARIABLE = /\$\{([a-zA-Z][a-zA-Z0-9_]*)\}/g;

export type Variables = Readonly<Record<string, number | string>>;
type Path = readonly (string | number)[];

/** Throws `RangeError` for a variable that nobody set. */
export function substituteText(text: string, variables: Variables): string {
  return text.replaceAll(VARIABLE, (_whole, name: string) => {
    const value = variables[name];
    if (value === undefined) {
      throw new RangeError(`there is no variable '${name}': ${known(variables)}`);
    }
    return String(value);
  });
}

/** Throws `UsageError` when `--set` names what the scenario does not declare. */
export function checkSet(set: Variables, declared: Variables = {}): void {
  const names = Object.keys(declared);
  const wrong = Object.keys(set).find((name) => !names.includes(name));
  if (wrong === undefined) return;
  const meant = nearest(wrong, names);
  throw new UsageError(`--set: no variable is '${wrong}' there${meant}; ${known(declared)}`);
}

function known(variables: Variables): string {
  const names = Object.keys(variables);
  return names.length === 0 ? 'vars sets none' : `vars sets ${names.join(', ')}`;
}

/**
 * In every text of a tree. One that is a variable and nothing else becomes its value; one with a
 * variable that nobody set stays, and is reported.
 */
export function substitute(
  tree: unknown,
  variables: Variables,
  report: (path: Path, message: string) => void,
): unknown {
  const visit = (part: unknown, path: Path): unknown => {
    if (typeof part === 'string') return replaced(part, path);
    if (Array.isArray(part)) return part.map((one, index) => visit(one, [...path, index]));
    if (typeof part !== 'object' || part === null) return part;
    const pairs = Object.entries(part).map(([key, one]) => [key, visit(one, [...path, key])]);
    return Object.fromEntries(pairs);
  };
  const replaced = (text: string, path: Path): unknown => {
    try {
      return substituteValue(text, variables);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      report(path, error.message);
      return text;
    }
  };
  return visit(tree, []);
}

function substituteValue(text: string, variables: Variables): unknown {
  const replaced = substituteText(text, variables);
  const isWhole = /^\$\{[^}]*\}$/.test(text);
  return isWhole && /^-?\d+(\.\d+)?$/.test(replaced) ? Number(replaced) : replaced;
}

/** Of `--set NAME=VALUE`. */
export function variablesOf(set: readonly string[]): Variables {
  return Object.fromEntries(
    set.map((text) => {
      const [, name, value] = /^([a-zA-Z]\w*)=(.*)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) {
        throw new UsageError(`--set: expected NAME=VALUE, got '${text}'`);
      }
      return [name, value];
    }),
  );
}

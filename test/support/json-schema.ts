/**
 * As much of JSON Schema (draft 2020-12) as a schema of ours uses. A keyword that is not known here
 * is an error, so that nothing in a schema goes unread.
 */

type Schema = boolean | { readonly [keyword: string]: unknown };
type Properties = Readonly<Record<string, Schema>>;

const REMARKS = ['$schema', '$defs', 'title', 'description'];

/** Whether the value is as the schema says. Throws on a keyword that nothing here understands. */
export function isValid(root: Schema, value: unknown): boolean {
  const fits = (schema: Schema, part: unknown): boolean => {
    if (typeof schema === 'boolean') return schema;
    return Object.entries(schema).every(([keyword, wanted]) => {
      if (REMARKS.includes(keyword)) return true;
      const check = KEYWORDS[keyword];
      if (!check) throw new Error(`a keyword that is not understood: ${keyword}`);
      return check(wanted, part, { fits, schema, root });
    });
  };
  return fits(root, value);
}

interface Context {
  readonly fits: (schema: Schema, part: unknown) => boolean;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly root: Schema;
}
type Keyword = (wanted: unknown, part: unknown, context: Context) => boolean;

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  $ref: (wanted, part, { fits, root }) => {
    const [, name = ''] = /^#\/\$defs\/(\w+)$/.exec(String(wanted)) ?? [];
    const definitions = (root as { readonly $defs?: Properties }).$defs ?? {};
    const found = definitions[name];
    if (found === undefined) throw new Error(`there is no definition ${String(wanted)}`);
    return fits(found, part);
  },
  type: (wanted, part) => [wanted].flat().some((type) => isOfType(part, String(type))),
  const: (wanted, part) => part === wanted,
  enum: (wanted, part) => (wanted as readonly unknown[]).includes(part),
  pattern: (wanted, part) => typeof part !== 'string' || new RegExp(String(wanted)).test(part),
  minLength: (wanted, part) => typeof part !== 'string' || part.length >= Number(wanted),
  minimum: (wanted, part) => typeof part !== 'number' || part >= Number(wanted),
  maximum: (wanted, part) => typeof part !== 'number' || part <= Number(wanted),
  items: (wanted, part, { fits }) =>
    !Array.isArray(part) || part.every((item) => fits(wanted as Schema, item)),
  minItems: (wanted, part) => !Array.isArray(part) || part.length >= Number(wanted),
  maxItems: (wanted, part) => !Array.isArray(part) || part.length <= Number(wanted),
  minProperties: (wanted, part) => !isObject(part) || Object.keys(part).length >= Number(wanted),
  maxProperties: (wanted, part) => !isObject(part) || Object.keys(part).length <= Number(wanted),
  required: (wanted, part) =>
    !isObject(part) || (wanted as readonly string[]).every((name) => Object.hasOwn(part, name)),
  properties: (wanted, part, { fits }) =>
    !isObject(part) ||
    Object.entries(wanted as Properties).every(
      ([name, schema]) => !Object.hasOwn(part, name) || fits(schema, part[name]),
    ),
  additionalProperties: (wanted, part, { fits, schema }) => {
    if (!isObject(part)) return true;
    const known = Object.keys(schema['properties'] ?? {});
    const others = Object.keys(part).filter((name) => !known.includes(name));
    return others.every((name) => fits(wanted as Schema, part[name]));
  },
  propertyNames: (wanted, part, { fits }) =>
    !isObject(part) || Object.keys(part).every((name) => fits(wanted as Schema, name)),
  anyOf: (wanted, part, { fits }) =>
    (wanted as readonly Schema[]).some((schema) => fits(schema, part)),
  oneOf: (wanted, part, { fits }) =>
    (wanted as readonly Schema[]).filter((schema) => fits(schema, part)).length === 1,
};

function isOfType(part: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return isObject(part);
    case 'array':
      return Array.isArray(part);
    case 'integer':
      return Number.isInteger(part);
    default:
      return typeof part === type;
  }
}

function isObject(part: unknown): part is Readonly<Record<string, unknown>> {
  return typeof part === 'object' && part !== null && !Array.isArray(part);
}

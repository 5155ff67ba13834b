/**
 * Names that only some layers may use, because they reach past the ports: clocks, timers,
 * randomness, the process. And text case on names that are bytes, which merges distinct names.
 *
 * A use that is right all the same says so, with its reason, on its line or the line above:
 *
 *     // tidy-allow text-case: mnemonics of types are ASCII letters, not names
 */
import { layerOf } from './layers.ts';
import { isSyntax, lineAt, walk, type Breach, type Module, type Syntax } from './source.ts';

interface Ban {
  readonly rule: string;
  /** 'Date' for a global, 'Math.random' for its member, '.toLowerCase' for any object's method. */
  readonly names: readonly string[];
  /** Layers that may. */
  readonly except: readonly string[];
  readonly instead: string;
}

const BANS: readonly Ban[] = [
  {
    rule: 'clock',
    names: ['Date', 'performance'],
    except: ['net/real'],
    instead: 'use Runtime.clock',
  },
  {
    rule: 'timer',
    names: ['setTimeout', 'setInterval', 'AbortSignal.timeout'],
    except: ['net/real'],
    instead: 'use Runtime.clock.schedule',
  },
  {
    rule: 'timer',
    names: ['setImmediate'],
    except: ['net/real', 'sim'],
    instead: 'use Runtime.clock.schedule',
  },
  {
    rule: 'random',
    names: ['Math.random', 'crypto'],
    except: ['net/real'],
    instead: 'use Runtime.random',
  },
  {
    rule: 'network',
    names: ['fetch', 'WebSocket'],
    except: ['net/real'],
    instead: 'use Runtime.network',
  },
  {
    rule: 'process',
    names: ['process', 'console'],
    except: ['cli'],
    instead: 'let cli pass what is needed',
  },
  {
    rule: 'global',
    names: ['globalThis', 'global', 'require'],
    except: [],
    instead: 'name the global itself',
  },
  {
    rule: 'text-case',
    names: ['.toLowerCase', '.toUpperCase', '.toLocaleLowerCase', '.toLocaleUpperCase'],
    except: ['net', 'net/real', 'sim', 'server', 'app', 'lab', 'dig', 'cli'],
    instead: 'names are bytes: fold octets 0x41-0x5A only (RFC 4343 §3)',
  },
];

const ALLOWANCE = /^\s*tidy-allow ([a-z-]+): \S.{9,}/;

export function checkBans(modules: readonly Module[]): readonly Breach[] {
  return modules.flatMap((module) => {
    const layer = layerOf(module.path);
    const bans = BANS.filter(({ except }) => !except.includes(layer));
    return usesOf(module).flatMap(({ name, start }) =>
      bans
        .filter((ban) => ban.names.includes(name))
        .map(({ rule, instead }) => {
          const line = lineAt(module.text, start);
          return { file: module.path, line, rule, message: `no ${name} here: ${instead}` };
        })
        .filter(({ line, rule }) => !isAllowed(module, line, rule)),
    );
  });
}

interface Use {
  readonly name: string;
  readonly start: number;
}

/** Every name that a module mentions: 'x' for identifiers, 'a.b' and '.b' for members. */
function usesOf({ program }: Module): readonly Use[] {
  const labels = new Set<unknown>();
  const uses: Use[] = [];
  for (const node of walk(program)) {
    for (const label of labelsOf(node)) labels.add(label);
    if (node.type === 'Identifier' && !labels.has(node)) {
      uses.push({ name: String(node['name']), start: node.start });
    }
    const member = memberOf(node);
    if (member === undefined) continue;
    uses.push({ name: `.${member.name}`, start: member.start });
    const object = node['object'];
    if (isSyntax(object) && object.type === 'Identifier') {
      uses.push({ name: `${String(object['name'])}.${member.name}`, start: member.start });
    }
  }
  return uses;
}

/** Identifiers that only label something of somebody else: `x.Date`, `{ process: 1 }`. */
function labelsOf(node: Syntax): readonly unknown[] {
  if (node['computed'] === true) return [];
  if (node.type === 'MemberExpression') return [node['property']];
  if (node.type === 'TSQualifiedName') return [node['right']];
  if (node.type === 'ImportSpecifier' || node.type === 'ExportSpecifier') {
    return [node['imported'], node['exported']];
  }
  // A shorthand `{ process }` is key and value at once, and the value is what counts.
  return 'key' in node ? [node['key']] : [];
}

/** `x.name` and `x['name']`. */
function memberOf(node: Syntax): Use | undefined {
  if (node.type !== 'MemberExpression' || !isSyntax(node['property'])) return undefined;
  const property = node['property'];
  const name = node['computed'] === true ? property['value'] : property['name'];
  return typeof name === 'string' ? { name, start: property.start } : undefined;
}

function isAllowed({ comments }: Module, line: number, rule: string): boolean {
  return comments.some(
    (comment) =>
      (comment.line === line || comment.line === line - 1) &&
      ALLOWANCE.exec(comment.text)?.[1] === rule,
  );
}

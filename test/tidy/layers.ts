/**
 * The layer table as data, and the checker that reads every import against it. A new layer or a
 * new dependency is a row here and a decision record in `docs/adr`.
 */
import { posix } from 'node:path';
import type { Breach, Import, Module } from './source.ts';

interface Layer {
  /** Layers that may be imported; `types:x` allows only imports that the compiler erases. */
  readonly layers: readonly string[];
  readonly packages?: readonly string[];
  /** Built-in modules; '*' for all but the banned ones. */
  readonly builtins?: readonly string[];
}

const CORE = ['wire', 'net', 'zone', 'cache', 'dnssec', 'tsig', 'client', 'query'];
const SYSTEM = [...CORE, 'authority', 'resolver', 'server'];
const EVERYTHING = [...SYSTEM, 'app', 'sim', 'lab', 'dig', 'net/real'];

export const LAYERS: Readonly<Record<string, Layer>> = {
  wire: { layers: [] },
  net: { layers: ['wire'] },
  'net/real': { layers: ['net'], builtins: ['*'], packages: ['koffi'] },
  sim: { layers: ['net'], builtins: ['node:crypto'] },
  zone: { layers: ['wire'] },
  cache: { layers: ['wire', 'types:net'], packages: ['lru-cache'] },
  dnssec: { layers: ['wire'], builtins: ['node:crypto'] },
  tsig: { layers: ['wire'], builtins: ['node:crypto'] },
  client: { layers: ['wire', 'net', 'tsig'] },
  query: { layers: ['wire', 'types:net', 'tsig'], builtins: ['node:crypto', 'node:events'] },
  authority: {
    layers: ['wire', 'net', 'zone', 'dnssec', 'tsig', 'client', 'query'],
    builtins: ['node:crypto'],
  },
  resolver: { layers: ['wire', 'net', 'cache', 'dnssec', 'client', 'query'] },
  server: { layers: ['wire', 'net', 'query'] },
  app: { layers: SYSTEM },
  lab: { layers: ['app', 'sim', 'net', 'wire', 'client', 'zone'], builtins: ['node:crypto'] },
  dig: { layers: ['client', 'net', 'wire', 'dnssec', 'tsig'] },
  cli: {
    layers: EVERYTHING,
    packages: ['commander', 'pino', 'pino-pretty', 'valibot', 'vega', 'vega-lite', 'yaml'],
    builtins: ['*'],
  },
  // The public edge, src/index.ts: it only passes on what others export, the library's `dig` of
  // `cli`, which alone knows the machine, among it.
  index: { layers: [...EVERYTHING, 'cli'] },
};

/** Without state and without effect, so every layer may assert. */
const EVERYWHERE = ['node:assert', 'node:assert/strict'];
/** The world itself: only `net/real` touches it, every other layer goes through the ports. */
const REAL_ONLY = [
  'node:dgram',
  'node:net',
  'node:tls',
  'node:dns',
  'node:dns/promises',
  'node:http',
  'node:https',
  'node:http2',
  'node:timers',
  'node:timers/promises',
  'node:perf_hooks',
];
/** What `node:crypto` computes from its arguments alone. */
const PURE_CRYPTO = [
  'createHash',
  'createHmac',
  'createPrivateKey',
  'createPublicKey',
  'createSign',
  'createVerify',
  'hash',
  'sign',
  'timingSafeEqual',
  'verify',
];
/** The object shape of the JavaScript ecosystem: its types at one public edge, never its code. */
const TYPES_OF_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'dns-packet': ['src/wire/packet.ts', 'src/index.ts'],
};

export function checkLayers(modules: readonly Module[]): readonly Breach[] {
  if (modules.length === 0) throw new Error('the layer checker read no modules');
  return modules.flatMap((module) => {
    const layer = layerOf(module.path);
    if (!Object.hasOwn(LAYERS, layer)) {
      const message = `src/${layer} is no layer of the table`;
      return [{ file: module.path, line: 1, rule: 'layer', message }];
    }
    return module.imports.flatMap((wanted) => {
      const message = judge(module.path, wanted);
      return message === undefined
        ? []
        : [{ file: module.path, line: wanted.line, rule: 'layer', message }];
    });
  });
}

/** 'src/net/real/udp.ts' is of `net/real`, 'src/net/ports.ts' of `net`, 'src/index.ts' of `index`. */
export function layerOf(path: string): string {
  if (path.startsWith('src/net/real/')) return 'net/real';
  return (path.split('/')[1] ?? path).replace(/\.ts$/, '');
}

/** What is wrong with an import, if anything. */
function judge(path: string, wanted: Import): string | undefined {
  const { specifier } = wanted;
  if (specifier.startsWith('(')) return `${specifier} import: name the module in a string`;
  if (specifier.startsWith('node:')) return judgeBuiltin(path, wanted);
  if (!specifier.startsWith('.')) return judgePackage(path, wanted);
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith('src/')) return `${specifier} lies outside src`;
  return judgeLayer(path, layerOf(target), wanted.typeOnly);
}

function judgeLayer(path: string, to: string, typeOnly: boolean): string | undefined {
  const from = layerOf(path);
  const { layers } = LAYERS[from]!;
  if (from === to || layers.includes(to)) return undefined;
  if (!layers.includes(`types:${to}`)) return `${from} may not import ${to}`;
  return typeOnly ? undefined : `${from} may import only types from ${to}`;
}

function judgePackage(path: string, { specifier, typeOnly }: Import): string | undefined {
  const [scope = '', name = ''] = specifier.split('/');
  const wanted = scope.startsWith('@') ? `${scope}/${name}` : scope;
  const edges = TYPES_OF_PACKAGES[wanted];
  if (edges !== undefined) {
    if (!edges.includes(path)) return `${wanted} belongs to ${edges.join(' and ')}`;
    return typeOnly ? undefined : `${wanted}: only its types`;
  }
  const from = layerOf(path);
  return LAYERS[from]!.packages?.includes(wanted) === true
    ? undefined
    : `${from} may not import the package ${wanted}`;
}

function judgeBuiltin(path: string, { specifier, names, typeOnly }: Import): string | undefined {
  const from = layerOf(path);
  if (from === 'net/real' || EVERYWHERE.includes(specifier)) return undefined;
  if (REAL_ONLY.includes(specifier)) return `${specifier} belongs to net/real`;
  const builtins = LAYERS[from]!.builtins ?? [];
  if (!builtins.includes('*') && !builtins.includes(specifier)) {
    return `${from} may not import ${specifier}`;
  }
  if (specifier !== 'node:crypto' || typeOnly) return undefined;
  const random = names.filter((name) => !PURE_CRYPTO.includes(name));
  if (names.length > 0 && random.length === 0) return undefined;
  return `node:crypto ${random.join(', ')}: randomness belongs to net/real; import by name what is pure`;
}

/**
 * A recorded cache (`ts-dns ctl dump`, `src/cache/dump.ts`) that is put into a resolver of the
 * laboratory, and the smallest world around one: a root, the servers of one zone, the resolver.
 */

import { readFileSync } from 'node:fs';
import type { System } from '../../../app/system.ts';
import { DUMP_FORMAT, loadCache } from '../../../cache/dump.ts';
import type { LabInternet } from '../../../lab/ttl/internet.ts';
import type { ServerNode, TtlScenario } from '../../../lab/ttl/scenario.ts';
import { LAB_ROOT_ADDRESS, rootTextNaming, zoneOfText } from '../../../lab/ttl/zone-text.ts';
import { serversOf } from '../../../lab/ttl/zone-servers.ts';
import type { Question } from '../../../wire/record.ts';
import { parseType } from '../../../wire/iana.ts';
import { CommandError, failureReason } from '../../failure.ts';
import { readZone } from '../../zone-files.ts';
import { UsageError } from '../usage-error.ts';
import { questionOf } from './questions.ts';

export interface CacheDump {
  /** When it was written, by the wall clock. */
  readonly writtenMs: number;
  /** Of its records. */
  readonly questions: readonly Question[];
  /** Throws `CommandError` that names the line when it cannot be loaded. */
  loadInto(system: System, name: string, internet: LabInternet): void;
  /** With other times at which records are over, by the wall clock. */
  withExpiries(expiryMs: (question: Question, wasMs: number) => number): CacheDump;
}

export function readDump(file: string): CacheDump {
  try {
    return new DumpText(file, readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`cannot read ${file}: ${failureReason(error)}`, { cause: error });
  }
}

/** `records EXPIRY CREDIBILITY 1/2 OWNER TYPE RDATA`, live ones. */
const RECORDS = /^records (\d+) \d+ \d+\/\d+ (\S+) (\S+) /;

class DumpText implements CacheDump {
  readonly writtenMs: number;
  readonly #file: string;
  readonly #text: string;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    const [, written] = new RegExp(`^${DUMP_FORMAT} (\\d{1,15})\\n`).exec(text) ?? [];
    if (written === undefined) {
      throw new CommandError(`${file}:1: this is no dump of a cache, '${DUMP_FORMAT} …'`);
    }
    this.writtenMs = Number(written);
  }

  get questions(): readonly Question[] {
    const all = this.#text.split('\n').flatMap((line) => {
      const [, , owner = '', type = ''] = RECORDS.exec(line) ?? [];
      const isAddress = ['A', 'AAAA', 'CNAME', 'MX', 'TXT'].includes(type);
      const question = isAddress ? questionOf(`${owner} ${type}`) : '';
      return typeof question === 'string' ? [] : [question];
    });
    const once = new Map(all.map((one) => [`${one.type} ${one.name.key}`, one]));
    return [...once.values()];
  }

  loadInto(system: System, name: string, internet: LabInternet): void {
    const { resolver } = system;
    const { clock } = internet.host(name).runtime;
    const loaded = loadCache(resolver!.cache, this.#text, {
      clock,
      mayAsk: (address) => resolver!.mayAsk(address),
    });
    if (!loaded.ok) throw new CommandError(`${this.#file}: ${loaded.error}`);
  }

  withExpiries(expiryMs: (question: Question, wasMs: number) => number): CacheDump {
    const lines = this.#text.split('\n').map((line) => {
      const [, expiry = '', owner = '', typeName = ''] = RECORDS.exec(line) ?? [];
      const question = parseType(typeName) === undefined ? '' : questionOf(`${owner} ${typeName}`);
      if (typeof question === 'string') return line;
      const moved = Math.max(0, Math.floor(expiryMs(question, Number(expiry))));
      return line.replace(` ${expiry} `, ` ${moved} `);
    });
    return new DumpText(this.#file, lines.join('\n'));
  }
}

/** Without a zone nobody answers there, not even a root: the cache is all there is. */
export async function worldAround(zoneFile: string | undefined): Promise<TtlScenario> {
  return {
    ...{ name: 'a recorded cache', seed: '1', durationMs: 0 },
    servers: zoneFile === undefined ? [SILENT_ROOT] : await serversWith(zoneFile),
    resolvers: [{ name: 'resolver', address: '203.0.113.1', servesStale: false, prefetch: false }],
    populations: [{ name: 'clients', count: 1, resolver: 'resolver' }],
    ...{ links: [], workload: [] },
    events: zoneFile === undefined ? [{ kind: 'crash', atMs: 0, nodes: [SILENT_ROOT.name] }] : [],
  };
}

const SILENT_ROOT: ServerNode = {
  name: 'nobody',
  address: LAB_ROOT_ADDRESS,
  zones: [
    zoneOfText(
      '$ORIGIN .\n@ 1 SOA a.root-servers.net. h.root-servers.net. 1 1 1 1 1\n' +
        `@ 1 NS a.root-servers.net.\na.root-servers.net. 1 A ${LAB_ROOT_ADDRESS}\n`,
    ),
  ],
};

async function serversWith(file: string): Promise<readonly ServerNode[]> {
  const zone = await readZone({ file, origin: undefined });
  const servers = serversOf(zone).filter(({ addresses }) => addresses.length > 0);
  if (servers.length === 0) {
    throw new UsageError(`--zone: ${file} gives none of its name servers an address`);
  }
  const root = zoneOfText(rootTextNaming(zone.origin, { servers, ttl: 172_800 }));
  const names = servers.map(({ name }) => name.toString().split('.')[0] ?? '');
  return [
    { name: 'root', address: LAB_ROOT_ADDRESS, zones: [root] },
    ...servers.map(({ name, addresses }, index) => {
      const short = names[index]!;
      const isUnique = names.filter((one) => one === short).length === 1;
      return {
        name: isUnique ? short : name.toString(),
        address: addresses[0]!,
        zones: [zone],
      };
    }),
  ];
}

/** `internet.json`: which servers the embedded internet has, and what each of them serves. */

import { join } from 'node:path';
import { addressFamily } from '../net/address.ts';
import { CommandError } from './failure.ts';
import { readOctets } from './zone-files.ts';

export interface InternetMap {
  readonly port: number;
  /** The address of the resolver. */
  readonly resolver: string;
  /** A file of the same folder. */
  readonly rootHints: string;
  readonly servers: readonly {
    readonly name: string;
    readonly address: string;
    /** Files of the same folder. */
    readonly zones: readonly string[];
  }[];
}

/** Throws `CommandError` that names the member which is missing or wrong. */
export async function readInternetMap(folder: string): Promise<InternetMap> {
  const file = join(folder, 'internet.json');
  const text = new TextDecoder().decode(await readOctets(file));
  const fail = (problem: string): never => {
    throw new CommandError(`${file}: ${problem}`);
  };
  const json = parseJson(text, fail);
  if (!isObject(json)) return fail('expected an object');
  const { port, resolver, rootHints, servers } = json;
  if (!isPort(port)) return fail("'port' must be a port from 1 to 65535");
  if (!isAddress(resolver)) return fail("'resolver' must be an IP address");
  if (typeof rootHints !== 'string') return fail("'rootHints' must name a file");
  if (!Array.isArray(servers)) return fail("'servers' must be a list");
  return {
    port,
    resolver,
    rootHints,
    servers: servers.map((server, i) => readServer(server, i, fail)),
  };
}

type Fail = (problem: string) => never;

function readServer(server: unknown, index: number, fail: Fail): InternetMap['servers'][number] {
  const place = `servers[${index}]`;
  if (!isObject(server)) return fail(`'${place}' must be an object`);
  const { name, address, zones } = server;
  if (typeof name !== 'string') return fail(`'${place}.name' must be the server's name`);
  if (!isAddress(address)) return fail(`'${place}.address' must be an IP address`);
  const isFiles = Array.isArray(zones) && zones.every((zone) => typeof zone === 'string');
  if (!isFiles) return fail(`'${place}.zones' must be a list of files`);
  return { name, address, zones };
}

function parseJson(text: string, fail: Fail): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65536;
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && addressFamily(value) !== undefined;
}

/**
 * Whom to ask: the address or name behind '@', or the servers of `/etc/resolv.conf`. Names that
 * `/etc/hosts` does not know are resolved through the latter by ts-dig's own questions for A and
 * AAAA, since the machine's resolver is what is often being examined. `localhost` is known
 * (RFC 6761 §6.3).
 */

import { bytesToAddress, canonicalEndpointAddress, endpointFamily } from '../net/address.ts';
import { DnsClass, RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { DnsName } from '../wire/name.ts';
import { octetsOf, parseName } from '../wire/name-text.ts';
import { failure, success, type Result } from '../wire/result.ts';
import { ask, isReply, type AskContext } from './ask.ts';
import { addressesInHosts } from './hosts-file.ts';
import { defaultSettings, portFor, type Globals, type Settings } from './settings.ts';
import { readShortAddress } from './short-address.ts';
import type { Server } from './transports.ts';

export interface ServerContext extends AskContext {
  readonly globals: Globals;
  /** Addresses of the system's resolvers, at least one. */
  readonly nameServers: readonly string[];
  /** The text of `/etc/hosts`; undefined where it cannot be read. */
  readonly readHosts: () => string | undefined;
  /** Of names behind '@', which every line of a batch file may repeat; by family and name. */
  readonly knownAddresses: Map<string, readonly string[]>;
}

/** Addresses of one name, at most: as many as any sensible name server has. */
const MAX_ADDRESSES = 16;
const DNS_PORT = 53;

/**
 * The servers of a lookup; none when each was an IPv4 address and `-6` rules them out. The error is
 * a sentence.
 */
export async function findServers(
  context: ServerContext,
  { servers: names, transport }: Pick<Settings, 'servers' | 'transport'>,
): Promise<Result<readonly Server[], string>> {
  const defaultPort = portFor(context.globals, transport);
  if (names.length === 0) return systemServers(context, defaultPort);
  const servers: Server[] = [];
  for (const name of names) {
    const found = await serversBehind(context, name, defaultPort);
    if (!found.ok) return found;
    servers.push(...found.value);
  }
  return success(servers);
}

function systemServers(
  { globals, nameServers }: ServerContext,
  defaultPort: number,
): Result<readonly Server[], string> {
  const usable = ofFamily(nameServers, globals.family);
  if (usable.length === 0) return failure(`no name server of the system is IPv${globals.family}`);
  return success(usable.map((address) => serverAt(defaultPort, address)));
}

/** The servers that one '@server' stands for; none for an IPv4 address with `-6`. */
export async function serversBehind(
  context: ServerContext,
  server: string,
  defaultPort: number,
): Promise<Result<readonly Server[], string>> {
  const { globals } = context;
  const [, host = server, ownPort] = /^(.*)#([0-9]{1,5})$/.exec(server) ?? [];
  const label = host;
  const port = ownPort === undefined ? defaultPort : Number(ownPort);
  const literal = canonicalEndpointAddress(host) ?? readShortAddress(host);
  if (literal !== undefined) {
    if (ofFamily([literal], globals.family).length === 0) {
      if (globals.family === 6) {
        // dig has turned it into an IPv6 address before it finds that it cannot be used.
        context.output.remark(`Skipping mapped address '::ffff:${literal}'`);
        return success([]);
      }
      return failure(`couldn't get address for '${server}': address family not supported`);
    }
    return success([serverAt(port, literal, label)]);
  }
  const name = parseName(octetsOf(host), DnsName.root);
  if (!name.ok) return failure(`couldn't get address for '${server}': not found`);
  const addresses = await resolveAddresses(context, name.value);
  if (addresses.length === 0) return failure(`couldn't get address for '${server}': not found`);
  return success(addresses.map((address) => serverAt(port, address, label)));
}

/** Of a name behind '@'; empty when there are none or nobody answers. */
async function resolveAddresses(context: ServerContext, name: DnsName): Promise<readonly string[]> {
  const key = `${context.globals.family} ${name.key}`;
  const known = context.knownAddresses.get(key);
  if (known) return known;
  const found = await findAddresses(context, name);
  // Who was not found may be found when the next line asks.
  if (found.length > 0) context.knownAddresses.set(key, found);
  return found;
}

async function findAddresses(context: ServerContext, name: DnsName): Promise<readonly string[]> {
  const { family } = context.globals;
  const listed = ofFamily(addressesInHosts(context.readHosts() ?? '', name), family);
  if (listed.length > 0) return listed.slice(0, MAX_ADDRESSES);
  if (isLocalhost(name)) return ofFamily(['127.0.0.1', '::1'], family);
  const servers = context.nameServers.map((address) => serverAt(DNS_PORT, address));
  return askForAddresses(context, name, { servers, settings: defaultSettings });
}

/** Asks `servers` for the addresses of a name. */
export async function askForAddresses(
  context: ServerContext,
  name: DnsName,
  options: { readonly servers: readonly Server[]; readonly settings: Settings },
): Promise<readonly string[]> {
  const { family } = context.globals;
  const addresses: string[] = [];
  for (const type of [RRType.A, RRType.AAAA]) {
    if (family !== undefined && family !== FAMILY_OF.get(type)) continue;
    const outcome = await ask(context, { name, type, class: DnsClass.IN }, options);
    // Nobody answered: asking for the other family would only double the wait.
    if (!isReply(outcome)) break;
    addresses.push(...addressesIn(outcome.message.answers));
  }
  return addresses.slice(0, MAX_ADDRESSES);
}

/** The addresses among records, of `name` only when it is given. */
export function addressesIn(records: Message['answers'], name?: DnsName): readonly string[] {
  return records
    .filter((record) => name === undefined || record.name.equals(name))
    .filter(({ type, class: dnsClass, rdata }) => {
      return dnsClass === DnsClass.IN && rdata.length === ADDRESS_OCTETS.get(type);
    })
    .map(({ rdata }) => bytesToAddress(rdata));
}

export function ofFamily(
  addresses: readonly string[],
  family: Globals['family'],
): readonly string[] {
  return addresses.filter((address) => family === undefined || endpointFamily(address) === family);
}

export function serverAt(port: number, address: string, label: string = address): Server {
  return { endpoint: { address, port }, label };
}

const FAMILY_OF: ReadonlyMap<number, number> = new Map([
  [RRType.A, 4],
  [RRType.AAAA, 6],
]);
const ADDRESS_OCTETS: ReadonlyMap<number, number> = new Map([
  [RRType.A, 4],
  [RRType.AAAA, 16],
]);

function isLocalhost(name: DnsName): boolean {
  return name.key === '\x09localhost\x00';
}

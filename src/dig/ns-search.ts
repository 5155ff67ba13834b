/**
 * `+nssearch`: asks for the name servers of a zone, and each of them, all at the same time, for the
 * zone's SOA, so that one sees who lags behind. Replies are shown as they come. As with dig, a name
 * without name servers of its own shows nothing.
 */

import { DnsClass, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import { ask, isReply, type Reply } from './ask.ts';
import { nameText, type Failure } from './failures.ts';
import { report, reportTrailer, type ReportContext } from './report.ts';
import { serversBehind, type ServerContext } from './servers.ts';
import { portFor, type Settings } from './settings.ts';
import type { Server } from './transports.ts';

/** Name servers of one zone that are asked: the root has thirteen. */
const MAX_NAME_SERVERS = 32;

/** How the search ended; with a failure of 'no connection' the user has been told. */
export type Searched = Failure | 'nobody to ask' | undefined;

/** `servers` are those of the configuration. */
export async function searchNameServers(
  context: ServerContext & ReportContext,
  name: DnsName,
  { servers, settings }: { readonly servers: readonly Server[]; readonly settings: Settings },
): Promise<Searched> {
  const { output, globals } = context;
  const question = { name, type: RRType.NS, class: DnsClass.IN };
  const first = await ask(context, question, { servers, settings });
  if (!isReply(first)) return first;
  if (!globals.short) reportTrailer(context, first, settings);
  const names = nameServersIn(first);
  if (names.length === 0) return undefined;
  const found = await findAll(context, names, portFor(globals, settings.transport));
  if (found.length === 0) return 'nobody to ask';
  const soa = { ...question, type: RRType.SOA };
  const own: Settings = { ...settings, type: RRType.SOA, rd: false };
  const heard = await Promise.all(
    found.map(async (server) => {
      const outcome = await ask(context, soa, { servers: [server], settings: own });
      if (isReply(outcome)) report(context, outcome, own);
      return isReply(outcome);
    }),
  );
  if (heard.some(Boolean)) return undefined;
  output.fail('NS servers could not be reached');
  return { kind: 'no connection' };
}

/** Of the name, or else of the zone above that a server refers to. */
function nameServersIn({ message }: Reply): readonly string[] {
  const { answers, authorities } = message;
  const isNegative = authorities.some(({ type }) => type === RRType.SOA);
  const own = answers.filter(({ type }) => type === RRType.NS);
  const referred = isNegative ? [] : authorities.filter(({ type }) => type === RRType.NS);
  return (own.length > 0 ? own : referred)
    .flatMap(({ type, rdata }) => namesIn(type, rdata))
    .slice(0, MAX_NAME_SERVERS)
    .map((name) => nameText(name));
}

async function findAll(
  context: ServerContext,
  names: readonly string[],
  port: number,
): Promise<readonly Server[]> {
  const servers: Server[] = [];
  for (const name of names) {
    const found = await serversBehind(context, name, port);
    if (found.ok) servers.push(...found.value);
    else context.output.say(`${found.error}\n`);
  }
  if (servers.length === 0) {
    context.output.complain(`couldn't get address for '${names.at(-1)}': no more`);
  }
  return servers;
}

/**
 * The lookups of a command line, one after the other: servers, names of the search list, banner,
 * reply or failure.
 */

import { DnsName } from '../wire/name.ts';
import { Rcode } from '../wire/iana.ts';
import type { Question } from '../wire/record.ts';
import { ask, isReply } from './ask.ts';
import { colouredStreams } from './colours.ts';
import { askAll, reportComparison } from './compare.ts';
import type { DigContext } from './dig.ts';
import type { Failure } from './failures.ts';
import { failureJson, printJson, replyJson } from './json.ts';
import { createMeans, type Means } from './means.ts';
import { beginSearch, type SearchStep } from './name-search.ts';
import { searchNameServers } from './ns-search.ts';
import { Output, type Streams } from './output.ts';
import { ExitStatus } from './reading.ts';
import { report as reportReply, reportMessage, reportTrailer } from './report.ts';
import type { SystemConfiguration } from './resolv-conf.ts';
import { findServers } from './servers.ts';
import type { Globals, Greeting, Lookup, Settings } from './settings.ts';
import { trace, type TraceContext } from './trace.ts';
import { askForTransfer, isTransfer } from './transfer.ts';
import type { TraceStep } from './trace-step.ts';
import type { Server } from './transports.ts';
import { reportQuery } from './view.ts';
import { watch, type WatchContext } from './watch.ts';

export interface Run {
  readonly context: DigContext;
  readonly system: SystemConfiguration;
  /** Of the last lookup, as with dig; undefined while nobody was asked. */
  status: number | undefined;
  readonly shared: Shared;
}

/** What the lookups of a program share. */
export interface Shared {
  /** Made for the first lookup. */
  means: Means | undefined;
  /** Of the lookup before: the next one has the same globals more often than not. */
  context: SharedContext | undefined;
  readonly knownAddresses: SharedContext['knownAddresses'];
}

type LookupContext = TraceContext & WatchContext;
/** What does not depend on where a lookup prints. */
type SharedContext = Omit<LookupContext, 'output' | 'showQuery' | 'showReply'>;

/** Where lookups print, and what holds for all of them. */
export interface Circumstances {
  readonly globals: Globals;
  readonly streams: Streams;
  /** They stand on one line of a batch file, of which a wrong server spoils no more. */
  readonly isLine?: boolean;
}

/** Returns whether the run is over: something cannot be, whatever else there is to do. */
export async function runLookups(
  run: Run,
  lookups: readonly Lookup[],
  circumstances: Circumstances,
): Promise<boolean> {
  const prepared: { readonly lookup: Lookup; readonly servers: readonly Server[] }[] = [];
  const context = await contextOf(run, circumstances);
  if (run.shared.means?.isKeyFatal === true) {
    run.status = ExitStatus.usage;
    return true;
  }
  for (const lookup of lookups) {
    const servers = await findServers(context, lookup.settings);
    if (!servers.ok) return !passesOver(run, servers.error, circumstances);
    prepared.push({ lookup, servers: servers.value });
  }
  for (const { lookup, servers } of prepared) {
    if (await runLookup(context, { run, lookup, servers })) return true;
  }
  return false;
}

/** Whether the servers that all lines of a batch share are there; complains when they are not. */
export async function hasServers(
  run: Run,
  settings: Pick<Settings, 'servers' | 'transport'>,
  circumstances: Circumstances,
): Promise<boolean> {
  const servers = await findServers(await contextOf(run, circumstances), settings);
  return servers.ok || passesOver(run, servers.error, circumstances);
}

/** Says that a server is not there, and whether anything comes after that. */
function passesOver(run: Run, error: string, { isLine, streams }: Circumstances): boolean {
  if (isLine === true) {
    streams.writeError(`${error}: skipping lookup\n`);
    return true;
  }
  streams.writeError(`ts-dig: ${error}\n`);
  run.status = ExitStatus.usage;
  return false;
}

async function contextOf(run: Run, circumstances: Circumstances): Promise<LookupContext> {
  const { globals, streams } = circumstances;
  const shared =
    run.shared.context?.globals === globals
      ? run.shared.context
      : await sharedContextOf(run, globals);
  run.shared.context = shared;
  // Field by field: spread, it takes as long as printing a reply.
  const context: LookupContext = {
    transports: shared.transports,
    key: shared.key,
    isKeyUnused: shared.isKeyUnused,
    cookie: shared.cookie,
    clock: shared.clock,
    runtime: shared.runtime,
    globals,
    nameServers: shared.nameServers,
    readHosts: shared.readHosts,
    knownAddresses: shared.knownAddresses,
    interruption: shared.interruption,
    toPacket: shared.toPacket,
    toUnicode: shared.toUnicode,
    formatTime: shared.formatTime,
    formatTimestamp: shared.formatTimestamp,
    output: new Output(looksOf(run.context, globals, streams), globals),
    showQuery: (sent, settings) => reportQuery(context, sent, settings),
    showReply: (reply, settings) => reportReply(context, reply, settings),
  };
  return context;
}

async function sharedContextOf(run: Run, globals: Globals): Promise<SharedContext> {
  const { context, system, shared } = run;
  shared.means ??= createMeans(context, globals);
  return {
    ...shared.means,
    clock: context.runtime.clock,
    runtime: context.runtime,
    globals,
    nameServers: system.nameServers,
    readHosts: () => context.readHosts(),
    knownAddresses: shared.knownAddresses,
    interruption: context.interruption,
    toPacket: globals.json ? await context.loadToPacket() : undefined,
    toUnicode: (name) => context.toUnicode(name),
    formatTime: (wallMs) => context.formatTime(wallMs),
    formatTimestamp: (wallMs) => context.formatTimestamp(wallMs),
  };
}

async function runLookup(context: LookupContext, asking: Asking): Promise<boolean> {
  const { run, lookup, servers } = asking;
  const { globals } = context;
  const banner = bannerOf(lookup.greeting, run.context.version, servers);
  const { trace: isTraced, traceForm } = lookup.settings;
  context.output.begin(banner, isTraced && traceForm === 'dot');
  if (servers.length === 0) {
    // Nobody was asked, so nobody was silent: dig's exit status is what it was.
    context.output.remark('No acceptable nameservers');
    return false;
  }
  const { settings } = lookup;
  const text = settings.idnIn ? asciiName(run, lookup.name) : lookup.name;
  let step: SearchStep | undefined = beginSearch(text, {
    usesSearchList: (globals.usesSearchList || globals.domain !== undefined) && !settings.trace,
    domains: globals.domain === undefined ? run.system.search : [globals.domain],
    ndots: globals.ndots,
  });
  while (step) {
    if (!step.name.ok) {
      context.output.complain(step.name.error.text);
      run.status = step.name.error.status;
      return true;
    }
    step = await askFor(context, asking, step);
    // dig's habit: every reply that is shown has the banner above it.
    if (step && globals.showsSearch) context.output.holdBanner(banner);
  }
  return false;
}

interface Asking {
  readonly run: Run;
  readonly lookup: Lookup;
  readonly servers: readonly Server[];
}

/** Returns the step after this one, when the name does not exist and there is another. */
async function askFor(
  context: LookupContext,
  { run, lookup, servers }: Asking,
  step: SearchStep,
): Promise<SearchStep | undefined> {
  const { settings } = lookup;
  const name = step.name.ok ? step.name.value : DnsName.root;
  const question = { name, type: settings.type, class: settings.class };
  const asked: Asked = { question, servers, settings };
  const other = otherWay(settings);
  if (other) {
    settleStatus(context, run, { ...asked, ...(await other(context, run, asked)) });
    return undefined;
  }
  const outcome = await ask(context, question, { servers, settings });
  if (!isReply(outcome)) {
    settleStatus(context, run, { ...asked, failure: outcome });
    return undefined;
  }
  run.context.onReply?.(outcome, settings);
  run.status = ExitStatus.reply;
  const { rcode } = outcome.message;
  if (rcode !== Rcode.NXDOMAIN || !step.isSearching) {
    reportMessage(context, outcome, settings);
    if (isTrailed(step, rcode)) reportTrailer(context, outcome, settings);
    return undefined;
  }
  const next = step.next();
  if (!next || context.globals.showsSearch) reportReply(context, outcome, settings);
  // dig's habit: what was asked as it was typed gets its statistics in any case.
  if (isTrailed(step, rcode)) reportTrailer(context, outcome, settings);
  return next;
}

function isTrailed({ domain }: SearchStep, rcode: number): boolean {
  return rcode === Rcode.NOERROR || domain === undefined;
}

/** What a lookup asked, and whom. */
interface Asked {
  readonly question: Question;
  readonly servers: readonly Server[];
  readonly settings: Settings;
}

/** How a lookup ended. */
interface Ending {
  /** Undefined where there was a reply. */
  readonly failure: Failure | undefined;
  /** Undefined: what the failure stands for. */
  readonly status?: number;
  readonly steps?: readonly TraceStep[];
}

/** What is more than one question and its reply. */
function otherWay(
  settings: Settings,
): ((context: LookupContext, run: Run, asked: Asked) => Promise<Ending>) | undefined {
  if (settings.trace) return runTrace;
  if (settings.nsSearch) return runNsSearch;
  if (isTransfer(settings)) {
    return async (context, _run, { question, ...asked }) => {
      return { failure: await askForTransfer(context, question, asked) };
    };
  }
  if (settings.compares) return runComparison;
  return settings.watchSeconds === undefined ? undefined : runWatch;
}

async function runTrace(context: LookupContext, run: Run, asked: Asked): Promise<Ending> {
  const { question, servers, settings } = asked;
  const { steps, reply } = await trace(context, { name: question.name, settings }, servers);
  if (!reply) return { failure: { kind: 'no reply' }, steps };
  run.context.onReply?.(reply, settings, steps);
  const { toPacket, output } = context;
  if (toPacket) output.print(printJson(replyJson(reply, settings, { toPacket, steps })));
  return { failure: undefined };
}

async function runNsSearch(context: LookupContext, _run: Run, asked: Asked): Promise<Ending> {
  const searched = await searchNameServers(context, asked.question.name, asked);
  if (searched !== 'nobody to ask') return { failure: searched };
  return { failure: { kind: 'no connection' }, status: ExitStatus.usage };
}

async function runWatch(context: LookupContext, _run: Run, asked: Asked): Promise<Ending> {
  const isAnswered = await watch(context, asked.question, asked);
  return { failure: isAnswered ? undefined : { kind: 'no reply' } };
}

async function runComparison(context: LookupContext, _run: Run, asked: Asked): Promise<Ending> {
  const compared = await askAll(context, asked.question, asked);
  reportComparison(context, asked.question, { compared, settings: asked.settings });
  const isAnswered = compared.some(({ reply }) => reply !== undefined);
  return { failure: isAnswered ? undefined : { kind: 'no reply' } };
}

function settleStatus(context: TraceContext, run: Run, end: Asked & Ending): void {
  const { output, globals } = context;
  const { failure, question, servers, steps } = end;
  // As dig, for which a server that proves not to be the right one was there all the same.
  const isSilent = failure !== undefined && failure.kind !== 'given up';
  run.status = end.status ?? (isSilent ? ExitStatus.noReply : ExitStatus.reply);
  if (!failure) return;
  if (globals.json) {
    const message = failure.kind === 'given up' ? failure.why : NO_SERVERS;
    const attempts = output.remarks.filter((remark) => remark !== NO_SERVERS);
    output.print(printJson(failureJson(question, servers, { message, attempts, steps })));
  }
  if (failure.kind !== 'no reply') return;
  output.releaseBanner(true);
  output.fail(NO_SERVERS);
}

const NO_SERVERS = 'no servers could be reached';

/** With colours for people; what programs read stays plain. */
function looksOf(
  { usesColours = false }: DigContext,
  { json, yaml, short }: Globals,
  streams: Streams,
): Streams {
  return usesColours && !json && !yaml && !short ? colouredStreams(streams) : streams;
}

/** What is no name in Unicode is taken as it is. */
function asciiName({ context }: Run, name: string): string {
  // ASCII keeps its letter case; and of what has a meaning in URLs, `toAscii` would take a part.
  // eslint-disable-next-line no-control-regex -- the octets of ASCII are meant.
  if (/^[\x00-\x7f]*$|[/?#%@:\\[\]]/.test(name)) return name;
  return context.toAscii(name) ?? name;
}

function bannerOf(
  greeting: Greeting | undefined,
  version: string,
  servers: readonly Server[],
): string {
  if (!greeting) return '';
  const { isFirst, isShort, words, server } = greeting;
  const line = `; <<>> ts-dig ${version} <<>>${words.map((word) => ` ${word}`).join('')}\n`;
  if (!isFirst) return line;
  const found = servers.filter(({ label }) => label === server);
  // A server may have been named twice, and an address may not be of the family that is wanted.
  const count = Math.max(1, new Set(found.map(({ endpoint }) => endpoint.address)).size);
  return [
    `\n${line}`,
    server === undefined ? '' : `; (${count} server${count === 1 ? '' : 's'} found)\n`,
    `;; global options:${isShort ? ' +short' : ''} +cmd\n`,
  ].join('');
}

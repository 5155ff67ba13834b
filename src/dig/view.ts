/** What a message is shown with beside itself: how it travelled, what its cookie proves. */

import type { Clock, Endpoint } from '../net/ports.ts';
import { decodeMessage } from '../wire/decode.ts';
import { EdnsOption } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { Reply, Sent } from './ask.ts';
import { judgeCookie, type JudgedCookie } from './cookie-verdict.ts';
import type { Output } from './output.ts';
import { printMessage, type View } from './print-message.ts';
import type { CookieVerdict } from './print-options.ts';
import { printYaml, type Journey } from './print-yaml.ts';
import type { Globals, Settings } from './settings.ts';

export interface ViewContext {
  readonly clock: Clock;
  readonly globals: Pick<
    Globals,
    'short' | 'json' | 'yaml' | 'showsCommand' | 'splitWidth' | 'localAddress'
  >;
  readonly toUnicode: (name: string) => string;
  /** '2026-11-22T10:31:32.123Z'. */
  readonly formatTimestamp: (wallMs: number) => string;
}

export function viewOf(
  { globals, toUnicode }: Pick<ViewContext, 'globals' | 'toUnicode'>,
  { idnOut }: Pick<Settings, 'idnOut'>,
  {
    cookie,
    leniency,
  }: { readonly cookie?: CookieVerdict | undefined } & Pick<Reply, 'leniency'> = {},
): View {
  const { splitWidth } = globals;
  const { counts, extraOctets } = leniency ?? {};
  return { splitWidth, toUnicode: idnOut ? toUnicode : undefined, cookie, counts, extraOctets };
}

export function judgeReply(reply: Reply, { cookie }: Settings): JudgedCookie {
  const { edns } = reply.message;
  const hasCookie = edns?.options.some(({ code }) => code === EdnsOption.COOKIE) === true;
  if (!hasCookie && (edns || cookie === undefined)) return { verdict: undefined, warnings: [] };
  const query = decodeMessage(reply.query);
  if (!query.ok) return { verdict: undefined, warnings: [] };
  return judgeCookie(query.value, reply.message, cookie !== undefined);
}

/** The query as it leaves (`+qr`). */
export function reportQuery(
  context: ViewContext & { readonly output: Output },
  { octets, server, local }: Sent,
  settings: Settings,
): void {
  const { output, globals } = context;
  const query = decodeMessage(octets);
  if (!query.ok || globals.json) return;
  output.releaseBanner(globals.showsCommand && !globals.short);
  const view = { ...viewOf(context, settings), isQuery: true };
  const message = settings.padding > 0 ? withoutPadding(query.value) : query.value;
  if (globals.yaml) {
    const journey: Journey = {
      queryTime: timestampsOf(context, settings)(context.clock.wall()),
      size: octets.length,
      protocol: settings.transport === 'udp' ? 'UDP' : 'TCP',
      server,
      client: clientOf(globals, server, local),
    };
    output.print(printYaml(message, settings, { ...view, journey }));
    return;
  }
  if (!globals.short) output.print(printMessage(message, settings, view));
  if (settings.showsStats) output.print(`;; QUERY SIZE: ${octets.length}\n\n`);
}

/** dig shows the option before it knows how long it will be. */
function withoutPadding(message: Message): Message {
  const { edns } = message;
  if (!edns) return message;
  const options = edns.options.map(({ code, data }) => {
    return { code, data: code === EdnsOption.PADDING ? data.subarray(0, 0) : data };
  });
  return { ...message, edns: { ...edns, options } };
}

export function journeyOf(context: ViewContext, reply: Reply, settings: Settings): Journey {
  const end = context.clock.wall();
  const server = reply.from.endpoint;
  const timestamp = timestampsOf(context, settings);
  return {
    queryTime: timestamp(end - reply.rttMs),
    responseTime: timestamp(end),
    size: reply.octets.length,
    protocol: reply.via === 'udp' ? 'UDP' : 'TCP',
    server,
    client: clientOf(context.globals, server, reply.local),
  };
}

function timestampsOf(
  { formatTimestamp }: ViewContext,
  { microseconds }: Settings,
): (wallMs: number) => string {
  return (wallMs) => {
    const text = formatTimestamp(Math.floor(wallMs));
    if (!microseconds) return text;
    const rest = Math.floor((wallMs % 1) * 1000);
    return text.replace('Z', `${String(rest).padStart(3, '0')}Z`);
  };
}

/** dig tells the address that it asked the system for, which is none unless '-b' names one. */
function clientOf(
  { localAddress }: Pick<Globals, 'localAddress'>,
  server: Endpoint,
  local: Endpoint,
): Endpoint {
  const any = server.address.includes(':') ? '::' : '0.0.0.0';
  return { address: localAddress ?? any, port: local.port };
}

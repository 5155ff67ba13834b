/** A message as YAML, in dig's form (`+yaml`). */

import type { Edns, EdnsOptionValue } from '../wire/edns.ts';
import { EXPLAIN_OPTION } from '../wire/explanation.ts';
import { classText, EdnsOption, RRType, typeText } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { printData } from './print-data.ts';
import { ednsFlagsText, otherFlagsText } from './print-edns.ts';
import {
  countsOf,
  flagsText,
  opcodeWord,
  rcodeWord,
  titlesOf,
  type Shown,
  type View,
} from './print-message.ts';
import {
  extendedErrorText,
  hexPairs,
  optionName,
  printable,
  printCookie,
  printKnown,
  printOctets,
  utf8Text,
  type CookieVerdict,
} from './print-options.ts';
import { unicodeName, yamlDataStyle } from './print-style.ts';

/** How a message travelled. */
export interface Journey {
  /** ISO 8601. */
  readonly queryTime: string;
  /** Undefined: it is the query. */
  readonly responseTime?: string;
  readonly size: number;
  readonly protocol: 'UDP' | 'TCP';
  readonly server: { readonly address: string; readonly port: number };
  readonly client: { readonly address: string; readonly port: number };
}

export function printYaml(
  message: Message,
  shown: Shown,
  { journey, ...view }: View & { readonly journey: Journey },
): string {
  const isQuery = view.isQuery === true;
  const isRecursive = isQuery ? message.rd : message.rd && message.ra;
  const { server, client, responseTime } = journey;
  return [
    '- type: MESSAGE\n',
    '  message:\n',
    `    type: ${isRecursive ? 'RECURSIVE' : 'AUTH'}_${isQuery ? 'QUERY' : 'RESPONSE'}\n`,
    `    query_time: !!timestamp ${journey.queryTime}\n`,
    responseTime === undefined ? '' : `    response_time: !!timestamp ${responseTime}\n`,
    `    message_size: ${journey.size}b\n`,
    `    socket_family: ${server.address.includes(':') ? 'INET6' : 'INET'}\n`,
    `    socket_protocol: ${journey.protocol}\n`,
    `    response_address: "${yamlAddress(server.address)}"\n`,
    `    response_port: ${server.port}\n`,
    `    query_address: "${yamlAddress(client.address)}"\n`,
    `    query_port: ${client.port}\n`,
    `    ${isQuery ? 'query' : 'response'}_message_data:\n`,
    ...bodyLines(message, shown, view).map((line) => (line === '' ? '\n' : `      ${line}\n`)),
  ].join('');
}

/** YAML takes a colon at the end for the end of a key. */
function yamlAddress(address: string): string {
  return address === '::' ? '::0' : address;
}

function bodyLines(message: Message, shown: Shown, view: View): readonly string[] {
  const titles = titlesOf(message);
  const section = (at: 1 | 2 | 3, isShown: boolean, records: readonly ResourceRecord[]) =>
    isShown
      ? sectionLines(
          titles[at],
          records.map((record) => recordText(record, view)),
        )
      : [];
  return [
    ...(view.isContinued === true ? [] : headerLines(message, view)),
    ...(shown.showsComments && message.edns ? ednsLines(message.edns, view.cookie) : []),
    ...(shown.showsQuestion ? sectionLines(titles[0], questionTexts(message, view)) : []),
    ...section(1, shown.showsAnswer, message.answers),
    ...section(2, shown.showsAuthority, message.authorities),
    ...section(3, shown.showsAdditional, message.additionals),
  ];
}

/** dig shortens one of the names here. */
const COUNT_NAMES: Readonly<Record<string, string>> = { PREREQUISITE: 'PREREQ' };

function headerLines(message: Message, view: View): readonly string[] {
  const counts = countsOf(message, view);
  return [
    `opcode: ${opcodeWord(message.opcode)}`,
    `status: ${rcodeWord(message.rcode)}`,
    `id: ${message.id}`,
    `flags:${flagsText(message)}`,
    ...(message.z ? ['MBZ: 0x4'] : []),
    ...titlesOf(message).map((title, at) => `${COUNT_NAMES[title] ?? title}: ${counts[at]}`),
  ];
}

function ednsLines(edns: Edns, cookie: CookieVerdict | undefined): readonly string[] {
  const others = otherFlagsText(edns);
  return [
    'OPT_PSEUDOSECTION:',
    '  EDNS:',
    ...[
      `version: ${edns.version}`,
      `flags:${ednsFlagsText(edns)}`,
      ...(others === undefined ? [] : [`MBZ: ${others}`]),
      `udp: ${edns.udpPayloadSize}`,
      ...edns.options.flatMap((option) => optionLines(option, cookie)),
    ].map((line) => (line === '' ? '' : `    ${line}`)),
  ];
}

function optionLines(
  { code, data }: EdnsOptionValue,
  cookie: CookieVerdict | undefined,
): readonly string[] {
  if (code === EXPLAIN_OPTION) return [`EXPLAIN: ${data.length} bytes`];
  const name = optionName(code)?.replaceAll(' ', '-') ?? `OPT=${code}`;
  if (code === EdnsOption.EDE && data.length >= 2) return [`${name}:`, ...extendedErrorLines(data)];
  if (code === EdnsOption.CLIENT_SUBNET) {
    const known = printKnown(code, data);
    if (known === undefined) return [`${name}:`, ` ${hexPairs(data)}`];
    return [`${name}: ${known}`];
  }
  const text =
    code === EdnsOption.COOKIE
      ? printCookie(data, cookie)
      : (printKnown(code, data) ?? printOctets(data));
  return [`${name}:${text === '' ? '' : ` ${text}`}`];
}

function extendedErrorLines(data: Uint8Array): readonly string[] {
  const head = `  INFO-CODE: ${extendedErrorText((data[0]! << 8) | data[1]!)}`;
  const extra = data.subarray(2);
  // dig's empty line.
  if (extra.length === 0) return [head, ''];
  const text = utf8Text(extra) ?? undefined;
  const quoted = text === undefined ? `${hexPairs(extra)}"${printable(extra)}"` : `"${text}"`;
  return [head, `  EXTRA-TEXT: ${quoted}`];
}

function sectionLines(title: string, texts: readonly string[]): readonly string[] {
  if (texts.length === 0) return [];
  return [`${title}_SECTION:`, ...texts.map((text) => `  - '${text.replaceAll("'", "''")}'`)];
}

function questionTexts({ questions }: Message, { toUnicode }: View): readonly string[] {
  return questions.map(({ name, class: dnsClass, type }) => {
    return `${unicodeName(name.toString(), toUnicode)} ${classText(dnsClass)} ${typeText(type)}`;
  });
}

function recordText(record: ResourceRecord, view: View): string {
  const { ttl, class: dnsClass, type } = record;
  const data = printData(record, yamlDataStyle(view));
  // YAML takes a colon at the end for the end of a key.
  const isOpen = type === RRType.AAAA && data.endsWith(':');
  const name = unicodeName(record.name.toString(), view.toUnicode);
  return `${name} ${ttl} ${classText(dnsClass)} ${typeText(type)} ${data}${isOpen ? '0' : ''}`;
}

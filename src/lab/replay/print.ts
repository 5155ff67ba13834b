/** Messages in dig's words, for differences and transcripts. */

import {
  classText,
  DnsClass,
  EdnsOption,
  Opcode,
  opcodeText,
  rcodeText,
  typeText,
} from '../../wire/iana.ts';
import type { Message } from '../../wire/message.ts';
import { printHex } from '../../wire/rdata/binary-fields.ts';
import { printRdata } from '../../wire/rdata/rdata.ts';
import type { Question, ResourceRecord } from '../../wire/record.ts';

const FLAGS = ['qr', 'aa', 'tc', 'rd', 'ra', 'ad', 'cd'] as const;

export function printFlags(message: Message): string {
  return FLAGS.filter((flag) => message[flag]).join(' ') || 'none';
}

export function printQuestions({ questions }: Message): string {
  return questions.map(printQuestion).join(', ') || 'none';
}

function printQuestion({ name, type, class: dnsClass }: Question): string {
  const inClass = dnsClass === DnsClass.IN ? '' : `${classText(dnsClass)} `;
  return `${name.toString()} ${inClass}${typeText(type)}`;
}

export function printRecord({ name, type, class: dnsClass, ttl, rdata }: ResourceRecord): string {
  const parts = [
    name.toString(),
    ttl,
    classText(dnsClass),
    typeText(type),
    printRdata(type, rdata),
  ];
  return parts.join(' ');
}

/** What of EDNS: whether it is there, with DO; its options; or everything. */
export function printEdns(part: 'presence' | 'options' | 'all'): (message: Message) => string {
  return ({ edns }) => {
    if (!edns) return 'none';
    const options = edns.options.map(({ code, data }) => `${code}=${printHex(data)}`).join(' ');
    if (part === 'options') return options || 'none';
    const presence = edns.dnssecOk ? 'with DO' : 'without DO';
    if (part === 'presence') return presence;
    return `${presence}, UDP ${edns.udpPayloadSize}, options ${options || 'none'}`;
  };
}

/** One line for the message, then one for each record. */
export function printMessage(message: Message): string[] {
  return [
    printHead(message),
    ...message.answers.map((record) => `  answer      ${printRecord(record)}`),
    ...message.authorities.map((record) => `  authority   ${printRecord(record)}`),
    ...message.additionals.map((record) => `  additional  ${printRecord(record)}`),
  ];
}

function printHead(message: Message): string {
  const { opcode, rcode, qr, edns } = message;
  return [
    printQuestions(message),
    ...(opcode === Opcode.QUERY ? [] : [opcodeText(opcode)]),
    ...(qr ? [rcodeText(rcode)] : []),
    `[${printFlags(message)}]`,
    ...(edns ? ['edns'] : []),
    ...(edns?.dnssecOk === true ? ['do'] : []),
    ...extendedErrors(message).map(({ code, text }) => `ede ${code} ${JSON.stringify(text)}`),
  ].join(' ');
}

/** RFC 8914 §2: a code of two octets and UTF-8 text, which may hold anything. */
export function extendedErrors({
  edns,
}: Message): { readonly code: number; readonly text: string }[] {
  return (edns?.options ?? [])
    .filter(({ code, data }) => code === EdnsOption.EDE && data.length >= 2)
    .map(({ data }) => ({
      code: (data[0]! << 8) | data[1]!,
      text: new TextDecoder().decode(data.subarray(2)),
    }));
}

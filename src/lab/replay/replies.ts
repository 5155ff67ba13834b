/** Entries become octets: queries of the client, and replies adjusted to the query they answer. */

import { encodeMessage } from '../../wire/encode.ts';
import { EdnsOption } from '../../wire/iana.ts';
import type { Message } from '../../wire/message.ts';
import type { Dialect, Entry } from './scenario.ts';

/** EDNS that Deckard's client always sends. */
const DECKARD_UDP_SIZE = 4096;

export interface Packet {
  readonly message: Message;
  readonly octets: Uint8Array;
}

/** What the client sends. */
export function queryOf(entry: Entry, id: number, dialect: Dialect): Packet {
  const { message: scripted, octets } = entry.packets[0]!;
  if (octets) return { message: { ...scripted, id }, octets: withId(octets, id) };
  const message = { ...scripted, id };
  if (dialect === 'testbound') return { message, octets: encodeMessage(message) };
  const plain = { version: 0, dnssecOk: false, flags: 0, options: [] };
  const edns = { ...plain, ...scripted.edns, udpPayloadSize: DECKARD_UDP_SIZE };
  return { message: { ...message, edns }, octets: encodeMessage({ ...message, edns }) };
}

/** What `entry` replies to `query`, packet by packet. */
export function repliesTo(query: Message, entry: Entry, dialect: Dialect): Packet[] {
  return entry.packets.map(({ message: scripted, octets }) => {
    const message = adjust(scripted, { query, entry, dialect });
    return { message, octets: octets ? withId(octets, message.id) : encodeMessage(message) };
  });
}

interface Adjustment {
  readonly query: Message;
  readonly entry: Entry;
  readonly dialect: Dialect;
}

function adjust(scripted: Message, { query, entry, dialect }: Adjustment): Message {
  // testbound hands its packets to the resolver behind the place where ids are compared.
  const copiesId = dialect === 'testbound' || entry.adjust.has('copy_id');
  const id = copiesId ? query.id : scripted.id;
  const copiesQuery = entry.adjust.has('copy_query');
  const questions = copiesQuery ? query.questions : withCaseOf(query, scripted);
  const reply = { ...scripted, id, questions };
  // Deckard's servers speak the EDNS that they are spoken to.
  if (dialect === 'deckard' && query.edns) {
    const { udpPayloadSize, dnssecOk } = query.edns;
    const plain = { udpPayloadSize, version: 0, dnssecOk, flags: 0, options: [] };
    return { ...reply, edns: scripted.edns ?? plain };
  }
  return entry.adjust.has('copy_ednsdata_assume_clientsubnet') ? withSubnet(reply, query) : reply;
}

/** The letters of a question may be the resolver's proof that the reply is no forgery (0x20). */
function withCaseOf(query: Message, { questions }: Message): Message['questions'] {
  const asked = query.questions[0]?.name;
  return questions.map((one) => (asked?.equals(one.name) === true ? { ...one, name: asked } : one));
}

/** RFC 7871 §7.2.1: the query's subnet, with its source prefix as the scope. */
function withSubnet(reply: Message, query: Message): Message {
  const subnet = query.edns?.options.find(({ code }) => code === EdnsOption.CLIENT_SUBNET);
  if (!subnet || !query.edns || subnet.data.length < 4) return reply;
  const data = new Uint8Array(subnet.data);
  data[3] = data[2]!;
  return { ...reply, edns: { ...query.edns, options: [{ code: subnet.code, data }] } };
}

function withId(octets: Uint8Array, id: number): Uint8Array {
  const copy = new Uint8Array(octets);
  if (copy.length >= 2) copy.set([id >> 8, id & 0xff]);
  return copy;
}

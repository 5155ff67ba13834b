/** The packets of a run and what came of the questions, in order, for people. */
import type { PacketRecord } from '../../src/sim/packet.ts';
import type { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { rcodeText, typeText } from '../../src/wire/iana.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';

interface Note {
  readonly atMs: number;
  readonly text: string;
}

export function transcribe(world: World, notes: readonly Note[]): string {
  const lines = [
    ...world.packets
      .filter(({ kind }) => kind === 'datagram' || kind === 'data' || kind === 'syn')
      .map((packet) => ({ atMs: packet.sentAtMs, text: `    ${describePacket(packet)}` })),
    ...notes.map(({ atMs, text }) => ({ atMs, text: `=== ${text}` })),
  ];
  return lines
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, text }) => `${atMs.toFixed(1).padStart(10)} ${text}`)
    .join('\n');
}

function describePacket({ transport, kind, from, to, bytes, fate }: PacketRecord): string {
  const way = `${from.address}:${from.port} > ${to.address}:${to.port} ${transport}`;
  const end = fate.kind === 'dropped' ? ` (${fate.reason})` : '';
  if (kind === 'syn') return `${way} connects${end}`;
  const decoded = decodeMessage(transport === 'tcp' ? bytes.subarray(2) : bytes);
  if (!decoded.ok) return `${way} ${bytes.length} octets${end}`;
  const { qr, aa, tc, id, rcode, questions, answers, authorities, additionals } = decoded.value;
  const question = questions[0];
  const asked = question ? `${question.name.toString()} ${typeText(question.type)}` : 'nothing';
  if (!qr) return `${way} ${id} ${asked}?${end}`;
  const flags = `${aa ? ' aa' : ''}${tc ? ' tc' : ''}`;
  const sections = [answers, authorities, additionals].map(describeRecords).join(' / ');
  return `${way} ${id} ${asked}: ${rcodeText(rcode)}${flags} ${sections}${end}`;
}

function describeRecords(records: readonly ResourceRecord[]): string {
  const shown = records.slice(0, 4).map(({ name, type }) => `${name.toString()} ${typeText(type)}`);
  return records.length > 4 ? `${shown.join(', ')} …` : shown.join(', ');
}

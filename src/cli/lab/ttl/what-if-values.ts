/** Values of `ts-dns lab what-if`: times, and another TTL for what is asked. */

import { parseDuration, type Duration } from '../../../lab/experiment/duration.ts';
import type { TtlScenario } from '../../../lab/ttl/scenario.ts';
import { withTtl } from '../../../lab/ttl/zone-edit.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import { typeText } from '../../../wire/iana.ts';
import type { Question } from '../../../wire/record.ts';
import type { Zone } from '../../../zone/zone.ts';
import { UsageError } from '../usage-error.ts';
import type { CacheDump } from './cache-dump.ts';

const MAX_TTL = 2 ** 31 - 1;

/** 'T+3h', '+3h' or '3h', in milliseconds. */
export function timeOf(option: string, text: string): number {
  try {
    return parseDuration(text.replace(/^T?\+/, '') as Duration) / NS_PER_MS;
  } catch {
    throw new UsageError(`${option}: expected a time such as T+3h or 90s, got '${text}'`);
  }
}

interface WithDump {
  readonly scenario: TtlScenario;
  readonly dump: CacheDump | undefined;
}

/** As if what is asked for had had this TTL all along; as it is where `ttl` is undefined. */
export function withTtlOf(
  { scenario, dump }: WithDump,
  { questions, ttl }: { readonly questions: readonly Question[]; readonly ttl: string | undefined },
): WithDump {
  if (ttl === undefined) return { scenario, dump };
  const seconds = Number(ttl);
  if (!/^\d+$/.test(ttl) || seconds > MAX_TTL) {
    throw new UsageError(`--ttl: expected seconds from 0 to ${MAX_TTL}, got '${ttl}'`);
  }
  const zones = scenario.servers.flatMap((server) => server.zones);
  const before = new Map(questions.map((one) => [one, ttlBefore(one, zones)] as const));
  for (const [{ name, type }, found] of before) {
    if (found !== undefined) continue;
    const record = `${name.toString()} ${typeText(type)}`;
    const advice = dump ? ': --zone says which TTL it has' : '';
    throw new UsageError(`--ttl: no zone has the record ${record}${advice}`);
  }
  const edited = (zone: Zone): Zone =>
    questions.reduce((next, question) => withTtl(next, question, seconds), zone);
  return {
    scenario: {
      ...scenario,
      servers: scenario.servers.map((one) => ({ ...one, zones: one.zones.map(edited) })),
      events: scenario.events.map((event) =>
        event.kind === 'zone' ? { ...event, zone: edited(event.zone) } : event,
      ),
    },
    dump: dump?.withExpiries((question, wasMs) => {
      const known = [...before].find(
        ([{ name, type }]) => type === question.type && name.equals(question.name),
      );
      if (known?.[1] === undefined) return wasMs;
      // Fetched when it was; and no record has more left than its whole TTL.
      return Math.min(wasMs + (seconds - known[1]) * 1000, dump.writtenMs + seconds * 1000);
    }),
  };
}

function ttlBefore({ name, type }: Question, zones: readonly Zone[]): number | undefined {
  return zones.map((zone) => zone.rrset(name, type)?.ttl).find((found) => found !== undefined);
}

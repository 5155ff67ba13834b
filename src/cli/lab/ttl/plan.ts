/** `ts-dns lab plan`: the timetable of a change between two versions of a zone, and its proof. */

import { RRType, typeText } from '../../../wire/iana.ts';
import { planChange, type ChangePlan } from '../../../lab/ttl/plan.ts';
import {
  type PlanProof,
  proveImpatience,
  provePlan,
  questionsOf,
} from '../../../lab/ttl/prove-plan.ts';
import type { Zone } from '../../../zone/zone.ts';
import { readZone } from '../../zone-files.ts';
import { UsageError } from '../usage-error.ts';

export interface PlanCommandOptions {
  readonly old: string;
  readonly new: string;
  readonly parent?: string;
  readonly lowTtl: string;
  readonly json?: boolean;
}

/** Exit status: 0, or 1 when the plan misled somebody whose cache keeps to the TTLs. */
export async function runPlanCommand(options: PlanCommandOptions): Promise<number> {
  const before = await readZone({ file: options.old, origin: undefined });
  const after = await readZone({ file: options.new, origin: undefined });
  if (!before.origin.equals(after.origin)) {
    const origins = [before, after].map(({ origin }) => origin.toString());
    throw new UsageError(`--old is the zone ${origins[0]}, --new is ${origins[1]}`);
  }
  const parentTtlSeconds = await parentTtl(options.parent, before);
  const plan = planChange(before, after, {
    lowTtlSeconds: lowTtlOf(options.lowTtl),
    ...(parentTtlSeconds !== undefined && { parentTtlSeconds }),
  });
  if (!plan) {
    process.stdout.write('The two zones say the same: nothing to plan.\n');
    return 0;
  }
  const isProvable = questionsOf(plan, before).length > 0;
  const planned = isProvable ? await provePlan(before, plan) : [];
  const impatient = isProvable ? await proveImpatience(before, after, plan) : [];
  if (options.json === true) process.stdout.write(`${jsonOf(plan, planned, impatient)}\n`);
  else process.stdout.write(`${textOf(plan, planned, impatient)}\n`);
  return planned.some(isBroken) ? 1 : 0;
}

/** A cache that lengthens TTLs breaks any plan; that is shown, and is not the plan's fault. */
function isBroken({ cache, misled, failed }: PlanProof): boolean {
  return misled + failed > 0 && cache !== LENGTHENING;
}

const LENGTHENING = 'keeps all for five minutes';

function lowTtlOf(text: string): number {
  const low = Number(text);
  if (Number.isInteger(low) && low >= 0 && low <= 86_400) return low;
  throw new UsageError(`--low-ttl: expected seconds from 0 to 86400, got '${text}'`);
}

async function parentTtl(file: string | undefined, child: Zone): Promise<number | undefined> {
  if (file === undefined) return undefined;
  const parent = await readZone({ file, origin: undefined });
  const delegation = parent.rrset(child.origin, RRType.NS);
  if (delegation) return delegation.ttl;
  throw new UsageError(`--parent: ${file} does not delegate ${child.origin.toString()}`);
}

function jsonOf(
  plan: ChangePlan,
  planned: readonly PlanProof[],
  impatient: readonly PlanProof[],
): string {
  const steps = plan.steps.map(({ atSeconds, text }) => ({ atSeconds, text }));
  const { movesNameServers, safeAfterSeconds } = plan;
  return JSON.stringify({ steps, movesNameServers, safeAfterSeconds, planned, impatient });
}

function textOf(
  plan: ChangePlan,
  planned: readonly PlanProof[],
  impatient: readonly PlanProof[],
): string {
  const changes = plan.changed.map(({ before, after }) => {
    const { name, type } = (before ?? after)!;
    const what = before ? `TTL ${before.ttl}${after ? '' : ', goes'}` : 'new';
    return `  ${name.toString()} ${typeText(type)} (${what})`;
  });
  const steps = plan.steps.map(({ atSeconds, text }) => `  T + ${clock(atSeconds)}  ${text}`);
  const proof = [
    '',
    'Played with the real resolver: clients told old data, or nothing, after the old service ' +
      'was off',
    ...table(planned, impatient),
  ];
  const unproven = ['', 'Clients see none of it, so there is nothing to play.'];
  return [
    'What changes',
    ...changes,
    '',
    'Timetable',
    ...steps,
    ...(planned.length > 0 ? proof : unproven),
  ].join('\n');
}

function table(planned: readonly PlanProof[], impatient: readonly PlanProof[]): readonly string[] {
  const width = Math.max(...planned.map(({ cache }) => cache.length));
  const head = `  ${'the cache'.padEnd(width)}  ${'by the plan'.padStart(16)}  at once`;
  const rows = planned.map((one, index) => {
    const other = impatient[index];
    const lasts =
      other && other.misled + other.failed > 0 ? `, for ${clock(other.lastAfterSeconds)}` : '';
    const careful = misledText(one).padStart(16);
    return `  ${one.cache.padEnd(width)}  ${careful}  ${misledText(other)}${lasts}`;
  });
  return [head, ...rows];
}

function misledText(proof: PlanProof | undefined): string {
  if (!proof || proof.misled + proof.failed === 0) return 'none';
  const { misled, failed, answers } = proof;
  const counts = [
    ...(misled > 0 ? [`${misled} old`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return `${counts.join(', ')} of ${answers}`;
}

/** '26:03:20', hours as many as it takes. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

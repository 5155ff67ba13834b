/**
 * A scenario out of one zone file and one name: what an operator wants to know before changing a
 * TTL. Written as files, so that it can be read, changed and run again.
 */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { RRType, typeText } from '../../../wire/iana.ts';
import type { Question } from '../../../wire/record.ts';
import { printZone } from '../../../zone/print.ts';
import type { Zone } from '../../../zone/zone.ts';
import type { Costs } from '../../../lab/ttl/scenario.ts';
import { replaceRRsets } from '../../../lab/ttl/zone-edit.ts';
import { LAB_ROOT_ADDRESS, rootTextAbove } from '../../../lab/ttl/zone-text.ts';
import { CommandError, failureReason } from '../../failure.ts';
import { UsageError } from '../usage-error.ts';
import { questionOf } from './questions.ts';

export interface QuickScenario {
  readonly zone: Zone;
  /** NAME or 'NAME TYPE'. */
  readonly name: string;
  /** As they were written, with units: '5/s', '1/day'. */
  readonly rate: string;
  readonly change: string | undefined;
  readonly ttls: readonly number[];
  readonly duration: string;
  readonly seed: string;
  readonly costs: Costs | undefined;
}

const SERVER_ADDRESS = '192.0.2.53';
/** Stands in the printed zone where the variable is to be: no zone has it by chance. */
const PLACEHOLDER_TTL = 1_987_654_321;

/** Returns the scenario file, in `folder`, which is made. */
export function writeQuickScenario(quick: QuickScenario, folder: string): string {
  const question = questionOf(quick.name);
  if (typeof question === 'string') throw new UsageError(`--name: ${question}`);
  const { zone } = quick;
  const rrset = zone.rrset(question.name, question.type);
  if (!rrset) {
    const name = `${question.name.toString()} ${typeText(question.type)}`;
    throw new UsageError(`--name: ${zone.origin.toString()} has no record ${name}`);
  }
  const text = scenarioText(quick, question);
  makeFolder(folder);
  const file = join(folder, 'scenario.yaml');
  const marked = replaceRRsets(zone, [{ ...rrset, ttl: PLACEHOLDER_TTL }]);
  const zoneText = printZone(marked).replaceAll(String(PLACEHOLDER_TTL), '${ttl}');
  writeFileSync(join(folder, 'domain.zone'), zoneText);
  writeFileSync(join(folder, 'root.zone'), rootTextAbove(zone.origin, SERVER_ADDRESS));
  writeFileSync(file, text);
  return file;
}

/** Step by step: Node's own way of making folders and theirs never ends where none can be made. */
function makeFolder(folder: string): void {
  const parent = dirname(resolve(folder));
  if (!existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    throw new CommandError(`cannot write ${folder}: ${failureReason(error)}`, { cause: error });
  }
}

function scenarioText(quick: QuickScenario, question: Question): string {
  const { zone, rate, change, ttls, duration, seed } = quick;
  const name = `${question.name.toString()} ${typeText(question.type)}`;
  const canChange = question.type === RRType.A;
  if (change !== undefined && !canChange) {
    throw new UsageError('--change gives new IPv4 addresses: the record must be of type A');
  }
  return `# What the TTL of ${name} costs: ts-dns lab ttl ${basename('scenario.yaml')}
lab: ttl/v1
name: ttl of ${question.name.toString()}
seed: ${seed}
duration: ${duration}
vars: { ttl: ${ttls[0] ?? 300} }
nodes:
  root: { role: auth, zones: { '.': root.zone }, address: ${LAB_ROOT_ADDRESS} }
  domain:
    role: primary
    zones: { '${zone.origin.toString()}': domain.zone }
    address: ${SERVER_ADDRESS}
  resolver: { role: resolver, hints: root }
  clients: { role: client, count: 20, resolver: resolver }
links:
  - { between: [resolver, root], delay: 20ms }
  - { between: [resolver, domain], delay: 20ms }
  - { between: [clients, resolver], delay: 1ms }
workload:
  - { from: clients, q: '${name}', arrivals: { poisson: ${rate} } }
${churnText(name, change)}${costsText(quick.costs)}sweep:
  ttl: [${ttls.join(', ')}]
`;
}

function churnText(name: string, change: string | undefined): string {
  if (change === undefined) return '';
  return `events:\n  - { churn: { name: '${name}', rate: ${change} } }\n`;
}

function costsText(costs: Costs | undefined): string {
  return costs === undefined ? '' : `costs: { query: ${costs.query}, stale: ${costs.stale} }\n`;
}

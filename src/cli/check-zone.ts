/** `ts-dns check-zone`: what is wrong with master files, all of it, with places and carets. */

import type { DnsName } from '../wire/name.ts';
import { checkZone, type ZoneReport } from '../zone/check/check-zone.ts';
import { formatProblem, type ZoneProblem } from '../zone/problem.ts';
import { CommandError } from './failure.ts';
import { writeOutput } from './output.ts';
import { countOf, problemsAsJson } from './problem-output.ts';
import { masterFileOptions, readOctets } from './zone-files.ts';

export interface CheckZoneOptions {
  /** Undefined: each file says it itself. */
  readonly origin: DnsName | undefined;
  /** One JSON array of all problems instead of text. */
  readonly json?: boolean;
}

/** Exit status: 0 when every file is a zone without errors, 1 when one is not. */
export async function checkZones(
  files: readonly string[],
  options: CheckZoneOptions,
): Promise<number> {
  let status = 0;
  const problems: ZoneProblem[] = [];
  for (const file of files) {
    const report = await reportOn(file, options.origin);
    if (report === undefined || report.errors.length > 0) status = 1;
    if (report === undefined) continue;
    problems.push(...report.errors, ...report.warnings);
    if (options.json !== true) await writeOutput([textOf(file, report)]);
  }
  if (options.json === true) await writeOutput([problemsAsJson(problems)]);
  return status;
}

/** Undefined when the file cannot be read, which has been said. */
async function reportOn(
  file: string,
  origin: DnsName | undefined,
): Promise<ZoneReport | undefined> {
  try {
    const octets = await readOctets(file);
    return checkZone(octets, masterFileOptions({ file, origin }));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`ts-dns: ${error.message}\n`);
    return undefined;
  }
}

function textOf(file: string, { zone, errors, warnings }: ZoneReport): string {
  const lines = [...errors, ...warnings].map(formatProblem);
  if (errors.length === 0 && zone !== undefined) {
    const { serial, recordCount } = zone;
    const name = zone.origin.toString();
    lines.push(`${file}: zone ${name}, serial ${serial}, ${recordCount} records: ok`);
  } else {
    lines.push(`${file}: ${countOf(errors, 'error')}, ${countOf(warnings, 'warning')}`);
  }
  return `${lines.join('\n')}\n`;
}

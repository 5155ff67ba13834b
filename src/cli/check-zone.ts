/** `ts-dns check-zone`: what is wrong with master files, all of it, with places and carets. */

import type { DnsName } from '../wire/name.ts';
import { formatProblem } from '../zone/problem.ts';
import { loadZone } from '../zone/zone.ts';
import { CommandError } from './failure.ts';
import { readOctets } from './zone-files.ts';

/** Exit status: 0 when every file is a zone, 1 when one is not. */
export async function checkZones(
  files: readonly string[],
  origin: DnsName | undefined,
): Promise<number> {
  let status = 0;
  for (const file of files) status = Math.max(status, await checkZone(file, origin));
  return status;
}

async function checkZone(file: string, origin: DnsName | undefined): Promise<number> {
  try {
    const octets = await readOctets(file);
    const loaded = loadZone(octets, origin ? { file, origin } : { file });
    const problems = loaded.ok ? loaded.value.warnings : loaded.error;
    for (const problem of problems) process.stdout.write(`${formatProblem(problem)}\n`);
    if (!loaded.ok) return 1;
    const { value: zone } = loaded;
    const name = zone.origin.toString();
    process.stdout.write(
      `${file}: zone ${name}, serial ${zone.serial}, ${zone.recordCount} records: ok\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`ts-dns: ${error.message}\n`);
    return 1;
  }
}

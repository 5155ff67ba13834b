/** `ts-dns print-zone`: a zone as a master file, aligned for people or canonical for comparing. */

import type { DnsName } from '../wire/name.ts';
import { zoneText } from '../zone/print.ts';
import { writeOutput } from './output.ts';
import { readZone } from './zone-files.ts';

export interface PrintZoneOptions {
  /** Undefined: the file says it itself. */
  readonly origin: DnsName | undefined;
  readonly canonical?: boolean;
}

/** Throws `CommandError` when the file is no zone. */
export async function printZoneFile(file: string, options: PrintZoneOptions): Promise<number> {
  const zone = await readZone({ file, origin: options.origin });
  await writeOutput(zoneText(zone, options.canonical === true ? 'canonical' : 'aligned'));
  return 0;
}

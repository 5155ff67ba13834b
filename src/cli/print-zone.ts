/** `ts-dns print-zone`: a zone as a master file, aligned for people or canonical for comparing. */

import { once } from 'node:events';
import type { DnsName } from '../wire/name.ts';
import { zoneText } from '../zone/print.ts';
import { readZone } from './zone-files.ts';

export interface PrintZoneOptions {
  /** Undefined: the file says it itself. */
  readonly origin: DnsName | undefined;
  readonly canonical?: boolean;
}

/** Throws `CommandError` when the file is no zone. */
export async function printZoneFile(file: string, options: PrintZoneOptions): Promise<number> {
  const zone = await readZone({ file, origin: options.origin });
  const style = options.canonical === true ? 'canonical' : 'aligned';
  for (const text of zoneText(zone, style)) {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  }
  return 0;
}

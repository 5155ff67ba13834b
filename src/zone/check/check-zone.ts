/**
 * Everything that is wrong or odd with a zone, for the people who write it: the errors of
 * `loadZone`, and what named-checkzone, kzonecheck and nsd-checkzone look for beyond. An error is
 * what `loadZone` refuses or at least two of the three do; the rest are warnings.
 *
 * Not here: signatures and denial of existence; servers and zones elsewhere.
 */

import { RRType } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import { readMasterFile, type MasterFileOptions } from '../master-file.ts';
import { ProblemLog, type ZoneProblem } from '../problem.ts';
import { loadZone, type Zone } from '../zone.ts';
import { checkAliases } from './aliases.ts';
import { checkDelegations } from './delegations.ts';
import { checkDigests } from './digests.ts';
import { checkOwners } from './owners.ts';
import { Report, type CheckContext } from './report.ts';
import { checkRRsets } from './rrsets.ts';
import { checkStartOfAuthority } from './start-of-authority.ts';
import { checkTargets } from './targets.ts';
import { ZoneIndex } from './zone-index.ts';

export interface ZoneReport {
  /** Undefined when the file is no zone that could be served. */
  readonly zone: Zone | undefined;
  readonly errors: readonly ZoneProblem[];
  readonly warnings: readonly ZoneProblem[];
}

export function checkZone(octets: Uint8Array, options: MasterFileOptions): ZoneReport {
  const loaded = loadZone(octets, options);
  const log = new ProblemLog(options.file, octets);
  let origin = options.origin;
  const noteOrigin = (name: DnsName, type: number): void => {
    if (type === RRType.SOA) origin ??= name;
  };
  const records = readMasterFile(octets, log, { ...options, lose: noteOrigin });
  for (const { name, type } of records) noteOrigin(name, type);
  if (origin !== undefined) {
    const index = new ZoneIndex(records, origin);
    const context = { index, report: new Report(log), isComplete: !log.hasErrors };
    for (const check of CHECKS) check(context);
  }
  const errors = loaded.ok ? log.errors : union(loaded.error, log.errors);
  return { zone: loaded.ok ? loaded.value : undefined, errors, warnings: log.warnings };
}

const CHECKS: readonly ((context: CheckContext) => void)[] = [
  checkStartOfAuthority,
  checkOwners,
  checkRRsets,
  checkDigests,
  checkDelegations,
  checkTargets,
  checkAliases,
];

/** Both lists begin with the errors of reading. */
function union(
  some: readonly ZoneProblem[],
  others: readonly ZoneProblem[],
): readonly ZoneProblem[] {
  const keyOf = ({ file, line, column, message }: ZoneProblem): string =>
    [file, line, column, message].join('\n');
  const known = new Set(some.map(keyOf));
  return [...some, ...others.filter((problem) => !known.has(keyOf(problem)))];
}

/** Records of one name and type among one another: repeated, or with other TTLs (RFC 2181 §5). */

import { RRType, typeText } from '../../wire/iana.ts';
import { namesIn } from '../../wire/rdata/rdata.ts';
import { canonicalRdata } from '../canonical-rdata.ts';
import type { LocatedRecord } from '../master-file.ts';
import { fieldOf, targetFieldOf, type CheckContext, type Report } from './report.ts';

export function checkRRsets({ index, report }: CheckContext): void {
  for (const { types } of index.names()) {
    for (const [type, records] of types) {
      if (records.length < 2) continue;
      checkTtls(records, report);
      checkRepetitions(records, report);
      if (type === RRType.MX) checkNullMx(records, report);
    }
  }
}

function checkTtls(records: readonly LocatedRecord[], report: Report): void {
  const [first, ...others] = records;
  // RFC 4034 §3: a signature has the TTL of the RRset that it covers.
  if (first === undefined || first.type === RRType.RRSIG) return;
  const least = Math.min(...distinct(records));
  for (const record of others) {
    if (record.ttl === first.ttl) continue;
    const rrset = `the ${typeText(first.type)} records of ${first.name.toString()}`;
    const message = `TTL ${record.ttl} differs from TTL ${first.ttl} of ${rrset} before`;
    report.warning(fieldOf(record, 'ttl'), 'ttl-mismatch', `${message}; ${least} counts for all`);
  }
}

function distinct(records: readonly LocatedRecord[]): ReadonlySet<number> {
  return new Set(records.map(({ ttl }) => ttl));
}

function checkRepetitions(records: readonly LocatedRecord[], report: Report): void {
  const seen = new Set<string>();
  for (const record of records) {
    const key = Buffer.from(canonicalRdata(record.type, record.rdata)).toString('latin1');
    if (seen.has(key)) {
      const what = `${typeText(record.type)} record of ${record.name.toString()}`;
      report.warning(record, 'duplicate-record', `the same ${what} stands in the file before`);
    }
    seen.add(key);
  }
}

/** RFC 7505 §3: a domain that takes no mail has no other MX. */
function checkNullMx(records: readonly LocatedRecord[], report: Report): void {
  const isNull = ({ rdata }: LocatedRecord): boolean =>
    namesIn(RRType.MX, rdata)[0]?.isRoot === true;
  const nulls = records.filter(isNull);
  if (nulls.length === records.length) return;
  for (const record of nulls) {
    const message = `'MX 0 .' says that ${record.name.toString()} takes no mail`;
    report.warning(
      targetFieldOf(record),
      'null-mx-and-others',
      `${message}, other MX that it does`,
    );
  }
}

/** The numbers of the SOA record (RFC 1035 §3.3.13, RFC 1912 §2.2, RFC 2308 §5). */

import { RRType } from '../../wire/iana.ts';
import { namesIn } from '../../wire/rdata/rdata.ts';
import { readU32 } from '../../wire/rdata/field.ts';
import { fieldOf, type CheckContext } from './report.ts';

const soaAdvice = {
  /** RFC 2308 §5: "values of one to three hours … more than one day" have been problematic. */
  longestMinimumSeconds: 86_400,
} as const;

/** Fields of the record data. */
const SERVER = 0;
const SERIAL = 2;
const REFRESH = 3;
const RETRY = 4;
const EXPIRE = 5;
const MINIMUM = 6;

export function checkStartOfAuthority({ index, report }: CheckContext): void {
  const [soa] = index.recordsAt(index.origin, RRType.SOA);
  if (soa === undefined) return;
  const numbersAt = soa.rdata.length - 20;
  const at = (field: number): number => readU32(soa.rdata, numbersAt + 4 * field);
  const [serial, refresh, retry, expire, minimum] = [at(0), at(1), at(2), at(3), at(4)] as const;
  if (serial === 0) {
    report.warning(
      fieldOf(soa, SERIAL),
      'soa-serial-zero',
      'the serial is 0, which some secondaries mistake',
    );
  }
  if (refresh === 0 || retry === 0) {
    const message = 'with a refresh or retry interval of 0 secondaries ask without pause';
    report.warning(fieldOf(soa, refresh === 0 ? REFRESH : RETRY), 'soa-interval-zero', message);
  }
  if (retry > refresh) {
    const message = `the retry interval ${retry} is longer than the refresh interval ${refresh}`;
    report.warning(fieldOf(soa, RETRY), 'soa-retry-above-refresh', message);
  }
  if (refresh > expire) {
    const message = `the zone expires (${expire} s) before it is refreshed (${refresh} s)`;
    report.warning(fieldOf(soa, EXPIRE), 'soa-refresh-above-expire', message);
  } else if (refresh + retry > expire) {
    const next = `${refresh} + ${retry} s`;
    const message = `the zone expires (${expire} s) when one refresh fails (${next})`;
    report.warning(fieldOf(soa, EXPIRE), 'soa-expire-short', message);
  }
  const longest = soaAdvice.longestMinimumSeconds;
  if (Math.min(minimum, soa.ttl) > longest) {
    const message = `negative answers are kept for ${Math.min(minimum, soa.ttl)} s, over a day`;
    report.warning(fieldOf(soa, MINIMUM), 'soa-minimum-long', message);
  }
  const [server] = namesIn(RRType.SOA, soa.rdata);
  if (server && !server.isRoot && index.recordsAt(server, RRType.CNAME).length > 0) {
    report.warning(
      fieldOf(soa, SERVER),
      'soa-server-is-alias',
      `the primary ${server.toString()} is an alias`,
    );
  }
}

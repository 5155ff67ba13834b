/**
 * Digests whose length is not that of their kind. Nobody will ever find them right, but only BIND
 * refuses them. Those of DS records never come here: they are no rdata (`keyDigest`).
 */

import { RRType, typeText } from '../../wire/iana.ts';
import { DIGEST_OCTETS } from '../../wire/rdata/key-fields.ts';
import { fieldOf, type CheckContext } from './report.ts';

export function checkDigests({ index, report }: CheckContext): void {
  for (const [type, { kindAt, digestAt, digestField, octets, least = 0 }] of DIGESTS) {
    for (const record of index.ofType(type)) {
      const { rdata } = record;
      const length = octets.get(rdata[kindAt]!);
      const found = rdata.length - digestAt;
      if (length === undefined ? found >= least : found === length) continue;
      const expected = length === undefined ? `at least ${least}` : String(length);
      const what = `the ${typeText(type)} record of ${record.name.toString()}`;
      const message = `${what} has a digest of ${found} octets, not of ${expected}`;
      report.warning(fieldOf(record, digestField), 'digest-length', message);
    }
  }
}

interface DigestForm {
  /** Offsets into the rdata. */
  readonly kindAt: number;
  readonly digestAt: number;
  /** Counted from the first of the record data, 0. */
  readonly digestField: number;
  /** By kind; others may have any length from `least`. */
  readonly octets: ReadonlyMap<number, number>;
  readonly least?: number;
}

const DIGESTS: ReadonlyMap<number, DigestForm> = new Map([
  [RRType.CDS, { kindAt: 3, digestAt: 4, digestField: 3, octets: DIGEST_OCTETS }],
  // RFC 4255 §3.1.2, RFC 6594 §3.
  [
    RRType.SSHFP,
    {
      kindAt: 1,
      digestAt: 2,
      digestField: 2,
      octets: new Map([
        [1, 20],
        [2, 32],
      ]),
    },
  ],
  // RFC 8976 §2.2.4, §5.3.
  [
    RRType.ZONEMD,
    {
      kindAt: 5,
      digestAt: 6,
      digestField: 3,
      octets: new Map([
        [1, 48],
        [2, 64],
      ]),
      least: 12,
    },
  ],
]);

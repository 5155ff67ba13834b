import { RRType } from '../wire/iana.ts';

/** Types whose data have their form in class IN only. */
export const CLASS_BOUND: ReadonlySet<number> = new Set([
  RRType.A,
  RRType.AAAA,
  RRType.SRV,
  RRType.NAPTR,
  RRType.KX,
  RRType.PX,
  RRType.SVCB,
  RRType.HTTPS,
]);

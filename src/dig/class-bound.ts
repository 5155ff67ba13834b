/** Types whose data have a form in one class only. */

import { RRType } from '../wire/iana.ts';

/** In class IN. */
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
